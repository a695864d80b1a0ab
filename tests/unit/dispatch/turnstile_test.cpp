#include "dispatch/turnstile.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;

struct TurnstileTest : testing::Test {
    bool enter(int name) {
        return turnstile.enter([this, name] { begun.push_back(name); });
    }
    Turnstile turnstile{2, 3};
    std::vector<int> begun;
};

TEST_F(TurnstileTest, AsManyAsMayBeBeginAtOnce) {
    EXPECT_TRUE(enter(1));
    EXPECT_TRUE(enter(2));
    EXPECT_THAT(begun, ElementsAre(1, 2));
    EXPECT_TRUE(enter(3));
    EXPECT_THAT(begun, ElementsAre(1, 2));
    EXPECT_EQ(turnstile.under_way(), 2u);
}

TEST_F(TurnstileTest, OthersBeginInTheirOrderAsPlacesGetFree) {
    for (int name = 1; name <= 5; ++name) EXPECT_TRUE(enter(name));
    turnstile.leave();
    EXPECT_THAT(begun, ElementsAre(1, 2, 3));
    turnstile.leave();
    turnstile.leave();
    EXPECT_THAT(begun, ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(turnstile.under_way(), 2u);
    turnstile.leave();
    turnstile.leave();
    EXPECT_EQ(turnstile.under_way(), 0u);
    EXPECT_TRUE(enter(6));
    EXPECT_THAT(begun, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(TurnstileTest, NoMoreWaitThanMay) {
    for (int name = 1; name <= 5; ++name) EXPECT_TRUE(enter(name));
    EXPECT_EQ(turnstile.waiting(), 3u);
    EXPECT_FALSE(enter(6));
    turnstile.leave();
    EXPECT_TRUE(enter(7));
    EXPECT_FALSE(enter(8));
    for (int i = 0; i < 5; ++i) turnstile.leave();
    EXPECT_THAT(begun, ElementsAre(1, 2, 3, 4, 5, 7));
}

TEST_F(TurnstileTest, OneThatIsOverAtOnceLetsTheNextIn) {
    EXPECT_TRUE(turnstile.enter([this] { turnstile.leave(); }));
    EXPECT_EQ(turnstile.under_way(), 0u);
}

}  // namespace
}  // namespace foorumi::dispatch
