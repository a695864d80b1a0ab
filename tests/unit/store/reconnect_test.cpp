#include "store/reconnect.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

using namespace std::chrono_literals;
using State = Reconnect::State;

TEST(BackoffTest, DelaysDoubleUpToTheLimit) {
    Backoff backoff(20ms, 100ms);
    EXPECT_EQ(backoff.next(0), 20ms);
    EXPECT_EQ(backoff.next(0), 40ms);
    EXPECT_EQ(backoff.next(0), 80ms);
    EXPECT_EQ(backoff.next(0), 100ms);
    EXPECT_EQ(backoff.next(0), 100ms);
    backoff.reset();
    EXPECT_EQ(backoff.next(0), 20ms);
}

TEST(BackoffTest, JitterTakesAwayAtMostHalf) {
    for (std::uint32_t random = 0; random < 1'000; ++random) {
        Backoff backoff(20ms, 100ms);
        const auto delay = backoff.next(random);
        EXPECT_GE(delay, 10ms);
        EXPECT_LE(delay, 20ms);
    }
    Backoff one(1ms, 1ms);
    EXPECT_EQ(one.next(7), 1ms);
}

TEST(ReconnectTest, GoesTheWholeWay) {
    Reconnect machine(Backoff(20ms, 100ms));
    EXPECT_TRUE(machine.start());
    EXPECT_FALSE(machine.start());
    EXPECT_TRUE(machine.connected());
    EXPECT_TRUE(machine.handshaken());
    EXPECT_EQ(machine.state(), State::ready);
    const auto loss = machine.lost(0);
    EXPECT_TRUE(loss.wait);
    EXPECT_TRUE(loss.was_ready);
    EXPECT_EQ(loss.delay, 20ms);
    EXPECT_TRUE(machine.waited());
    EXPECT_EQ(machine.state(), State::connecting);
}

TEST(ReconnectTest, CountsTheLossesOfConnectionsThatWereReady) {
    Reconnect machine(Backoff(20ms, 100ms));
    EXPECT_TRUE(machine.start());
    EXPECT_TRUE(machine.lost(0).wait);
    EXPECT_EQ(machine.losses(), 0U);
    for (std::uint64_t losses = 1; losses < 4; ++losses) {
        EXPECT_TRUE(machine.waited());
        EXPECT_TRUE(machine.connected());
        EXPECT_TRUE(machine.handshaken());
        EXPECT_TRUE(machine.lost(0).was_ready);
        EXPECT_FALSE(machine.lost(0).wait);
        EXPECT_EQ(machine.losses(), losses);
    }
}

TEST(ReconnectTest, OnlyAConnectionThatIsOfUseEndsTheGrowthOfTheDelays) {
    Reconnect machine(Backoff(20ms, 1'000ms));
    EXPECT_TRUE(machine.start());
    EXPECT_EQ(machine.lost(0).delay, 20ms);
    EXPECT_TRUE(machine.waited());
    EXPECT_TRUE(machine.connected());
    const auto refused = machine.lost(0);
    EXPECT_FALSE(refused.was_ready);
    EXPECT_EQ(refused.delay, 40ms);
    EXPECT_TRUE(machine.waited());
    EXPECT_TRUE(machine.connected());
    EXPECT_TRUE(machine.handshaken());
    EXPECT_EQ(machine.lost(0).delay, 80ms);
    machine.settled();  // late
    EXPECT_TRUE(machine.waited());
    EXPECT_TRUE(machine.connected());
    EXPECT_TRUE(machine.handshaken());
    machine.settled();
    EXPECT_EQ(machine.lost(0).delay, 20ms);
}

TEST(ReconnectTest, LateEventsDoNothing) {
    Reconnect machine(Backoff(20ms, 100ms));
    EXPECT_FALSE(machine.lost(0).wait);
    EXPECT_FALSE(machine.connected());
    EXPECT_TRUE(machine.start());
    EXPECT_TRUE(machine.lost(0).wait);
    EXPECT_FALSE(machine.lost(0).wait);
    EXPECT_FALSE(machine.connected());
    EXPECT_FALSE(machine.handshaken());
    machine.stop();
    EXPECT_FALSE(machine.waited());
    EXPECT_FALSE(machine.lost(0).wait);
    EXPECT_FALSE(machine.start());
    EXPECT_EQ(machine.state(), State::stopped);
}

}  // namespace
}  // namespace foorumi::store
