#include "forum/moderation.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <set>

#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Aino's thread in a room of the forum that Johtaja moderates.
class Moderating : public ThreadTest {
   protected:
    static constexpr Id author = Town::aino, moderator = Town::johtaja, other = Town::veikko;

    [[nodiscard]] LockThread locking(std::string reason = "Asia on käsitelty.") const {
        return {Town::square, thread, true, std::move(reason)};
    }
    [[nodiscard]] LockThread unlocking(std::string reason = "") const {
        return {Town::square, thread, false, std::move(reason)};
    }
    [[nodiscard]] PinThread pinning(Millis until = 0, bool announcement = false) const {
        return {Town::square, thread, until, announcement, false};
    }
    [[nodiscard]] PinThread unpinning() const { return {Town::square, thread, 0, false, true}; }
    [[nodiscard]] RestrictThread restricting(std::uint32_t slow_mode_s, Roles write = {}) const {
        return {Town::square, thread, slow_mode_s, write};
    }
    [[nodiscard]] SetThreadState state(ThreadState state) const { return {Town::square, thread, state}; }
    [[nodiscard]] TagThread tagging(std::vector<std::string> tags) const {
        return {Town::square, thread, std::move(tags)};
    }
    [[nodiscard]] RenameThread renaming(std::string title = "Uusi otsikko") const {
        return {Town::square, thread, std::move(title)};
    }
    [[nodiscard]] PostMessage post(std::string text = "Meillä juna kulkee tunnin välein.") const {
        return {Town::square, thread, std::move(text), 0};
    }
    [[nodiscard]] Act act_here(std::string_view name = {}, std::string reason = "") const {
        Act here;
        here.name = name;
        here.forum = Town::strategy;
        here.room = Town::square;
        here.thread = thread;
        here.member = author;
        here.reason = std::move(reason);
        return here;
    }
    [[nodiscard]] const Thread& it() const { return thread_of(thread); }
    [[nodiscard]] Id another_thread() { return run(author, StartThread{Town::square, "Toinen", "aihe"}); }
    [[nodiscard]] std::vector<Id> pinned() const {
        std::vector<Id> ids;
        if (const auto* pins = channel.find<Pins>(pins_key))
            for (const auto& one : pins->pinned) ids.push_back(one.thread);
        return ids;
    }

    // Calls f with one command of each kind that is the moderators' alone, and of each that is the author's as well.
    template <class F>
    void each_of_moderators(F f) const {
        f(locking()), f(unlocking()), f(pinning()), f(unpinning()), f(restricting(60));
    }
    template <class F>
    void each_of_authors(F f) const {
        f(state(ThreadState::solved)), f(tagging({"sote"})), f(renaming());
    }
    template <class F>
    void each(F f) const {
        each_of_moderators(f), each_of_authors(f);
    }

    const Refusal moderators_of_room = refusal_of(ErrorCode::forbidden, "moderators_only", "room");
    const Refusal moderators_of_thread = refusal_of(ErrorCode::forbidden, "moderators_only", "thread");
    const Refusal locked = refusal_of(ErrorCode::forbidden, "thread_locked", "thread");
};

// --- who may

TEST_F(Moderating, IsForModeratorsOfTheForumAndAdministrators) {
    for (const Id member : {moderator, Town::yllapito})
        each([&](const auto& command) { EXPECT_TRUE(decided(member, command)) << member; });
    for (const Id member : {author, other, Town::toinen})
        each_of_moderators([&](const auto& command) { EXPECT_EQ(refused(member, command), moderators_of_room); });
}

TEST_F(Moderating, IsPartlyForTheAuthor) {
    each_of_authors([&](const auto& command) {
        EXPECT_TRUE(decided(author, command));
        EXPECT_EQ(refused(other, command), moderators_of_thread);
        EXPECT_EQ(refused(Town::toinen, command), moderators_of_thread);
    });
}

TEST_F(Moderating, OfARoomOutOfSightIsRefusedAsOfOneThatDoesNotExist) {
    const auto hidden = refusal_of(ErrorCode::not_found, "room_not_found", "room");
    each([&](auto command) {
        for (const Id room : {Town::councillors_only, Id{999}, Id{0}}) {
            command.room = room;
            EXPECT_EQ(refused(Town::virkamies, command), hidden);
            EXPECT_EQ(room == Town::councillors_only ? refused(Town::yllapito, command) : hidden, hidden)
                << "the power of administrators shows them nothing";
        }
    });
}

TEST_F(Moderating, OfAThreadThatDoesNotExistIsRefused) {
    each([&](auto command) {
        command.thread = 999;
        EXPECT_EQ(refused(moderator, command), refusal_of(ErrorCode::not_found, "thread_not_found", "thread"));
    });
}

TEST_F(Moderating, InAnArchivedRoomIsRefused) {
    archive();
    each([&](const auto& command) {
        EXPECT_EQ(refused(moderator, command), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
    });
    each_of_authors([&](const auto& command) {
        EXPECT_EQ(refused(author, command), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
    });
}

TEST_F(Moderating, OfTheirOwnIsNotForAuthorsOfALockedThread) {
    lock(thread);
    each_of_authors([&](const auto& command) {
        EXPECT_EQ(refused(author, command), locked);
        EXPECT_TRUE(decided(moderator, command));
    });
}

TEST_F(Moderating, OfTheirOwnIsNotForAuthorsWhoMayNotWriteAnyMore) {
    town.room_card(Town::square).audience = Audience{{}, {Role::office_holder}};
    each_of_authors([&](const auto& command) {
        EXPECT_EQ(refused(author, command), refusal_of(ErrorCode::forbidden, "may_not_write", "room"));
    });
}

// --- what is kept of it

TEST_F(Moderating, IsKeptAsAnAct) {
    run(moderator, locking("Kesäloma."));
    EXPECT_EQ(act, act_here("lock_thread", "Kesäloma."));
    run(moderator, unlocking("Loma on ohi."));
    EXPECT_EQ(act, act_here("unlock_thread", "Loma on ohi."));
    run(moderator, pinning());
    EXPECT_EQ(act, act_here("pin_thread"));
    run(moderator, unpinning());
    EXPECT_EQ(act, act_here("unpin_thread"));
    auto restricted = act_here();
    restricted.slow_mode_s = 5;
    restricted.write = {Role::expert};
    run(moderator, restricting(5, {Role::expert}));
    EXPECT_EQ(act, restricted);
    auto brief = act_here("pin_thread");
    brief.until = now + 60'000;
    brief.announcement = true;
    run(moderator, pinning(now + 60'000, true));
    EXPECT_EQ(act, brief);
    auto helped = act_here();
    helped.state = ThreadState::helped;
    run(moderator, state(ThreadState::helped));
    EXPECT_EQ(act, helped);
    run(moderator, tagging({"sote"}));
    EXPECT_EQ(act, act_here());
    run(moderator, renaming());
    EXPECT_EQ(act, act_here());
}

TEST_F(Moderating, OfTheirOwnIsNotForAuthorsWhoMayNotPostThere) {
    run(moderator, restricting(0, {Role::expert}));
    each_of_authors([&](const auto& command) {
        EXPECT_EQ(refused(author, command), refusal_of(ErrorCode::forbidden, "may_not_post_in_thread", "thread"));
        EXPECT_TRUE(decided(moderator, command));
    });
}

TEST_F(Moderating, WithTagsBeyondAnyLimitIsRefused) {
    auto command = tagging({});
    command.too_many = true;
    EXPECT_EQ(refused(author, command), refusal_of(ErrorCode::limited, "too_many_tags", "tags"));
    command.too_long = true;
    EXPECT_EQ(refused(author, command), refusal_of(ErrorCode::invalid, "text_too_long", "tags"));
}

TEST_F(Moderating, OfTheirOwnIsNoActOfAuthors) {
    each_of_authors([&](const auto& command) {
        run(author, command);
        EXPECT_EQ(act, std::nullopt);
    });
}

TEST_F(Moderating, OfOnesOwnThreadIsAnActWhereTheAuthorMayNot) {
    thread = run(moderator, StartThread{Town::square, "Valvojan ketju", "aihe"});
    run(moderator, tagging({"sote"}));
    EXPECT_EQ(act, std::nullopt);
    run(moderator, state(ThreadState::practice));
    ASSERT_TRUE(act);
    EXPECT_EQ(act->member, moderator);
    lock(thread);
    run(moderator, tagging({"kuntatalous"}));
    EXPECT_TRUE(act);
}

TEST_F(Moderating, ThatChangesNothingDecidesNothing) {
    EXPECT_TRUE(decides_nothing(moderator, unlocking("miksi ei")));
    EXPECT_TRUE(decides_nothing(moderator, unpinning()));
    EXPECT_TRUE(decides_nothing(moderator, restricting(0)));
    EXPECT_TRUE(decides_nothing(moderator, state(ThreadState::none)));
    EXPECT_TRUE(decides_nothing(moderator, tagging({})));
    EXPECT_TRUE(decides_nothing(moderator, renaming("Lähijunien vuorovälit")));
    const auto again = [&](const auto& command) {
        run(moderator, command);
        now += 1000;
        EXPECT_TRUE(decides_nothing(moderator, command));
        EXPECT_TRUE(decides_nothing(Town::yllapito, command));
    };
    again(pinning(now + 60'000, true)), again(restricting(5, {Role::expert})), again(state(ThreadState::helped));
    again(tagging({"sote", "sote"})), again(renaming()), again(locking());
}

TEST_F(Moderating, ExpectsWhatItWasDecidedOn) {
    each([&](const auto& command) {
        const auto decision = decided(moderator, command);
        ASSERT_TRUE(decision);
        if (decision->writes.empty()) return;
        EXPECT_EQ(decision->expectations[0], (Expectation{"room", 1}));
        EXPECT_EQ(decision->expectations[1], (Expectation{thread_key(thread), thread}));
    });
}

// --- locks

TEST_F(Moderating, ALockTellsWhyByWhomAndWhen) {
    run(moderator, locking("Asia on käsitelty."));
    EXPECT_TRUE(it().locked);
    EXPECT_EQ(it().lock, (Lock{"Asia on käsitelty.", moderator, now}));
    now += 1000;
    run(Town::yllapito, locking("Toinen syy."));
    EXPECT_EQ(it().lock, (Lock{"Toinen syy.", Town::yllapito, now}));
    run(moderator, unlocking());
    EXPECT_FALSE(it().locked);
    EXPECT_EQ(it().lock, Lock{});
}

TEST_F(Moderating, ALockOfWhichNothingIsKnownGetsAReason) {
    lock(thread);
    run(moderator, locking("Syy."));
    EXPECT_EQ(it().lock, (Lock{"Syy.", moderator, now}));
}

TEST_F(Moderating, ALockNeedsAReasonWithinItsLimit) {
    limits.reason_bytes = 10;
    EXPECT_EQ(refused(moderator, locking("")), refusal_of(ErrorCode::invalid, "text_empty", "reason"));
    EXPECT_EQ(refused(moderator, locking(" ")), refusal_of(ErrorCode::invalid, "text_empty", "reason"));
    EXPECT_TRUE(decided(moderator, locking(std::string(9, 'a'))));
    EXPECT_TRUE(decided(moderator, locking("äääää")));
    const auto too_long = refusal_of(ErrorCode::invalid, "text_too_long", "reason");
    EXPECT_EQ(refused(moderator, locking("äääääa")), too_long);
    EXPECT_EQ(refused(other, locking("äääääa")), too_long) << "fields come first";
    EXPECT_TRUE(decided(moderator, unlocking("äääää")));
    EXPECT_EQ(refused(moderator, unlocking("äääääa")), too_long);
}

TEST_F(Moderating, InALockedThreadNobodyAddsOrChangesAnything) {
    const Id own = run(other, post());
    const Id of_moderator = run(moderator, post());
    run(moderator, locking());
    EXPECT_EQ(refused(other, post()), locked);
    EXPECT_EQ(refused(moderator, post()), locked);
    EXPECT_EQ(refused(other, EditMessage{Town::square, own, "uusi"}), locked);
    EXPECT_EQ(refused(moderator, EditMessage{Town::square, of_moderator, "uusi"}), locked);
    EXPECT_EQ(refused(other, DeleteMessage{Town::square, own}), locked);
    EXPECT_EQ(refused(other, React{Town::square, own, "👍"}), locked);
    run(moderator, unlocking());
    EXPECT_TRUE(decided(other, post()));
}

// --- pins

TEST_F(Moderating, APinHasAnEndOrNone) {
    run(moderator, pinning());
    EXPECT_EQ(it().pin, (Pin{0, false}));
    run(moderator, pinning(now + 1, true));
    EXPECT_EQ(it().pin, (Pin{now + 1, true}));
    EXPECT_EQ(*channel.find<Pins>(pins_key), (Pins{{{thread, now + 1}}}));
    run(moderator, unpinning());
    EXPECT_EQ(it().pin, std::nullopt);
    EXPECT_EQ(channel.find<Pins>(pins_key), nullptr);
}

TEST_F(Moderating, APinThatIsOverCountsForNothing) {
    run(moderator, pinning(now + 1000));
    now += 999;
    EXPECT_FALSE(decides_nothing(moderator, unpinning()));
    now += 1;
    EXPECT_TRUE(decides_nothing(moderator, unpinning()));
    const Id second = another_thread();
    run(moderator, PinThread{Town::square, second});
    EXPECT_THAT(pinned(), ElementsAre(second));
    run(moderator, pinning(now + 1));
    EXPECT_THAT(pinned(), ElementsAre(second, thread));
}

TEST_F(Moderating, APinEndsLater) {
    const auto past = refusal_of(ErrorCode::invalid, "pin_in_past", "until_ms");
    EXPECT_TRUE(decided(moderator, pinning(now + 1)));
    EXPECT_EQ(refused(moderator, pinning(now)), past);
    EXPECT_EQ(refused(moderator, pinning(now - 1)), past);
    EXPECT_EQ(refused(moderator, pinning(-1)), past);
    EXPECT_TRUE(decided(moderator, PinThread{Town::square, thread, -1, false, true})) << "unpinning has no time";
}

TEST_F(Moderating, KeepsToTheLimitOfPins) {
    limits.pinned_threads = 2;
    const auto full = refusal_of(ErrorCode::limited, "too_many_pinned", "thread");
    const PinThread second{Town::square, another_thread()}, third{Town::square, another_thread(), now + 1000};
    run(moderator, pinning());
    run(moderator, second);
    EXPECT_EQ(refused(moderator, third), full);
    run(moderator, pinning(now + 1000));  // those that are pinned may be so otherwise
    EXPECT_THAT(pinned(), UnorderedElementsAre(thread, second.thread));
    now += 999;
    EXPECT_EQ(refused(moderator, third), refusal_of(ErrorCode::limited, "too_many_pinned", "thread"));
    now += 1;
    EXPECT_TRUE(decided(moderator, PinThread{Town::square, third.thread})) << "one is over";
    run(moderator, PinThread{Town::square, second.thread, 0, false, true});
    run(moderator, PinThread{Town::square, third.thread});
    EXPECT_THAT(pinned(), ElementsAre(third.thread));
}

TEST_F(Moderating, OfTwoPinsAtOnceOneIsDecidedAgain) {
    limits.pinned_threads = 1;
    const PinThread second{Town::square, another_thread()};
    const auto first = decided(moderator, pinning());
    const auto at_once = decided(Town::yllapito, second);
    ASSERT_TRUE(first && at_once);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*at_once), ElementsAre("pins"));
    EXPECT_EQ(refused(Town::yllapito, second), refusal_of(ErrorCode::limited, "too_many_pinned", "thread"));
}

// --- who may post, and how often

TEST_F(Moderating, AThreadForSomeRolesIsForNobodyElse) {
    const Id own = run(other, post());
    run(moderator, restricting(0, {Role::office_holder, Role::expert}));
    const auto not_for_them = refusal_of(ErrorCode::forbidden, "may_not_post_in_thread", "thread");
    EXPECT_EQ(refused(other, post()), not_for_them);
    EXPECT_EQ(refused(author, post()), not_for_them) << "its author neither";
    EXPECT_EQ(refused(other, EditMessage{Town::square, own, "uusi"}), not_for_them);
    EXPECT_EQ(refused(other, DeleteMessage{Town::square, own}), not_for_them);
    EXPECT_EQ(refused(other, React{Town::square, own, "👍"}), not_for_them);
    EXPECT_TRUE(decided(Town::virkamies, post()));
    EXPECT_TRUE(decided(moderator, post())) << "they moderate";
    EXPECT_TRUE(decided(Town::yllapito, post()));
    EXPECT_EQ(refused(Town::toinen, post()), not_for_them);
    run(moderator, restricting(0));
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(Moderating, ARoleThatIsNotKnownIsRefused) {
    auto command = restricting(0, {Role::expert});
    command.role_unknown = true;
    EXPECT_EQ(refused(moderator, command), refusal_of(ErrorCode::invalid, "role_unknown", "write"));
}

TEST_F(Moderating, SlowModeHasALimit) {
    limits.slow_mode_s = 60;
    EXPECT_TRUE(decided(moderator, restricting(59)));
    EXPECT_TRUE(decided(moderator, restricting(60)));
    EXPECT_EQ(refused(moderator, restricting(61)), refusal_of(ErrorCode::invalid, "slow_mode_too_long", "slow_mode_s"));
}

class SlowMode : public Moderating {
   protected:
    SlowMode() { run(moderator, restricting(60)); }
    static Refusal wait(std::uint32_t ms) { return {ErrorCode::limited, "slow_mode", "thread", ms}; }
};

TEST_F(SlowMode, IsBetweenTwoPostsOfOneMember) {
    run(other, post());
    EXPECT_EQ(refused(other, post()), wait(60'000));
    EXPECT_TRUE(decided(author, post()));
    now += 59'999;
    EXPECT_EQ(refused(other, post()), wait(1));
    now += 1;
    run(other, post());
    EXPECT_EQ(refused(other, post()), wait(60'000));
}

TEST_F(SlowMode, IsNotForThoseWhoModerate) {
    for (const Id member : {moderator, Town::yllapito}) {
        run(member, post());
        run(member, post());
        EXPECT_EQ(channel.find<Pace>(pace_key(thread, member)), nullptr);
    }
}

TEST_F(SlowMode, SaysNothingBesideWhatTheMessageSays) {
    const Id id = run(other, post());
    EXPECT_EQ(*channel.find<Pace>(pace_key(thread, other)), (Pace{message(id).author, message(id).created}));
}

TEST_F(SlowMode, OfTwoPostsAtOnceLetsOneLand) {
    const auto first = decided(other, post("yksi"));
    const auto second = decided(other, post("kaksi"));
    const auto of_another = decided(author, post());
    ASSERT_TRUE(first && second && of_another);
    channel.apply(*first);
    EXPECT_THAT(channel.stale(*second), ElementsAre(pace_key(thread, other)));
    EXPECT_THAT(channel.stale(*of_another), IsEmpty());
    now += 60'000;
    const auto third = decided(other, post("kolme"));
    const auto fourth = decided(other, post("neljä"));
    ASSERT_TRUE(third && fourth);
    channel.apply(*third);
    EXPECT_THAT(channel.stale(*fourth), ElementsAre(pace_key(thread, other)));
}

TEST_F(SlowMode, IsOverWhenItSaidItWouldBeWhereTheClockIsBehind) {
    run(other, post());
    now -= 5000;
    EXPECT_EQ(refused(other, post()), wait(65'000));
    now += 64'999;
    EXPECT_EQ(refused(other, post()), wait(1));
    now += 1;
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(SlowMode, APostOfAClockThatWasWrongHoldsNobodyUp) {
    const Millis hour = 60LL * 60 * 1000;
    run(other, post());
    now -= hour;
    EXPECT_EQ(refused(other, post()), wait(60'000 + 60 * 60 * 1000));
    now -= 1;
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(SlowMode, IsOfPostsOnly) {
    const Id own = run(other, post());
    EXPECT_TRUE(decided(other, EditMessage{Town::square, own, "uusi"}));
    EXPECT_TRUE(decided(other, React{Town::square, own, "👍"}));
    EXPECT_TRUE(decided(other, DeleteMessage{Town::square, own}));
}

TEST_F(SlowMode, ThatEndsHoldsNobodyUp) {
    run(other, post());
    run(moderator, restricting(0));
    EXPECT_TRUE(decided(other, post()));
}

TEST_F(SlowMode, IsAskedForOnlyWhereThereIsOne) {
    const Actor who = actor(other);
    const NeedsView view(channel.entities(), needs(who, post()));
    const auto undecided = decide(who, post(), view);
    ASSERT_TRUE(undecided);
    EXPECT_THAT(undecided->further, ElementsAre(pace_key(thread, other)));
    EXPECT_THAT(undecided->writes, IsEmpty());
    run(moderator, restricting(0));
    const auto now_decided = decide(who, post(), NeedsView(channel.entities(), needs(who, post())));
    ASSERT_TRUE(now_decided);
    EXPECT_THAT(now_decided->further, IsEmpty());
}

// --- states, tags, titles

TEST_F(Moderating, AuthorsSayHowFarTheirThreadHasCome) {
    for (const auto each : {ThreadState::open, ThreadState::helped, ThreadState::solved, ThreadState::none}) {
        run(author, state(each));
        EXPECT_EQ(it().state, each);
    }
}

TEST_F(Moderating, PracticeIsGivenAndTakenByModerators) {
    const auto refusal = refusal_of(ErrorCode::forbidden, "moderators_only", "state");
    EXPECT_EQ(refused(author, state(ThreadState::practice)), refusal);
    run(moderator, state(ThreadState::practice));
    EXPECT_EQ(refused(author, state(ThreadState::none)), refusal);
    run(moderator, state(ThreadState::none));
    EXPECT_TRUE(decided(author, state(ThreadState::open)));
}

TEST_F(Moderating, AStateThatIsNotKnownIsRefused) {
    EXPECT_EQ(refused(moderator, state(static_cast<ThreadState>(5))),
              refusal_of(ErrorCode::invalid, "state_unknown", "state"));
}

TEST_F(Moderating, TagsAreKeptOnceEachInTheirOrder) {
    run(author, tagging({"sote", "junat", "sote", "äiti", "junat"}));
    EXPECT_THAT(it().tags, ElementsAre("sote", "junat", "äiti"));
    run(author, tagging({}));
    EXPECT_THAT(it().tags, IsEmpty());
}

TEST_F(Moderating, KeepsToTheLimitsOfTags) {
    limits.tags = 2;
    limits.tag_bytes = 4;
    EXPECT_TRUE(decided(author, tagging({"a"})));
    EXPECT_TRUE(decided(author, tagging({"a", "b", "a"})));
    EXPECT_EQ(refused(author, tagging({"a", "b", "c"})), refusal_of(ErrorCode::limited, "too_many_tags", "tags"));
    EXPECT_TRUE(decided(author, tagging({"aaa", "ää"})));
    EXPECT_EQ(refused(author, tagging({"äää"})), refusal_of(ErrorCode::invalid, "text_too_long", "tags"));
    EXPECT_EQ(refused(author, tagging({""})), refusal_of(ErrorCode::invalid, "text_empty", "tags"));
    EXPECT_EQ(refused(author, tagging({"a\nb"})), refusal_of(ErrorCode::invalid, "title_line_break", "tags"));
}

TEST_F(Moderating, ATitleKeepsToItsLimit) {
    limits.title_bytes = 4;
    run(author, renaming("Juna"));
    EXPECT_EQ(it().title, "Juna");
    EXPECT_EQ(refused(author, renaming("Junat")), refusal_of(ErrorCode::invalid, "text_too_long", "title"));
    EXPECT_EQ(refused(author, renaming("")), refusal_of(ErrorCode::invalid, "text_empty", "title"));
}

// --- many at once

// What several members do in one thread, each deciding on what was there some steps ago, as nodes that race do. A step
// is a number: who, what, and how old what they have seen is. RapidCheck tells the seed of a run that fails.
RC_GTEST_PROP(RacingALock, NothingLandsInALockedThread, (const std::vector<std::uint16_t>& steps)) {
    Town town;
    const ContentLimits limits;
    ModelChannel channel;
    channel.put("room", Room{Town::strategy, "tori", "Tori", "", false});
    const std::vector<Id> members{Town::aino, Town::veikko, Town::johtaja};
    Millis now = 1;
    std::vector<Entities> seen;
    const auto take = [&](Id member, const auto& command, std::size_t age) {
        const Actor actor{town.card(member), town, now++, limits};
        const auto try_on = [&](const Entities& entities) {
            auto keys = needs(actor, command);
            return decide_on(actor, command, entities, keys);
        };
        auto decision = try_on(seen.size() > age ? seen[seen.size() - 1 - age] : channel.entities());
        if (!decision || !channel.stale(*decision).empty()) decision = try_on(channel.entities());
        if (!decision) return;
        RC_ASSERT(channel.stale(*decision).empty());
        const auto* before = channel.find<Thread>(thread_key(2));
        const bool locked = before != nullptr && before->locked;
        const bool lands_in_it = locked && !decision->writes.empty() && !decision->act;
        RC_ASSERT(!lands_in_it);
        channel.apply(*decision);
    };
    take(Town::aino, StartThread{Town::square, "Aihe", "teksti"}, 0);
    for (const auto step : steps) {
        const Id member = members[step % 3];
        const std::size_t age = step / 3 % 4;
        const std::string text = "teksti " + std::to_string(step);
        switch (step / 12 % 8) {
            case 0:
                take(Town::johtaja, LockThread{Town::square, 2, true, text}, age);
                break;
            case 1:
                take(Town::yllapito, LockThread{Town::square, 2, false, ""}, age);
                break;
            case 2:
                take(Town::johtaja, RestrictThread{Town::square, 2, step % 2U, {}}, age);
                break;
            case 3:
                take(Town::aino, EditMessage{Town::square, 2, text, 2}, age);
                break;
            case 4:
                take(member, React{Town::square, 2, "👍", step % 2 == 0, 2}, age);
                break;
            case 5:
                take(Town::aino, TagThread{Town::square, 2, {text}}, age);
                break;
            default:
                take(member, PostMessage{Town::square, 2, text, 0}, age);
        }
        seen.push_back(channel.entities());
    }
}

// Two nodes and one member: whatever the order, posts that land are as far apart as the thread wants.
RC_GTEST_PROP(RacingOneself, PostsThatLandAreApart, (const std::vector<std::pair<bool, std::uint8_t>>& posts)) {
    const Town town;
    const ContentLimits limits;
    ModelChannel channel;
    channel.put("room", Room{Town::strategy, "tori", "Tori", "", false});
    Thread slow;
    slow.slow_mode_s = 1;
    channel.put(thread_key(2), slow);
    Entities seen[2] = {channel.entities(), channel.entities()};
    Millis now = 1;
    std::optional<Millis> last;
    for (const auto& [node, later] : posts) {
        now += Millis{later} * 10;
        const Actor actor{town.card(Town::aino), town, now, limits};
        const PostMessage command{Town::square, 2, "hei", 0};
        const auto try_on = [&](const Entities& entities) {
            auto keys = needs(actor, command);
            return decide_on(actor, command, entities, keys);
        };
        auto decision = try_on(seen[node]);
        if (!decision || !channel.stale(*decision).empty()) decision = try_on(channel.entities());
        RC_ASSERT(decision.has_value() == (!last || now - *last >= 1000));
        if (decision) {
            channel.apply(*decision);
            last = now;
        }
        seen[node] = channel.entities();
    }
}

}  // namespace
}  // namespace foorumi::forum::test
