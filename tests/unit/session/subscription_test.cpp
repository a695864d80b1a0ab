#include <gtest/gtest.h>

#include <array>

#include "session/session.hpp"

namespace foorumi::session {
namespace {

using net::Priority;

// Takes so many items, then none.
class Narrow final : public net::Connection {
   public:
    bool send(ItemRef, Priority) override {
        if (room == 0) return false;
        --room;
        return true;
    }
    void close(net::CloseCode, std::string_view, ItemRef) override {}
    void pause_reading() override {}
    void resume_reading() override {}
    [[nodiscard]] std::string_view remote_address() const override { return {}; }
    [[nodiscard]] std::size_t outbox_bytes() const override { return 0; }
    std::size_t room = 0;
};

// Ends a session that reads too slowly, as the dispatcher does.
class Ending final : public SessionEvents {
   public:
    void frame(Session&, std::string_view) override {}
    void text_frame(Session&) override {}
    void frame_too_big(Session&) override {}
    void overflow(Session& session) override {
        ++overflows;
        session.close(net::CloseCode::policy, "slow_reader");
    }
    void ended(Session&, net::EndReason) override {}
    int overflows = 0;
};

class SubscriptionTest : public testing::Test {
   protected:
    Narrow connection;
    Ending events;
    Session session{connection, events, 1};
    Subscription subscription{session, "room:1", 0, 1};
    std::array<ItemRef, 4> items{make_item("12345"), make_item("12345"), make_item("12345"), make_item("12345")};
};

TEST_F(SubscriptionTest, LiveOneStopsAtTheFirstReliableItemWithoutRoom) {
    subscription.go_live();
    connection.room = 2;
    EXPECT_EQ(subscription.deliver(items, Priority::reliable), 2U);
    EXPECT_EQ(events.overflows, 1);
    EXPECT_EQ(subscription.deliver(items, Priority::reliable), 0U);
    EXPECT_EQ(events.overflows, 1) << "told once";
}

TEST_F(SubscriptionTest, EphemeralItemsWithoutRoomEndNobody) {
    subscription.go_live();
    EXPECT_EQ(subscription.deliver(items, Priority::ephemeral), 0U);
    EXPECT_EQ(events.overflows, 0);
}

TEST_F(SubscriptionTest, WhatWaitsForItToGoLiveIsBounded) {
    session.set_waiting_limit(10);
    EXPECT_EQ(subscription.deliver(std::span(items).first(2), Priority::reliable), 2U) << "under and at the limit";
    EXPECT_EQ(events.overflows, 0);
    EXPECT_EQ(subscription.deliver(items, Priority::ephemeral), 4U) << "passed over";
    EXPECT_EQ(subscription.deliver(items, Priority::reliable), 0U);
    EXPECT_EQ(subscription.deliver(items, Priority::reliable), 0U);
    EXPECT_EQ(events.overflows, 1) << "told once";
}

}  // namespace
}  // namespace foorumi::session
