// What is left of an erased member in rooms and among the moderators' earlier texts.
#include "forum/erasure_rules.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <set>

#include "forum/text.hpp"
#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(WithoutHandle, ReplacesMentionsOfThisHandleOnly) {
    const auto without = [](std::string_view text) { return without_handle(text, "aino", "@#7"); };
    for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
             {"", ""},
             {"@", "@"},
             {"@ain", "@ain"},
             {"@aino", "@#7"},
             {"Kiitos, @Aino! Ja @AINO.", "Kiitos, @#7! Ja @#7."},
             {"@aino.", "@#7."},
             {"@aino...", "@#7..."},
             {"@aino.metsala @aino-2 @aino__a @aino7 @ainola", "@aino.metsala @aino-2 @aino__a @aino7 @ainola"},
             {"_@aino_ @aino- @aino-- @aino_. @aino..a @aino.-", "_@#7_ @#7- @#7-- @#7_. @#7..a @#7.-"},
             {"`@aino` ja a@aino ja @@aino", "`@#7` ja a@#7 ja @@#7"},
             {"aino, Aino, aino@kunta.fi", "aino, Aino, aino@kunta.fi"},
             {"@aino@aino", "@#7@#7"},
             {"@ainoä", "@#7ä"}})
        EXPECT_EQ(without(text), expected) << text;
}

RC_GTEST_PROP(WithoutHandle, LeavesNoMentionOfThisHandleAndAllOthers, ()) {
    const auto part = rc::gen::elementOf(
        std::vector<std::string>{"@", "aino", "AINO", "a", "7", ".", "-", "_", " ", "`", "\n", "ä", "@aino", "```"});
    const auto parts = *rc::gen::container<std::vector<std::string>>(part);
    std::string text;
    for (const auto& each : parts) text += each;
    auto expected = mentioned_handles(text);
    std::erase(expected, "aino");
    RC_ASSERT(mentioned_handles(without_handle(text, "aino", "@#7")) == expected);
}

class Erasing : public ThreadTest {
   protected:
    [[nodiscard]] ErasedMember aino(bool removes = false) const { return {Town::aino, "aino.korhonen", removes, now}; }
    [[nodiscard]] Decision decided_on(const ErasedMember& member, const std::vector<std::string>& keys) const {
        return erase(member, keys, NeedsView(channel.entities(), needs_to_erase(keys)));
    }
    // As the sweep of a channel does it.
    void erase_all(const ErasedMember& member) {
        std::vector<std::string> keys;
        for (const auto& [key, entity] : channel.entities())
            if (concerns(member, entity.value)) keys.push_back(key);
        channel.apply(decided_on(member, keys));
    }
    [[nodiscard]] const Reactions* reactions(Id id) const { return channel.find<Reactions>(reactions_key(id)); }
    void react(Id member, Id id, std::string emoji = "👍") {
        run(member, React{Town::square, id, std::move(emoji), false});
    }

    Id own = run(Town::aino, PostMessage{Town::square, thread, "Oma teksti, terveisin @aino.korhonen", 0});
    Id answer = run(Town::veikko, PostMessage{Town::square, thread, "Kiitos @Aino.Korhonen ja @biret-ahkku", own});
};

TEST_F(Erasing, KeepsTheTextWithoutMunicipalityAndPositions) {
    auto badged = message(own);
    badged.badge.positions = {{PositionKind::council_chair, "", 0}};
    channel.put(message_key(own), badged);
    erase_all(aino());
    auto expected = badged;
    expected.badge = {{Role::councillor}, "", {}};
    expected.text = "Oma teksti, terveisin @#11";
    expected.mentions = {};
    EXPECT_EQ(message(own), expected);
    const auto& kept = *channel.find<Thread>(thread_key(thread));
    EXPECT_EQ(kept.badge, (Badge{{Role::councillor}, "", {}}));
    EXPECT_EQ(kept.title, "Lähijunien vuorovälit");
}

TEST_F(Erasing, ALockKeepsItsReasonWithoutTheHandleUnlessItIsTheirs) {
    auto locked = thread_of(thread);
    locked.locked = true;
    locked.lock = {"@aino.korhonen pyysi", Town::johtaja, now};
    locked.tags = {"@aino.korhonen", "junat"};
    channel.put(thread_key(thread), locked);
    erase_all(aino());
    EXPECT_EQ(thread_of(thread).lock, (Lock{"@#11 pyysi", Town::johtaja, now}));
    EXPECT_THAT(thread_of(thread).tags, ElementsAre("@#11", "junat"));
    erase_all(aino(true));
    EXPECT_EQ(thread_of(thread).lock.reason, "@#11 pyysi");
    EXPECT_THAT(thread_of(thread).tags, IsEmpty());
    erase_all({Town::johtaja, "johtaja", true, now});
    EXPECT_EQ(thread_of(thread).lock, (Lock{"", Town::johtaja, now}));
    EXPECT_TRUE(thread_of(thread).locked);
}

TEST_F(Erasing, TakesTheirPaceAway) {
    for (const Id member : {Town::aino, Town::veikko}) channel.put(pace_key(thread, member), Pace{member, now});
    erase_all(aino());
    EXPECT_EQ(channel.find<Pace>(pace_key(thread, Town::aino)), nullptr);
    EXPECT_NE(channel.find<Pace>(pace_key(thread, Town::veikko)), nullptr);
}

TEST_F(Erasing, MentionsByOthersLoseTheHandle) {
    const auto before = message(answer);
    ASSERT_THAT(before.mentions, ElementsAre(Town::aino, Town::biret));
    erase_all(aino());
    auto expected = before;
    expected.text = "Kiitos @#11 ja @biret-ahkku";
    expected.mentions = {Town::biret};
    EXPECT_EQ(message(answer), expected);
    EXPECT_THAT(mentioned_handles(message(answer).text), ElementsAre("biret-ahkku")) << "it is no handle";
}

TEST_F(Erasing, RemovesAsIfTheyHadDeletedIt) {
    react(Town::veikko, own);
    now += 1000;
    erase_all(aino(true));
    EXPECT_EQ(message(own).text, "");
    EXPECT_EQ(message(own).deleted, now);
    EXPECT_THAT(message(own).mentions, IsEmpty());
    EXPECT_EQ(message(own).author, Town::aino);
    EXPECT_EQ(reactions(own), nullptr);
    EXPECT_THAT(channel.index(thread_index(thread)),
                ElementsAre(Pair(thread_index_member(thread, 0), thread), Pair(thread_index_member(own, 0), own),
                            Pair(thread_index_member(answer, Town::veikko), answer)));
    EXPECT_EQ(channel.find<Thread>(thread_key(thread))->title, "");
}

TEST_F(Erasing, WhatTheyHadDeletedKeepsItsTime) {
    run(Town::aino, DeleteMessage{Town::square, own});
    const auto deleted = message(own).deleted;
    now += 1000;
    erase_all(aino(true));
    EXPECT_EQ(message(own).deleted, deleted);
    EXPECT_EQ(message(own).badge, (Badge{{Role::councillor}, "", {}}));
}

TEST_F(Erasing, ReactionsStayWithTheContentAndGoWithIt) {
    react(Town::aino, answer);
    react(Town::veikko, answer);
    react(Town::aino, answer, "🎉");
    erase_all(aino());
    EXPECT_EQ(reactions(answer)->reactions.size(), 2u) << "a number without a name";
    erase_all(aino(true));
    EXPECT_EQ(*reactions(answer), (Reactions{{{"👍", {Town::veikko}}}}));
}

TEST_F(Erasing, LastReactionTakesTheEntityAway) {
    react(Town::aino, answer);
    erase_all(aino(true));
    EXPECT_EQ(reactions(answer), nullptr);
}

TEST_F(Erasing, ReactionsToTheirMessageAreTakenAwayOnceThoughTheyReactedThemselves) {
    react(Town::aino, own);
    react(Town::veikko, own);
    const auto decision = decided_on(aino(true), {reactions_key(own), message_key(own)});
    EXPECT_EQ(std::ranges::count(decision.writes, reactions_key(own), &Write::key), 1);
    EXPECT_EQ(std::ranges::count(decision.expectations, reactions_key(own), &Expectation::key), 1);
    channel.apply(decision);
    EXPECT_EQ(reactions(own), nullptr);
}

TEST_F(Erasing, EarlierTextsOfTheirsGoAndOthersLoseTheHandle) {
    EarlierText earlier{Town::square, thread, own, Town::aino, "Entinen", now, false, now};
    channel.put("earlier:31:2:1", earlier);
    earlier.author = Town::veikko;
    earlier.text = "@aino.korhonen, entä jos";
    channel.put("earlier:31:3:1", earlier);
    const auto decision = decided_on(aino(), {"earlier:31:2:1", "earlier:31:3:1"});
    EXPECT_THAT(decision.indexes, ElementsAre(IndexChange{std::string(earlier_index), "earlier:31:2:1", 0, true}));
    channel.apply(decision);
    EXPECT_EQ(channel.find<EarlierText>("earlier:31:2:1"), nullptr);
    EXPECT_EQ(channel.find<EarlierText>("earlier:31:3:1")->text, "@#11, entä jos");
}

TEST_F(Erasing, RemovedTextsOfTheirsGoSoThatNobodyRestoresThem) {
    EarlierText removed{Town::square, thread, own, Town::aino, "Poistettu", now, true, now, {}, Town::johtaja, "Syy"};
    channel.put("removed:31:2:1", removed);
    removed.author = Town::veikko;
    removed.mentions = {Town::aino, Town::biret};
    removed.reason = "Asiaton @aino.korhonen kohtaan";
    channel.put("removed:31:3:1", removed);
    channel.apply(decided_on(aino(), {"removed:31:2:1", "removed:31:3:1"}));
    EXPECT_EQ(channel.find<EarlierText>("removed:31:2:1"), nullptr);
    const auto& other = *channel.find<EarlierText>("removed:31:3:1");
    EXPECT_THAT(other.mentions, ElementsAre(Town::biret));
    EXPECT_EQ(other.reason, "Asiaton @#11 kohtaan");
}

TEST_F(Erasing, ReasonsThatTheyGaveAsModeratorsGoWithTheirContent) {
    const EarlierText removed{Town::square, thread, own,           Town::veikko, "Poistettu",           now,
                              true,         now,    {Town::biret}, Town::aino,   "Mielestäni sopimaton"};
    channel.put("removed:31:3:1", removed);
    EXPECT_FALSE(concerns(aino(), Entity{removed}));
    channel.apply(decided_on(aino(true), {"removed:31:3:1"}));
    auto expected = removed;
    expected.reason.clear();
    EXPECT_EQ(*channel.find<EarlierText>("removed:31:3:1"), expected);
}

TEST_F(Erasing, WhyTheirMessageWasRemovedGoesAndOtherReasonsLoseTheHandle) {
    run(Town::johtaja, RemoveMessage{Town::square, own, "Hän herjaa"});
    run(Town::johtaja, RemoveMessage{Town::square, answer, "Herjaa: @aino.korhonen"});
    channel.put("inbox:31:3:9",
                InboxEntry{InboxKind::removed, Town::square, thread, answer, 0, now, false, "Herjaa: @aino.korhonen"});
    channel.apply(decided_on(aino(), {message_key(own), message_key(answer), "inbox:31:3:9"}));
    EXPECT_EQ(message(own).reason, "");
    EXPECT_NE(message(own).removed, 0);
    EXPECT_EQ(message(answer).reason, "Herjaa: @#11");
    EXPECT_EQ(channel.find<InboxEntry>("inbox:31:3:9")->reason, "Herjaa: @#11");
}

// --- under a legal hold

class ErasingHeld : public Erasing {
   protected:
    [[nodiscard]] ErasedMember held(bool removes, Id room = Town::square) const {
        auto member = aino(removes);
        member.held = [this](Id in, Id of) { return in == Town::square && of == thread; };
        member.room = room;
        member.forum = Town::strategy;
        return member;
    }
    [[nodiscard]] EarlierText kept_text(Millis keep_until) const {
        EarlierText text;
        text.room = Town::square;
        text.thread = thread;
        text.message = own;
        text.author = Town::aino;
        text.text = "Terveisin @aino.korhonen";
        text.keep_until = keep_until;
        return text;
    }
};

TEST_F(ErasingHeld, WhatReadersNoLongerSeeGoesToTheModeratorsWithoutTheHandle) {
    const auto decision = decided_on(held(true), {message_key(own)});
    ASSERT_EQ(decision.effects.size(), 1U);
    const auto& effect = decision.effects.front();
    EXPECT_EQ(effect.channel, moderation_channel(Town::strategy));
    EXPECT_EQ(effect.key, earlier_key(Town::square, own, 1));
    const auto& kept = std::get<EarlierText>(effect.value);
    EXPECT_EQ(kept.text, "Oma teksti, terveisin @#11");
    EXPECT_EQ(std::tuple(kept.thread, kept.author, kept.removed), std::tuple(thread, Town::aino, true));
    channel.apply(decision);
    EXPECT_EQ(message(own).text, "");
    EXPECT_FALSE(concerns(held(true), message(own))) << "once";
    EXPECT_THAT(decided_on(held(false), {message_key(answer)}).effects, IsEmpty());
}

TEST_F(ErasingHeld, WhatStaysForReadersIsKeptNowhereElse) {
    EXPECT_THAT(decided_on(held(false), {message_key(own)}).effects, IsEmpty());
}

TEST_F(ErasingHeld, EarlierTextsOfTheirsStayUntilTheHoldIsLiftedAndNoLonger) {
    const auto key = earlier_key(Town::square, own, 1);
    channel.put(key, kept_text(now + 1000));
    const auto decision = decided_on(held(true, 0), {key});
    ASSERT_EQ(decision.indexes.size(), 2U);
    EXPECT_EQ(decision.indexes[0], (IndexChange{std::string(earlier_index), key, 0, true}));
    EXPECT_EQ(decision.indexes[1],
              (IndexChange{std::string(moved_earlier_index), key, moved_earlier_score(key, now), false}));
    channel.apply(decision);
    const auto& left = *channel.find<EarlierText>(key);
    EXPECT_EQ(left.text, "Terveisin @#11");
    EXPECT_EQ(left.keep_until, now) << "no retention of its own";
    now += 5000;
    EXPECT_FALSE(concerns(held(true, 0), left)) << "done twice, by a node whose clock is ahead, it changes nothing";
    EXPECT_TRUE(concerns(aino(), left)) << "where the hold is lifted meanwhile";
}

// A page of an index does not end amid one score.
TEST_F(ErasingHeld, TextsThatEndAtOneMomentHaveScoresOfTheirOwnJustBefore) {
    std::set<Version> scores;
    for (Id id = 1; id <= 2000; ++id) {
        const auto score = moved_earlier_score(earlier_key(Town::square, id, 1), now);
        EXPECT_LE(score, static_cast<Version>(now));
        EXPECT_GT(score, static_cast<Version>(now - 60'000));
        scores.insert(score);
    }
    EXPECT_GT(scores.size(), 1900U);
}

// Between the sweep of the room and that of the moderation channel a node may stop, and go on whenever.
TEST_F(ErasingHeld, WhatIsKeptGetsItsEndFromTheNextSweepWheneverThatIs) {
    const auto effect = decided_on(held(true), {message_key(own)}).effects.front();
    for (const Millis later : {Millis{0}, Millis{1}, Millis{86'400'000}}) {
        auto member = held(true, 0);
        member.now = now + later;
        ASSERT_TRUE(concerns(member, effect.value)) << later;
        channel.put(effect.key, effect.value);
        const auto decision = decided_on(member, {effect.key});
        ASSERT_EQ(decision.indexes.size(), 2U) << later;
        EXPECT_EQ(decision.indexes[1].index, moved_earlier_index);
        EXPECT_EQ(std::get<EarlierText>(decision.writes.front().value).keep_until, member.now);
    }
}

TEST_F(ErasingHeld, WhatWasRemovedOfTheirsNobodyRestores) {
    run(Town::johtaja, RemoveMessage{Town::square, own, "Hän herjaa"});
    const auto text = effects.front().value;
    const auto restoring = [&] {
        RestoreMessage command{Town::square, own};
        command.removal = message(own).removals;
        command.removed = {1, text};
        return command;
    };
    now += 1000;
    channel.apply(decided_on(held(true), {message_key(own)}));
    EXPECT_EQ(message(own).author_deleted, now);
    EXPECT_EQ(refused(Town::johtaja, restoring()), refusal_of(ErrorCode::forbidden, "message_deleted", "message"));
    now += 1000;
    EXPECT_FALSE(concerns(held(true), message(own))) << "once, whoever does it again";
}

TEST_F(ErasingHeld, WhatWasRemovedAndIsNotToGoIsNotDeletedByTheirErasure) {
    run(Town::johtaja, RemoveMessage{Town::square, own, "Hän herjaa"});
    channel.apply(decided_on(held(false), {message_key(own)}));
    EXPECT_EQ(message(own).author_deleted, 0);
}

TEST_F(ErasingHeld, EarlierTextsOfOtherPlacesGo) {
    auto elsewhere = kept_text(now + 1000);
    elsewhere.thread = thread + 1;
    const auto key = earlier_key(Town::square, own, 1);
    channel.put(key, elsewhere);
    channel.apply(decided_on(held(true, 0), {key}));
    EXPECT_EQ(channel.find<EarlierText>(key), nullptr);
}

TEST_F(Erasing, DraftsOfOthersLoseTheHandle) {
    channel.put("draft:31:0", Draft{"Mitä mieltä, @Aino.Korhonen?", "Kysymys: @aino.korhonen", now});
    channel.apply(decided_on(aino(), {"draft:31:0"}));
    EXPECT_EQ(*channel.find<Draft>("draft:31:0"), (Draft{"Mitä mieltä, @#11?", "Kysymys: @#11", now}));
}

TEST_F(Erasing, ExpectsWhatItSaw) {
    const auto decision = decided_on(aino(true), {message_key(own)});
    EXPECT_THAT(decision.expectations,
                ElementsAre(Expectation{message_key(own), own}, Expectation{reactions_key(own), 0}));
    react(Town::veikko, own);
    EXPECT_THAT(channel.stale(decision), ElementsAre(reactions_key(own)));
}

TEST_F(Erasing, LeavesOthersAlone) {
    const auto other = run(Town::veikko, PostMessage{Town::square, thread, "Aino Korhonen, aino.korhonen@kunta.fi", 0});
    EXPECT_FALSE(concerns(aino(true), Entity{message(other)}));
    EXPECT_THAT(decided_on(aino(true), {message_key(other), "room"}).writes, IsEmpty());
}

// Whatever was said in the room: afterwards nothing concerns the member, and doing it again changes nothing.
RC_GTEST_FIXTURE_PROP(Erasing, AfterwardsNothingConcernsTheMember, (bool removes)) {
    const auto texts =
        rc::gen::elementOf(std::vector<std::string>{"@aino.korhonen", "@AINO.korhonen, @veikko", "`@aino.korhonen`",
                                                    "@aino.korhonen.", "@@aino.korhonen", "muuta"});
    const auto members = rc::gen::elementOf(std::vector<Id>{Town::aino, Town::veikko, Town::biret});
    std::vector<Id> ids{own, answer};
    const auto steps = *rc::gen::inRange(0, 12);
    for (int n = 0; n < steps; ++n) {
        const auto who = *members;
        const auto of = *rc::gen::elementOf(ids);
        const auto text = *texts;
        const auto command = *rc::gen::inRange(0, 4);
        const auto apply = [&](const auto& decision) {
            if (decision) channel.apply(*decision);
        };
        if (command == 0) {
            if (const auto decision = decided(who, PostMessage{Town::square, thread, text, 0}); decision)
                ids.push_back(channel.apply(*decision));
        } else if (command == 1) {
            apply(decided(who, EditMessage{Town::square, of, text}));
        } else if (command == 2) {
            apply(decided(who, DeleteMessage{Town::square, of}));
        } else {
            apply(decided(who, React{Town::square, of, "👍", false}));
        }
    }
    const auto member = aino(removes);
    erase_all(member);
    for (const auto& [key, entity] : channel.entities()) RC_ASSERT(!concerns(member, entity.value));
    const auto version = channel.version();
    erase_all(member);
    RC_ASSERT(channel.version() == version);
    for (const auto id : ids) {
        RC_ASSERT(message(id).text.find("@aino.korhonen") == std::string::npos);
        if (message(id).author != Town::aino) continue;
        RC_ASSERT(message(id).badge.municipality.empty());
        RC_ASSERT(!removes || message(id).text.empty());
    }
}

}  // namespace
}  // namespace foorumi::forum::test
