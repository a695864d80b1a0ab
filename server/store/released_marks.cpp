#include "store/released_marks.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <ranges>
#include <sstream>

#include "base/crash_points.hpp"

namespace foorumi::store {
namespace {

constexpr std::string_view heading = "foorumi-released 1";
constexpr std::string_view ending = "end";  // else a part of it is missing

// Newest first; position 0: there is none.
bool read_entries(std::istringstream& words, FeedTrace& entries) {
    std::vector<FeedMark> found;
    while (!(words >> std::ws).eof()) {
        FeedMark entry;
        words >> entry.first >> entry.second;
        if (words.fail()) return false;
        found.push_back(entry);
    }
    for (const auto& one : found | std::views::reverse) {
        if (one.first > 0) entries.note(one);
    }
    return !found.empty();
}

}  // namespace

ReleasedMarks::ReleasedMarks(std::string path, std::string installation, std::uint16_t partitions)
    : path_(std::move(path)), installation_(std::move(installation)), remembered_(partitions) {
    if (!path_.empty()) read();
    marks_ = remembered_;
}

void ReleasedMarks::read() {
    std::ifstream file(path_);
    if (!file) return;
    std::string first, installation, line;
    std::getline(file, first);
    std::getline(file, installation);
    if (first == heading && installation != installation_) return;
    std::vector<std::optional<ReleasedMark>> found(remembered_.size());
    std::size_t partition = 0;
    bool good = first == heading, whole = false;
    while (good && !whole && std::getline(file, line)) {
        whole = line == ending;
        if (whole) break;
        ReleasedMark mark;
        std::istringstream words(line);
        words >> partition >> mark.epoch;
        good = !words.fail() && partition < found.size() && read_entries(words, mark.entries);
        if (good) found[partition] = mark;
    }
    if (whole)
        remembered_ = std::move(found);
    else
        spdlog::warn("{} cannot be read; whether Redis has come back with less than was released is not known", path_);
}

void ReleasedMarks::note(std::uint16_t partition, const ReleasedMark& mark) {
    const std::lock_guard lock(mutex_);
    auto& noted = marks_.at(partition);
    if (noted == mark) return;
    noted = mark;
    changed_ = true;
}

std::string ReleasedMarks::text(const std::vector<std::optional<ReleasedMark>>& marks) const {
    auto text = fmt::format("{}\n{}\n", heading, installation_);
    for (std::size_t partition = 0; partition < marks.size(); ++partition) {
        const auto& mark = marks[partition];
        if (!mark) continue;
        fmt::format_to(std::back_inserter(text), "{} {}", partition, mark->epoch);
        for (const auto& entry : mark->entries.marks() | std::views::reverse)
            fmt::format_to(std::back_inserter(text), " {} {}", entry.first, entry.second);
        text += mark->entries.empty() ? " 0 0\n" : "\n";
    }
    fmt::format_to(std::back_inserter(text), "{}\n", ending);
    return text;
}

// Nobody who releases waits for the file.
void ReleasedMarks::write() {
    const std::lock_guard writing(writing_);
    std::vector<std::optional<ReleasedMark>> marks;
    {
        const std::lock_guard lock(mutex_);
        if (path_.empty() || !std::exchange(changed_, false)) return;
        marks = marks_;
    }
    const bool good = replace(text(marks));
    if (!good && !failed_) spdlog::error("{} cannot be written", path_);
    failed_ = !good;
    if (good) return;
    const std::lock_guard lock(mutex_);
    changed_ = true;
}

bool ReleasedMarks::replace(const std::string& text) const {
    const auto part = path_ + ".part";
    std::ofstream file(part, std::ios::trunc);
    file << text;
    file.close();
    FOORUMI_CRASH_POINT(marks_half_written);
    std::error_code error;
    if (file) std::filesystem::rename(part, path_, error);
    return file && !error;
}

}  // namespace foorumi::store
