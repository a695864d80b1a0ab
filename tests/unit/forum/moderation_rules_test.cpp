#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

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

}  // namespace
}  // namespace foorumi::forum::test
