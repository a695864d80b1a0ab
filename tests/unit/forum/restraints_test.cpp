// What sanctions keep members from, and until when.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "forum/access.hpp"
#include "town.hpp"

namespace foorumi::forum::test {
namespace {

constexpr Millis noon = 1'750'000'000'000;

class Restraints : public testing::Test {
   protected:
    MemberCard restrained(Id member, SanctionKind kind, Id forum = 0, Millis until = 0) {
        MemberCard card = town.card(member);
        card.restraints.push_back({kind, forum, until});
        return card;
    }
    bool reads(const MemberCard& member, Id room, Millis now = noon) {
        return may_read(town, member, {ChannelKind::room, room}, now);
    }
    bool writes(const MemberCard& member, Id room, Millis now = noon) {
        return may_write(town, member, *town.room(room), now);
    }
    Town town;
};

TEST_F(Restraints, WhoIsMutedReadsAndDoesNotWrite) {
    for (const Id forum : {Id{0}, Town::strategy}) {
        const auto member = restrained(Town::aino, SanctionKind::mute, forum);
        EXPECT_TRUE(reads(member, Town::square));
        EXPECT_FALSE(writes(member, Town::square));
        EXPECT_EQ(why_not_write(member, *town.room(Town::square), noon), "muted");
    }
    EXPECT_EQ(why_not_write(town.card(Town::aino), *town.room(Town::reading_room), noon), "may_not_write");
}

TEST_F(Restraints, WhoIsSuspendedOrBannedFindsNothingThere) {
    for (const auto kind : {SanctionKind::suspend, SanctionKind::ban}) {
        const auto here = restrained(Town::virkamies, kind, Town::strategy);
        EXPECT_FALSE(reads(here, Town::square));
        EXPECT_FALSE(writes(here, Town::square));
        EXPECT_FALSE(may_read_forum(town, here, *town.forum(Town::strategy), noon));
        EXPECT_TRUE(reads(here, Town::officers)) << "another forum";
        EXPECT_TRUE(writes(here, Town::officers));
        EXPECT_TRUE(may_read(town, here, {ChannelKind::member, Town::virkamies}, noon));
        const auto everywhere = restrained(Town::virkamies, kind);
        EXPECT_FALSE(reads(everywhere, Town::square));
        EXPECT_FALSE(reads(everywhere, Town::officers));
        EXPECT_FALSE(may_read(town, everywhere, {ChannelKind::member, Town::virkamies}, noon));
    }
}

TEST_F(Restraints, IsShutOutEverywhereOnlyByWhatIsEverywhere) {
    EXPECT_TRUE(is_shut_out(restrained(Town::aino, SanctionKind::ban), 0, noon));
    EXPECT_TRUE(is_shut_out(restrained(Town::aino, SanctionKind::ban), Town::strategy, noon));
    EXPECT_FALSE(is_shut_out(restrained(Town::aino, SanctionKind::ban, Town::strategy), 0, noon));
    EXPECT_FALSE(is_shut_out(restrained(Town::aino, SanctionKind::mute), 0, noon));
}

TEST_F(Restraints, PowersGoWithTheRightToWrite) {
    for (const auto kind : {SanctionKind::mute, SanctionKind::suspend, SanctionKind::ban}) {
        EXPECT_FALSE(may_moderate(town, restrained(Town::johtaja, kind, Town::strategy), Town::strategy, noon));
        EXPECT_FALSE(may_moderate(town, restrained(Town::yllapito, kind), Town::strategy, noon));
        EXPECT_TRUE(may_moderate(town, restrained(Town::yllapito, kind, Town::leadership), Town::strategy, noon));
    }
    const ChannelName channel{ChannelKind::moderation, Town::strategy};
    EXPECT_TRUE(may_read(town, restrained(Town::johtaja, SanctionKind::mute, Town::strategy), channel, noon));
    EXPECT_FALSE(may_read(town, restrained(Town::johtaja, SanctionKind::suspend, Town::strategy), channel, noon));
}

TEST_F(Restraints, AnOfficeIsNoShelter) {
    EXPECT_FALSE(writes(restrained(Town::johtaja, SanctionKind::mute, Town::strategy), Town::square));
    EXPECT_FALSE(reads(restrained(Town::johtaja, SanctionKind::ban, Town::strategy), Town::square));
}

TEST_F(Restraints, EndAtTheirMillisecond) {
    const auto muted = restrained(Town::aino, SanctionKind::mute, 0, noon);
    EXPECT_FALSE(writes(muted, Town::square, noon - 1));
    EXPECT_TRUE(writes(muted, Town::square, noon));
    const auto suspended = restrained(Town::aino, SanctionKind::suspend, Town::strategy, noon);
    EXPECT_FALSE(reads(suspended, Town::square, noon - 1));
    EXPECT_TRUE(reads(suspended, Town::square, noon));
    EXPECT_FALSE(reads(restrained(Town::aino, SanctionKind::ban), Town::square, noon * 100)) << "without an end";
}

TEST_F(Restraints, OneThatIsInForceIsEnough) {
    auto member = restrained(Town::aino, SanctionKind::suspend, Town::strategy, noon - 1);
    EXPECT_TRUE(writes(member, Town::square));
    member.restraints.push_back({SanctionKind::mute, Town::leadership, 0});
    EXPECT_TRUE(writes(member, Town::square));
    member.restraints.push_back({SanctionKind::mute, 0, noon + 1});
    EXPECT_FALSE(writes(member, Town::square));
}

// Whatever sanctions there are, they let nobody do more.
RC_GTEST_PROP(RestraintsProperty, OnlyTakeAway, ()) {
    Town town;
    const auto id = *rc::gen::element(Town::aino, Town::virkamies, Town::johtaja, Town::yllapito, Town::toinen);
    auto member = town.card(id);
    const auto count = *rc::gen::inRange(0, 4);
    for (int n = 0; n < count; ++n)
        member.restraints.push_back({*rc::gen::element(SanctionKind::mute, SanctionKind::suspend, SanctionKind::ban),
                                     *rc::gen::element(Id{0}, Town::strategy, Town::leadership),
                                     *rc::gen::element(Millis{0}, noon - 1, noon, noon + 1)});
    for (const Id room : {Town::square, Town::councillors_only, Town::reading_room, Town::officers}) {
        const ChannelName channel{ChannelKind::room, room};
        const bool reads = may_read(town, member, channel, noon);
        const bool writes = may_write(town, member, *town.room(room), noon);
        RC_ASSERT(!reads || may_read(town, town.card(id), channel, noon));
        RC_ASSERT(!writes || (reads && may_write(town, town.card(id), *town.room(room), noon)));
        const Id forum = town.room(room)->forum;
        RC_ASSERT(!is_shut_out(member, forum, noon) || !reads);
        RC_ASSERT(!is_muted(member, forum, noon) || !writes);
    }
}

}  // namespace
}  // namespace foorumi::forum::test
