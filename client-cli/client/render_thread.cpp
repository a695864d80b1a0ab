// How a thread is moderated, as people read it.
#include <chrono>

#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/render.hpp"

namespace foorumi::client {
namespace {

std::string_view state_key(int state) {
    switch (state) {
        case foorumi::v1::THREAD_STATE_OPEN:
            return "thread.state_open";
        case foorumi::v1::THREAD_STATE_HELPED:
            return "thread.state_helped";
        case foorumi::v1::THREAD_STATE_SOLVED:
            return "thread.state_solved";
        case foorumi::v1::THREAD_STATE_PRACTICE:
            return "thread.state_practice";
        default:
            return {};
    }
}

std::int64_t wall_now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

// Each behind two spaces.
std::string Renderer::marks(const foorumi::v1::Thread& thread) const {
    std::string out;
    const auto mark = [&out](const std::string& text) { out += "  " + text; };
    const auto& pin = thread.pin();
    if (thread.has_pin() && (pin.until_ms() == 0 || pin.until_ms() > wall_now_ms()))
        mark(texts_.text(pin.announcement() ? "thread.announcement" : "thread.pinned"));
    if (thread.moving_ms() != 0) mark(texts_.text("thread.moving"));
    const std::string reason = visible(thread.lock().reason(), Lines::one);
    if (thread.locked())
        mark(reason.empty() ? texts_.text("thread.locked") : texts_.text("thread.locked_for", {{"reason", reason}}));
    if (const auto key = state_key(thread.state()); !key.empty()) mark(texts_.text(key));
    if (thread.slow_mode_s() > 0) mark(texts_.text("thread.slow", {{"seconds", std::to_string(thread.slow_mode_s())}}));
    if (thread.write_size() > 0) mark(texts_.text("thread.only", {{"roles", roles(thread.write())}}));
    for (const auto& tag : thread.tags()) mark('[' + visible(tag, Lines::one) + ']');
    return out;
}

std::string Renderer::pinned_thread(const foorumi::v1::Entity& entity) const {
    return dim('#' + std::to_string(parse_entity_key(entity.key()).id())) + "  " +
           bold(title(entity.thread().title())) + marks(entity.thread());
}

}  // namespace foorumi::client
