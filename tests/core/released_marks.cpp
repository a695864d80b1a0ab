// Stands in for server/store/released_marks.cpp: its files are in memory.
#include "store/released_marks.hpp"

#include "core/world.hpp"

namespace foorumi::store {

using Marks = std::vector<std::optional<ReleasedMark>>;

ReleasedMarks::ReleasedMarks(std::string path, std::string installation, std::uint16_t partitions)
    : path_(std::move(path)), installation_(std::move(installation)), remembered_(partitions) {
    read();
    marks_ = remembered_;
}

void ReleasedMarks::read() {
    const auto& files = core::World::current().files;
    const auto found = files.find(path_);
    if (found != files.end()) remembered_ = std::any_cast<const Marks&>(found->second);
}

void ReleasedMarks::note(std::uint16_t partition, const ReleasedMark& mark) {
    changed_ = changed_ || marks_.at(partition) != mark;
    marks_.at(partition) = mark;
}

void ReleasedMarks::write() {
    if (std::exchange(changed_, false)) core::World::current().files[path_] = marks_;
}

}  // namespace foorumi::store
