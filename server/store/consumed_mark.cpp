#include "store/consumed_mark.hpp"

#include <algorithm>

#include "base/crash_points.hpp"
#include "store/scripts.hpp"

namespace foorumi::store {
namespace {

constexpr std::chrono::milliseconds longest_delay{250};
constexpr std::uint64_t most_positions = 512;

}  // namespace

void ConsumedMark::consumed(std::uint64_t position) {
    if (position <= position_) return;
    position_ = position;
    if (position_ - written_ >= most_positions) return write();
    if (waiting_) return;
    waiting_ = true;
    core_.deadlines.after(longest_delay, [this] {
        waiting_ = false;
        write();
    });
}

void ConsumedMark::rewind(std::uint64_t position) {
    position_ = written_ = position;
    if (under_way_) partition_.pipeline->abandon(ticket_);
}

void ConsumedMark::flush(std::function<void()> done) {
    flushed_ = std::move(done);
    write();
    if (!under_way_) written();
}

void ConsumedMark::write() {
    if (under_way_ || written_ == position_) return;  // what came meanwhile is written when this is
    under_way_ = true;
    written_ = position_;
    auto call = consumed_call(partition_.keys, position_, std::max(position_, partition_.release.position()));
    call.done = [this](const ScriptResult& result) {
        under_way_ = false;
        FOORUMI_CRASH_POINT(consumed_noted);
        // A refusal is not repeated at once: the next position comes with it.
        if (result.reply != nullptr && (position_ - written_ >= most_positions || flushed_)) write();
        if (!under_way_) written();
    };
    ticket_ = partition_.pipeline->submit(std::move(call));
}

void ConsumedMark::written() {
    if (const auto done = std::exchange(flushed_, nullptr)) done();
}

}  // namespace foorumi::store
