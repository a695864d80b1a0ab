#include "store/refresh_pace.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>

namespace foorumi::store {
namespace {

using namespace std::chrono_literals;
using PaceTime = RefreshPace::Time;

TEST(RefreshPaceTest, TheFirstOneBeginsAtOnce) { EXPECT_EQ(RefreshPace(200ms).delay(PaceTime{}), 0ms); }

TEST(RefreshPaceTest, TheNextOneWaitsForTheRestOfTheInterval) {
    RefreshPace pace(200ms);
    const PaceTime start{1h};
    pace.began(start);
    EXPECT_EQ(pace.delay(start), 200ms);
    EXPECT_EQ(pace.delay(start + 199ms), 1ms);
    EXPECT_EQ(pace.delay(start + 199ms + 1us), 1ms) << "never too early";
    EXPECT_EQ(pace.delay(start + 200ms), 0ms);
    EXPECT_EQ(pace.delay(start + 201ms), 0ms);
}

RC_GTEST_PROP(RefreshPaceTest, NoTwoBeginWithinOneInterval, ()) {
    RefreshPace pace(200ms);
    PaceTime now{1h};
    std::optional<PaceTime> last;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 500))) {
        now += std::chrono::milliseconds(step);
        const auto at = now + pace.delay(now);
        if (last) RC_ASSERT(at - *last >= 200ms);
        pace.began(at);
        last = now = at;
    }
}

}  // namespace
}  // namespace foorumi::store
