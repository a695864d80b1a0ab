#include "forum/records.hpp"

#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

using testing::IsEmpty;

class Marking : public ThreadTest {
   protected:
    static constexpr Id author = Town::veikko, moderator = Town::johtaja, other = Town::aino;

    Id id = run(author, PostMessage{Town::square, thread, "Hakijan terveydestä", 0});

    MarkSecrecy mark(std::string ground = "24 § 25 kohta") { return {Town::square, id, true, std::move(ground)}; }
    MarkSecrecy unmark(std::string ground = "") { return {Town::square, id, false, std::move(ground)}; }
    [[nodiscard]] const InboxEntry* told() const {
        for (const auto& effect : effects)
            if (effect.channel == member_channel(author)) return std::get_if<InboxEntry>(&effect.value);
        return nullptr;
    }
};

TEST_F(Marking, ByItsAuthorChangesTheMarkAndNothingElse) {
    const Message before = message(id);
    run(author, mark());
    Message expected = before;
    expected.secrecy = Secrecy{"24 § 25 kohta", now, false};
    EXPECT_EQ(message(id), expected);
    EXPECT_FALSE(act) << "what one does to one's own is no act of power";
    EXPECT_THAT(effects, IsEmpty());
    EXPECT_TRUE(decides_nothing(author, mark()));
    run(author, mark("Toinen"));
    EXPECT_EQ(message(id).secrecy->ground, "Toinen");
    run(author, unmark());
    EXPECT_EQ(message(id), before);
    EXPECT_TRUE(decides_nothing(author, unmark()));
}

TEST_F(Marking, ByAModeratorIsAnActAndTellsTheAuthor) {
    run(moderator, mark());
    EXPECT_EQ(message(id).secrecy, (Secrecy{"24 § 25 kohta", now, true}));
    ASSERT_TRUE(act);
    EXPECT_EQ(act->name, "mark_secrecy");
    EXPECT_EQ(std::tuple(act->forum, act->room, act->thread, act->message, act->member),
              std::tuple(Town::strategy, Town::square, thread, id, author));
    EXPECT_EQ(act->reason, "24 § 25 kohta");
    ASSERT_NE(told(), nullptr);
    EXPECT_EQ(std::tuple(told()->kind, told()->room, told()->thread, told()->message, told()->author, told()->reason),
              std::tuple(InboxKind::secrecy_marked, Town::square, thread, id, Id{0}, "24 § 25 kohta"));
    run(moderator, unmark("Erehdys"));
    EXPECT_FALSE(message(id).secrecy);
    EXPECT_EQ(act->name, "lift_secrecy");
    EXPECT_EQ(told()->kind, InboxKind::secrecy_lifted);
}

TEST_F(Marking, OfModeratorsIsNotTheAuthorsToChange) {
    const auto theirs = refusal_of(ErrorCode::forbidden, "secrecy_by_moderators", "message");
    run(author, mark("Oma"));
    run(moderator, mark());
    EXPECT_EQ(refused(author, unmark()), theirs);
    EXPECT_EQ(refused(author, mark("Toinen")), theirs);
    EXPECT_EQ(message(id).secrecy->ground, "24 § 25 kohta");
}

TEST_F(Marking, OfAModeratorsOwnMessageIsTheirsAsAuthorUntilModeratorsMarkIt) {
    id = run(moderator, PostMessage{Town::square, thread, "Oma", 0});
    run(moderator, mark());
    EXPECT_FALSE(message(id).secrecy->by_moderators);
    EXPECT_FALSE(act);
    lock(thread);
    run(moderator, mark("Lukittu"));
    EXPECT_TRUE(message(id).secrecy->by_moderators) << "authors may nothing in a locked thread";
    EXPECT_EQ(told(), nullptr) << "nobody is told of what they do themselves";
    ASSERT_TRUE(act);
    auto open = thread_of(thread);
    open.locked = false;
    channel.put(thread_key(thread), open);
    run(moderator, unmark());
    ASSERT_TRUE(act) << "a moderators' mark is taken away by a moderator's power";
}

TEST_F(Marking, IsForTheAuthorAndModeratorsAlone) {
    EXPECT_EQ(refused(other, mark()), refusal_of(ErrorCode::forbidden, "moderators_only", "message"));
    EXPECT_EQ(refused(Town::aino, MarkSecrecy{Town::officers, id, true, "x"}),
              refusal_of(ErrorCode::not_found, "room_not_found", "room"));
    EXPECT_EQ(refused(author, MarkSecrecy{Town::square, 987654, true, "x"}),
              refusal_of(ErrorCode::not_found, "message_not_found", "message"));
}

TEST_F(Marking, InALockedThreadOrAnArchivedRoomIsForModeratorsAlone) {
    lock(thread);
    EXPECT_EQ(refused(author, mark()), refusal_of(ErrorCode::forbidden, "thread_locked", "thread"));
    run(moderator, mark());
    archive();
    EXPECT_EQ(refused(author, mark()), refusal_of(ErrorCode::forbidden, "room_archived", "room"));
    run(moderator, unmark());
    EXPECT_FALSE(message(id).secrecy);
}

TEST_F(Marking, NeedsAGroundWithinTheLimit) {
    limits.reason_bytes = 5;
    EXPECT_EQ(refused(author, mark("")), refusal_of(ErrorCode::invalid, "text_empty", "ground"));
    EXPECT_EQ(refused(author, mark("123456")), refusal_of(ErrorCode::invalid, "text_too_long", "ground"));
    EXPECT_EQ(refused(author, unmark("123456")), refusal_of(ErrorCode::invalid, "text_too_long", "ground"));
    run(author, mark("12345"));
    EXPECT_EQ(message(id).secrecy->ground, "12345");
}

TEST_F(Marking, StaysWithEditsAndRemovalsAndAnAuthorsGoesWithTheirDeletion) {
    run(author, mark());
    run(author, EditMessage{Town::square, id, "Muutettu"});
    EXPECT_TRUE(message(id).secrecy);
    run(moderator, RemoveMessage{Town::square, id, "Asiatonta"});
    EXPECT_TRUE(message(id).secrecy) << "it is there again when the message is restored";
    EXPECT_EQ(refused(author, unmark()), refusal_of(ErrorCode::forbidden, "message_deleted", "message"));
    run(author, DeleteMessage{Town::square, id});
    EXPECT_FALSE(message(id).secrecy);
    id = run(author, PostMessage{Town::square, thread, "Toinen", 0});
    run(author, mark());
    run(author, DeleteMessage{Town::square, id});
    EXPECT_FALSE(message(id).secrecy);
    id = run(author, PostMessage{Town::square, thread, "Kolmas", 0});
    run(moderator, mark());
    run(author, DeleteMessage{Town::square, id});
    EXPECT_TRUE(message(id).secrecy) << "the moderators' stays";
}

// Everybody reads it on the tombstone, too.
TEST_F(Marking, OfATombstoneIsTheModeratorsToChange) {
    run(author, mark("Sihteeri X on sairas"));
    run(moderator, RemoveMessage{Town::square, id, "Asiatonta"});
    const auto deleted = refusal_of(ErrorCode::forbidden, "message_deleted", "message");
    EXPECT_EQ(refused(author, mark("Toinen")), deleted);
    run(moderator, mark("JulkL 24 §"));
    EXPECT_EQ(message(id).secrecy->ground, "JulkL 24 §");
    EXPECT_TRUE(message(id).secrecy->by_moderators);
    ASSERT_TRUE(act);
    run(moderator, unmark());
    EXPECT_FALSE(message(id).secrecy);
    run(moderator, mark("JulkL 24 §"));
    run(moderator, PurgeMessage{Town::square, id, "Lainvastaista"});
    ASSERT_TRUE(message(id).secrecy) << "that it was marked stays";
    EXPECT_EQ(message(id).secrecy->ground, "") << "and not why";
    EXPECT_EQ(refused(moderator, mark("Uusi")), deleted);
    run(moderator, unmark());
    EXPECT_FALSE(message(id).secrecy);
}

class Exporting : public ThreadTest {};

TEST_F(Exporting, IsForWhoModeratesAndMayRead) {
    const ExportRecords command{Town::square, thread, true};
    EXPECT_FALSE(check(actor(Town::johtaja), command).has_error());
    EXPECT_EQ(check(actor(Town::aino), command).error(), refusal_of(ErrorCode::forbidden, "moderators_only", "room"));
    EXPECT_EQ(check(actor(Town::aino), ExportRecords{Town::officers}).error(),
              refusal_of(ErrorCode::not_found, "room_not_found", "room"));
    const auto told = act_of(actor(Town::johtaja), command);
    EXPECT_EQ(std::tuple(told.forum, told.room, told.thread, told.public_copy),
              std::tuple(Town::strategy, Town::square, thread, true));
}

}  // namespace
}  // namespace foorumi::forum::test
