#include "dispatch/presence.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Presence::Time start{std::chrono::hours(1)};

TEST(Presence, SecondDeviceOfAMemberIsNoNews) {
    Presence presence;
    presence.enter(1, 7);
    EXPECT_THAT(presence.changes(start), SizeIs(1));
    presence.enter(1, 7);
    EXPECT_THAT(presence.changes(start), IsEmpty());
    presence.leave(1, 7);
    EXPECT_THAT(presence.changes(start), IsEmpty());
    presence.leave(1, 7);
    const auto changes = presence.changes(start);
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_THAT(changes.front().change.left, ElementsAre(7));
    EXPECT_EQ(changes.front().change.present, 0U);
}

TEST(Presence, ComingAndGoingBetweenTwoLooksIsNoNews) {
    Presence presence;
    presence.enter(1, 7);
    presence.leave(1, 7);
    EXPECT_THAT(presence.changes(start), IsEmpty());
}

TEST(Presence, NodeThatFallsSilentIsForgotten) {
    Presence presence;
    presence.enter(1, 7);
    presence.heard(1, "other", {8, 9}, start);
    EXPECT_THAT(presence.members(1), ElementsAre(7, 8, 9));
    EXPECT_THAT(presence.changes(start), SizeIs(1));
    EXPECT_THAT(presence.changes(start + Presence::expiry), IsEmpty());
    const auto changes = presence.changes(start + Presence::expiry + std::chrono::seconds(1));
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_THAT(changes.front().change.left, ElementsAre(8, 9));
}

TEST(Presence, OwnMembersAreToldOnChangeAndAtEachHeartbeat) {
    Presence presence;
    presence.enter(1, 7);
    EXPECT_THAT(presence.due(start), SizeIs(1));
    EXPECT_THAT(presence.due(start + std::chrono::seconds(1)), IsEmpty());
    EXPECT_THAT(presence.due(start + Presence::heartbeat), SizeIs(1));
    presence.leave(1, 7);
    const auto last = presence.due(start + Presence::heartbeat);
    ASSERT_THAT(last, SizeIs(1));
    EXPECT_THAT(last.front().members, IsEmpty());
}

RC_GTEST_PROP(Presence, WhatIsToldAddsUpToWhoIsThere, ()) {
    Presence presence;
    std::set<forum::Id> told;
    std::map<forum::Id, int> sessions;
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 5), rc::gen::inRange(0, 3)));
    for (const auto& [member_number, act] : steps) {
        const auto member = static_cast<forum::Id>(member_number + 1);
        if (act == 0) {
            presence.enter(1, member);
            ++sessions[member];
        } else if (act == 1 && sessions[member] > 0) {
            presence.leave(1, member);
            --sessions[member];
        } else {
            for (const auto& changed : presence.changes(start)) {
                for (auto id : changed.change.joined) RC_ASSERT(told.insert(id).second);
                for (auto id : changed.change.left) RC_ASSERT(told.erase(id) == 1U);
                RC_ASSERT(changed.change.present == told.size());
            }
        }
    }
    for (const auto& changed : presence.changes(start)) {
        for (auto id : changed.change.joined) told.insert(id);
        for (auto id : changed.change.left) told.erase(id);
    }
    std::set<forum::Id> there;
    for (const auto& [member, count] : sessions)
        if (count > 0) there.insert(member);
    RC_ASSERT(told == there);
}

}  // namespace
}  // namespace foorumi::dispatch
