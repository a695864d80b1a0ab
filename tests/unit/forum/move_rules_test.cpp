// What begins a move, a split or a merge, who may, and that nobody changes anything meanwhile.
#include "forum/moves.hpp"

#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::ElementsAre;

class MovesTest : public Moderating {
   protected:
    MovesTest() {
        town.add({both, "molempien", "Molempien vetäjä", "", {Role::moderator}, {Town::strategy, Town::leadership}});
    }

    static constexpr Id both = 18;  // moderates both forums

    [[nodiscard]] MoveThread move(Id to_room, bool exposes = false) const {
        return {Town::square, thread, to_room, exposes, 1};
    }
    [[nodiscard]] Id reply(std::string text = "vastaus") { return run(other, post(std::move(text))); }
    [[nodiscard]] const Move& begun() const { return std::get<Move>(effects.front().value); }

    const Refusal moving = [] {
        auto refusal = refusal_of(ErrorCode::unavailable, "thread_moving", "thread");
        refusal.retry_after_ms = 1'000;
        return refusal;
    }();
};

TEST_F(MovesTest, AMoveHoldsTheThreadAndIsListedForTheModerators) {
    run(moderator, move(Town::reading_room));
    EXPECT_EQ(it().moving, now);
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_EQ(effects[0].channel, moderation_channel(Town::strategy));
    EXPECT_EQ(effects[0].key, "move:31:" + std::to_string(thread) + ":@");
    EXPECT_EQ(effects[0].index, moves_index);
    EXPECT_EQ(begun().kind, MoveKind::move);
    EXPECT_EQ(begun().to_room, Town::reading_room);
    EXPECT_EQ(begun().at, it().moving);
    ASSERT_TRUE(act);
    EXPECT_EQ(act->to_room, Town::reading_room);
    EXPECT_EQ(act->member, author);
}

TEST_F(MovesTest, NothingIsChangedMeanwhileByAnybody) {
    const auto message = reply();
    run(moderator, move(Town::reading_room));
    EXPECT_EQ(refused(author, post()), moving);
    each([&](const auto& command) { EXPECT_EQ(refused(moderator, command), moving); });
    EXPECT_EQ(refused(other, EditMessage{Town::square, message, "toisin"}), moving);
    EXPECT_EQ(refused(other, DeleteMessage{Town::square, message}), moving);
    EXPECT_EQ(refused(author, React{Town::square, message, "👍"}), moving);
    EXPECT_EQ(refused(moderator, RemoveMessage{Town::square, message, "syy"}), moving);
    EXPECT_EQ(refused(moderator, RestoreMessage{Town::square, message}), moving);
    EXPECT_EQ(refused(moderator, PurgeMessage{Town::square, message, "syy"}), moving);
    EXPECT_EQ(refused(moderator, move(Town::reading_room)), moving);
    EXPECT_EQ(refused(moderator, SplitThread{Town::square, thread, {message}, "Uusi"}), moving);
    EXPECT_EQ(refused(moderator, MergeThreads{Town::square, thread, another_thread()}), moving);
}

TEST_F(MovesTest, BothRoomsAreForTheirModerators) {
    EXPECT_EQ(refused(author, move(Town::reading_room)), moderators_of_room);
    EXPECT_EQ(refused(moderator, move(Town::officers)), refusal_of(ErrorCode::not_found, "room_not_found", "to_room"));
    EXPECT_EQ(refused(Town::toinen, move(Town::officers)), moderators_of_room);
    town.forum_card(Town::leadership).audience = {};
    EXPECT_EQ(refused(moderator, move(Town::officers)), refusal_of(ErrorCode::forbidden, "moderators_only", "to_room"));
    run(both, move(Town::officers));
}

TEST_F(MovesTest, WhoMayNotReadTheSourceIsNotShownItUnlessThatIsSaid) {
    town.room_card(Town::square).audience = Audience{{Role::councillor}, {}};
    const auto widens = refusal_of(ErrorCode::forbidden, "audience_widens", "exposes_history");
    EXPECT_EQ(refused(moderator, move(Town::reading_room)), widens);
    EXPECT_EQ(refused(both, move(Town::officers)), widens) << "moderators of another forum read everything there";
    run(moderator, move(Town::councillors_only));
    EXPECT_FALSE(act->exposes_history);
}

TEST_F(MovesTest, WhatIsExposedIsInTheLog) {
    town.room_card(Town::square).audience = Audience{{Role::councillor}, {}};
    run(moderator, move(Town::reading_room, true));
    EXPECT_TRUE(act->exposes_history);
}

TEST_F(MovesTest, PlacesAreTwoAndThere) {
    EXPECT_EQ(refused(moderator, move(Town::square)), refusal_of(ErrorCode::invalid, "same_room", "to_room"));
    EXPECT_EQ(refused(moderator, move(999)), refusal_of(ErrorCode::not_found, "room_not_found", "to_room"));
    EXPECT_EQ(refused(moderator, MoveThread{Town::square, 999, Town::reading_room}),
              refusal_of(ErrorCode::not_found, "thread_not_found", "thread"));
    town.room_card(Town::reading_room).archived = true;
    EXPECT_EQ(refused(moderator, move(Town::reading_room)),
              refusal_of(ErrorCode::forbidden, "room_archived", "to_room"));
    town.room_card(Town::reading_room).archived = false;
    archive();
    EXPECT_EQ(refused(moderator, move(Town::reading_room)), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
}

TEST_F(MovesTest, ALockedThreadMayBeMoved) {
    lock(thread);
    run(moderator, move(Town::reading_room));
    EXPECT_TRUE(it().locked);
}

TEST_F(MovesTest, MessagesHaveALimit) {
    limits.moved_messages = 3;
    auto many = move(Town::reading_room);
    many.found = 4;
    EXPECT_EQ(refused(moderator, many), refusal_of(ErrorCode::limited, "too_many_messages", "thread"));
    const auto into = another_thread();
    EXPECT_EQ(refused(moderator, MergeThreads{Town::square, thread, into, 4}),
              refusal_of(ErrorCode::limited, "too_many_messages", "thread"));
    EXPECT_EQ(refused(moderator, SplitThread{Town::square, thread, {3, 4, 5, 6}, "Uusi"}),
              refusal_of(ErrorCode::limited, "too_many_messages", "messages"));
    many.found = 3;
    run(moderator, many);
}

TEST_F(MovesTest, ASplitNamesMessagesOfTheThread) {
    const auto first = reply();
    const auto second = reply();
    const auto elsewhere = another_thread();
    const auto split = [&](std::vector<Id> messages, std::string title = "Uusi aihe") {
        return SplitThread{Town::square, thread, std::move(messages), std::move(title)};
    };
    EXPECT_EQ(refused(moderator, split({})), refusal_of(ErrorCode::invalid, "messages_missing", "messages"));
    EXPECT_EQ(refused(moderator, split({first, thread})), refusal_of(ErrorCode::invalid, "first_message", "messages"));
    EXPECT_EQ(refused(moderator, split({elsewhere})),
              refusal_of(ErrorCode::not_found, "message_not_found", "messages"));
    EXPECT_EQ(refused(moderator, split({999})), refusal_of(ErrorCode::not_found, "message_not_found", "messages"));
    EXPECT_EQ(refused(moderator, split({first}, " ")), refusal_of(ErrorCode::invalid, "text_empty", "title"));
    EXPECT_EQ(refused(author, split({first})), moderators_of_room);
    run(moderator, split({second, first, second}));
    EXPECT_THAT(begun().messages, ElementsAre(first, second));
    EXPECT_EQ(begun().title, "Uusi aihe");
    EXPECT_EQ(act->messages, begun().messages);
}

// A thread that was split off has no message with its own number.
TEST_F(MovesTest, ASplitLeavesSomethingBehind) {
    const auto first = reply();
    const auto second = reply();
    SplitThread all{Town::square, thread, {first, second}, "Uusi"};
    all.found = 2;
    EXPECT_EQ(refused(moderator, all), refusal_of(ErrorCode::invalid, "first_message", "messages"));
    all.found = 3;
    run(moderator, all);
}

TEST_F(MovesTest, AMergeHoldsBoth) {
    const auto into = another_thread();
    EXPECT_EQ(refused(moderator, MergeThreads{Town::square, thread, thread}),
              refusal_of(ErrorCode::invalid, "same_thread", "into"));
    EXPECT_EQ(refused(moderator, MergeThreads{Town::square, thread, 999}),
              refusal_of(ErrorCode::not_found, "thread_not_found", "into"));
    EXPECT_EQ(refused(author, MergeThreads{Town::square, thread, into}), moderators_of_room);
    run(moderator, MergeThreads{Town::square, thread, into});
    EXPECT_EQ(it().moving, now);
    EXPECT_EQ(thread_of(into).moving, now);
    EXPECT_EQ(begun().to_thread, into);
    EXPECT_EQ(refused(author, PostMessage{Town::square, into, "teksti"}), moving);
}

TEST_F(MovesTest, WhatHasGoneIsToldApartFromWhatWasNeverThere) {
    const auto message = reply();
    channel.put(thread_key(thread), Redirect{1, Town::officers, 9, 0});
    const auto gone = refusal_of(ErrorCode::not_found, "moved", "thread");
    EXPECT_EQ(refused(author, post()), gone);
    EXPECT_EQ(refused(moderator, locking()), gone);
    EXPECT_EQ(refused(moderator, move(Town::reading_room)), gone);
    EXPECT_EQ(refused(other, EditMessage{Town::square, message, "toisin"}), gone);
}

}  // namespace
}  // namespace foorumi::forum::test
