// What the time says at which a change was made.
#include <gmock/gmock.h>

#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class ChangeIdTest : public StoreTest {
   protected:
    [[nodiscard]] static std::int64_t now_ms(milliseconds ahead = milliseconds(0)) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return (std::chrono::duration_cast<milliseconds>(now) + ahead).count();
    }
    [[nodiscard]] ChangeRequest made(milliseconds ahead = milliseconds(0)) {
        auto made = request("room:1");
        made.made_at_ms = now_ms(ahead);
        return made;
    }
    ChangeOutcome apply(Worker& worker, const ChangeRequest& request) {
        return wait_for(change(worker, request, always(putting("a", "1"))));
    }
};

TEST_F(ChangeIdTest, ChangeMadeTooLongAgoIsExpired) {
    Worker worker(context, options());
    EXPECT_EQ(apply(worker, made(-hours(24) - minutes(1))).failure, Failure::expired);
    EXPECT_FALSE(apply(worker, made(-hours(24) + minutes(1))).failure);
}

TEST_F(ChangeIdTest, ChangeMadeInTheFutureIsRefusedUnlessItWasDone) {
    Worker worker(context, options());
    EXPECT_EQ(apply(worker, made(hours(1) + minutes(1))).failure, Failure::future);
    auto tolerated = made(hours(1) - minutes(1));
    EXPECT_FALSE(apply(worker, tolerated).failure);
    tolerated.made_at_ms = now_ms(hours(48));  // as it looks once the clock of Redis was set back
    EXPECT_TRUE(apply(worker, tolerated).committed.repeated);
}

}  // namespace
}  // namespace foorumi::test
