// When a rewrite of Redis' log that began after the first look has ended: pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace foorumi::store {

// What INFO tells of the append-only file.
struct LogState {
    bool known = false;  // false: it tells nothing of it
    bool kept = false;
    bool under_way = false;   // a rewrite
    bool scheduled = false;   // one that waits for another child of Redis
    bool last_good = false;   // the one that ended last
    std::uint64_t begun = 0;  // rewrites since Redis started
};
[[nodiscard]] LogState parse_log_state(std::string_view info);

class LogRewrite {
   public:
    enum class Step : std::uint8_t { ask, wait, done, no_log, failed };

    // `ask`: BGREWRITEAOF, then look again; `wait`: only that.
    [[nodiscard]] Step looked(const LogState& state) {
        if (!state.known) return Step::failed;
        if (!state.kept) return Step::no_log;
        // Redis has started anew since, and so has its count: all of them began later.
        if (!first_ || state.begun < before_) before_ = first_ ? 0 : state.begun;
        first_ = true;
        if (state.begun > before_) {
            const bool ours_under_way = state.under_way && state.begun == before_ + 1;
            if (ours_under_way) return Step::wait;
            return state.last_good ? Step::done : Step::failed;
        }
        return state.under_way || state.scheduled ? Step::wait : Step::ask;
    }

    // Redis refuses to begin one. Another that has begun since the look is one reason, and shows in the next look.
    [[nodiscard]] Step refused() { return ++refusals_ < most_refusals ? Step::wait : Step::failed; }

   private:
    static constexpr int most_refusals = 3;

    bool first_ = false;  // there was a look
    std::uint64_t before_ = 0;
    int refusals_ = 0;
};

}  // namespace foorumi::store
