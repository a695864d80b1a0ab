#include "client/render.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

using foorumi::v1::Entity;
using foorumi::v1::Error;

class RenderTest : public testing::Test {
   protected:
    RenderTest() {
        foorumi::v1::Member member;
        member.set_id(7);
        member.set_handle("maija");
        member.set_name("Maija\x1b[2J \u202eM");
        member.set_municipality("286");
        member.set_municipality_name("Kouvola");
        member.add_roles(foorumi::v1::ROLE_COUNCILLOR);
        members.put(member);
    }

    static Entity message(const std::string& text) {
        Entity entity;
        entity.set_key("message:57");
        entity.mutable_message()->set_author(7);
        entity.mutable_message()->mutable_badge()->set_municipality("286");
        entity.mutable_message()->mutable_badge()->add_roles(foorumi::v1::ROLE_EXPERT);
        entity.mutable_message()->set_text(text);
        return entity;
    }

    Catalogue texts{"en"};
    MemberCache members;
    Renderer plain{texts, members, false};
};

TEST_F(RenderTest, WhatIsArchivedIsToldWithTheReason) {
    foorumi::v1::Rooms::Room room;
    room.set_title("Tori");
    room.set_slug("tori");
    room.set_id(7);
    EXPECT_EQ(plain.room(room), "Tori  tori  #7  (read-only)");
    room.set_archived(true);
    EXPECT_EQ(plain.room(room), "Tori  tori  #7  (archived)");
    room.set_archive_reason("Ohi\x1b[2J");
    EXPECT_EQ(plain.room(room), "Tori  tori  #7  (archived: Ohi<U+001B>[2J)");
    foorumi::v1::Forums::Forum forum;
    forum.set_title("Strategia");
    forum.set_slug("strategia");
    forum.set_id(2);
    EXPECT_EQ(plain.forum(forum), "Strategia  strategia  #2");
    forum.set_archived(true);
    EXPECT_EQ(plain.forum(forum), "Strategia  strategia  #2  (archived)");
    Entity entity;
    entity.set_key("room");
    entity.mutable_room()->set_title("Tori");
    entity.mutable_room()->set_archived(true);
    entity.mutable_room()->set_archive_reason("Ohi");
    EXPECT_EQ(plain.entity(entity), "room: Tori  (archived: Ohi)");
}

TEST_F(RenderTest, NamesTitlesAndTextsAreMadeHarmless) {
    const std::string nasty = "a\x1b]52;c;x\a\u2066\nb";
    Entity thread;
    thread.set_key("thread:5");
    thread.mutable_thread()->set_title(nasty);
    Entity reactions;
    reactions.mutable_reactions()->add_reactions()->set_emoji(nasty);
    foorumi::v1::Forums::Forum forum;
    forum.set_title(nasty);
    forum.set_slug(nasty);
    forum.set_description(nasty);
    foorumi::v1::Rooms::Room room;
    room.set_title(nasty);
    room.set_description(nasty);
    forum.set_archived(true);
    forum.set_archive_reason(nasty);
    room.set_archived(true);
    room.set_archive_reason(nasty);
    Error error;
    error.set_reason(nasty);
    error.set_field(nasty);
    error.set_text(nasty);
    foorumi::v1::Draft draft;
    draft.set_text(nasty);
    draft.set_title(nasty);
    foorumi::v1::ThreadSummary summary;
    *summary.mutable_thread() = thread;
    Entity gone;
    gone.set_key(nasty);
    for (const auto& shown :
         {plain.entity(thread), plain.entity(message(nasty)), plain.entity(reactions), plain.entity(gone),
          plain.forum(forum), plain.room(room), plain.error(error), plain.draft(draft), plain.thread(summary),
          plain.message(message(nasty), &reactions), plain.member(*members.find(7))}) {
        EXPECT_NE(shown.find("<U+"), std::string::npos) << shown;
        for (const char c : shown) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << shown;
        EXPECT_EQ(shown.find("\u2066"), std::string::npos);
        EXPECT_EQ(shown.find("\u202e"), std::string::npos);
    }
}

TEST_F(RenderTest, AMessageTellsWhoWroteItAsWhom) {
    const std::string shown = plain.message(message("first\nsecond"), nullptr);
    EXPECT_NE(shown.find("#57 Maija<U+001B>[2J <U+202E>M (Kouvola, expert)"), std::string::npos) << shown;
    EXPECT_NE(shown.find("\n    first\n    second"), std::string::npos) << shown;
}

TEST_F(RenderTest, AMunicipalityLeftSinceIsToldByItsCode) {
    Entity entity = message("x");
    entity.mutable_message()->mutable_badge()->set_municipality("091");
    EXPECT_NE(plain.message(entity, nullptr).find("(091, expert)"), std::string::npos);
}

TEST_F(RenderTest, AnUnknownMemberIsToldByNumber) { EXPECT_EQ(plain.name(99), "member #99"); }

TEST_F(RenderTest, AnErasedMemberIsToldAsSuchInEveryLanguageWithTheBadgeThatIsLeft) {
    members.put_answer({99}, {});
    EXPECT_EQ(plain.name(99), "former member #99");
    const Catalogue finnish("fi");
    const Catalogue swedish("sv");
    EXPECT_EQ(Renderer(finnish, members, false).name(99), "poistunut jäsen #99");
    EXPECT_EQ(Renderer(swedish, members, false).name(99), "tidigare medlem #99");
    Entity entity = message("x @#99");
    entity.mutable_message()->set_author(99);
    entity.mutable_message()->mutable_badge()->clear_municipality();
    EXPECT_NE(plain.message(entity, nullptr).find("#57 former member #99 (expert)"), std::string::npos);
    foorumi::v1::InboxEntry entry;
    entry.set_author(99);
    EXPECT_NE(plain.inbox_entry(entry, {}).find("former member #99"), std::string::npos);
    Entity thread;
    thread.set_key("thread:5");
    thread.mutable_thread()->set_title("Otsikko");
    thread.mutable_thread()->set_author(99);
    EXPECT_EQ(plain.entity(thread), "thread #5 \"Otsikko\" (former member #99)");
}

TEST_F(RenderTest, ATitleThatWasRemovedIsToldInWords) {
    Entity thread;
    thread.set_key("thread:57");
    thread.mutable_thread()->set_author(7);
    foorumi::v1::ThreadSummary summary;
    *summary.mutable_thread() = thread;
    EXPECT_TRUE(plain.thread(summary).starts_with("#57  (removed)  ")) << plain.thread(summary);
    EXPECT_TRUE(plain.entity(thread).starts_with("thread #57 \"(removed)\" (")) << plain.entity(thread);
    EXPECT_TRUE(plain.new_thread(thread, message("x")).starts_with("New thread #57: (removed)\n"));
    EXPECT_EQ(plain.title("a\nb"), "a<U+000A>b");
}

TEST_F(RenderTest, ADeletedMessageHasNoTextAndIsNotCalledEdited) {
    Entity entity = message("");
    entity.mutable_message()->set_deleted_ms(1);
    entity.mutable_message()->set_edited_ms(1);
    const std::string shown = plain.message(entity, nullptr);
    EXPECT_NE(shown.find("(the message was deleted)"), std::string::npos);
    EXPECT_EQ(shown.find("(edited)"), std::string::npos);
}

TEST_F(RenderTest, AMentionOfTheReaderIsMarked) {
    Entity entity = message("@maija");
    entity.mutable_message()->add_mentions(7);
    Renderer coloured(texts, members, true);
    coloured.set_self(7);
    EXPECT_NE(coloured.message(entity, nullptr).find("\x1b[7m mentions you \x1b[0m"), std::string::npos);
    coloured.set_self(8);
    EXPECT_EQ(coloured.message(entity, nullptr).find("mentions you"), std::string::npos);
}

TEST_F(RenderTest, ARefusalIsCodeReasonFieldAndText) {
    Error error;
    error.set_code(Error::CODE_FORBIDDEN);
    error.set_reason("thread_locked");
    error.set_field("thread");
    error.set_text("The thread is locked.");
    EXPECT_EQ(plain.error(error), "FORBIDDEN thread_locked thread: The thread is locked.");
    error.clear_text();
    EXPECT_EQ(plain.error(error), "FORBIDDEN thread_locked thread: The thread is locked and takes no more posts.")
        << "the server's words";
    error.set_reason("of_a_later_release");
    EXPECT_EQ(plain.error(error), "FORBIDDEN of_a_later_release thread");
    error.set_reason("room_not_found");
    EXPECT_EQ(plain.error(error), "FORBIDDEN room_not_found thread: the room does not exist, or you may not see it");
}

TEST_F(RenderTest, MarkdownIsStyledOnATerminalAndStaysAsWrittenElsewhere) {
    Entity entity = message("**hei** @maija");
    entity.mutable_message()->add_mentions(7);
    const Renderer coloured(texts, members, true);
    EXPECT_NE(coloured.message(entity, nullptr).find("\n    \x1b[1mhei\x1b[22m \x1b[1m@maija\x1b[22m"),
              std::string::npos);
    EXPECT_NE(plain.message(entity, nullptr).find("\n    **hei** @maija"), std::string::npos);
}

TEST_F(RenderTest, LongTextsAreBrokenWhereTheTerminalEnds) {
    const Renderer narrow(texts, members, false, 16);
    EXPECT_NE(narrow.message(message("yksi kaksi kolme"), nullptr).find("\n    yksi kaksi\n    kolme"),
              std::string::npos);
}

TEST_F(RenderTest, AnInboxEntryNamesRoomAndThreadWhereTheyAreKnown) {
    foorumi::v1::InboxEntry entry;
    entry.set_kind(foorumi::v1::InboxEntry::KIND_REPLY);
    entry.set_room(3);
    entry.set_thread(12);
    entry.set_message(57);
    entry.set_author(99);
    EXPECT_NE(plain.inbox_entry(entry, {.room = "Huone\a", .thread = "Otsikko"})
                  .find("member #99 replied to you: room Huone<U+0007> (#3), thread Otsikko (#12), message #57"),
              std::string::npos);
    EXPECT_NE(plain.inbox_entry(entry, {}).find("room #3, thread #12, message #57"), std::string::npos);
}

TEST_F(RenderTest, ReactionsThatAreGoneAreToldInWords) {
    Entity gone;
    gone.set_key("reactions:35");
    EXPECT_EQ(plain.entity(gone), "no more reactions to #35");
}

TEST_F(RenderTest, ANewThreadIsShownWithItsFirstMessage) {
    Entity thread;
    thread.set_key("thread:57");
    thread.mutable_thread()->set_title("Otsikko");
    const std::string shown = plain.new_thread(thread, message("Alku"));
    EXPECT_TRUE(shown.starts_with("New thread #57: Otsikko\n#57 Maija")) << shown;
    EXPECT_TRUE(shown.ends_with("\n    Alku")) << shown;
}

TEST(MemberCache, AsksForEachMemberOnceEvenIfNotFound) {
    MemberCache cache;
    EXPECT_EQ(cache.missing({3, 0, 5, 3}), (std::vector<std::uint64_t>{3, 5}));
    foorumi::v1::Members found;
    found.add_members()->set_id(3);
    found.mutable_members(0)->set_name("Aino");
    cache.put_answer({3, 5}, found);
    EXPECT_TRUE(cache.missing({3, 5}).empty());
    EXPECT_NE(cache.find(3), nullptr);
    EXPECT_EQ(cache.find(5), nullptr);
}

TEST(MemberCache, OnlyWhoWasNotFoundIsErased) {
    MemberCache cache;
    foorumi::v1::Members found;
    found.add_members()->set_id(3);
    found.mutable_members(0)->set_name("Aino");
    cache.put_answer({3, 5}, found);
    cache.put_unanswered({3, 7});
    EXPECT_FALSE(cache.is_erased(3));
    EXPECT_TRUE(cache.is_erased(5));
    EXPECT_FALSE(cache.is_erased(7)) << "nobody has said so";
    EXPECT_FALSE(cache.is_erased(9)) << "nobody was asked";
    EXPECT_TRUE(cache.missing({3, 5, 7}).empty());
    EXPECT_NE(cache.find(3), nullptr) << "who is known stays so";
}

TEST(MemberCache, ForgetsWhoIsErasedWithAllOthers) {
    MemberCache cache;
    cache.put_answer({1}, {});
    foorumi::v1::Member member;
    member.set_name("Aino");
    for (std::uint64_t id = 2; id <= MemberCache::most; ++id) {
        member.set_id(id);
        cache.put(member);
    }
    EXPECT_TRUE(cache.is_erased(1));
    member.set_id(MemberCache::most + 1);
    cache.put(member);
    EXPECT_FALSE(cache.is_erased(1));
    EXPECT_EQ(cache.missing({1}), std::vector<std::uint64_t>{1});
}

TEST_F(RenderTest, ThreadShowsHowItIsModerated) {
    foorumi::v1::ThreadSummary summary;
    summary.mutable_thread()->set_key("thread:5");
    auto& thread = *summary.mutable_thread()->mutable_thread();
    thread.set_title("Junat");
    const auto shown = [&] { return plain.thread(summary).substr(plain.thread(summary).find("unread") + 6); };
    EXPECT_EQ(shown(), "");
    thread.set_locked(true);
    EXPECT_EQ(shown(), "  (locked)");
    thread.mutable_lock()->set_reason("Done\x1b[2J\nwith");
    EXPECT_EQ(shown().find('\x1b'), std::string::npos);
    EXPECT_EQ(shown().find('\n'), std::string::npos);
    thread.mutable_lock()->set_reason("Done.");
    thread.mutable_pin();
    thread.set_state(foorumi::v1::THREAD_STATE_SOLVED);
    thread.set_slow_mode_s(60);
    thread.add_write(foorumi::v1::ROLE_EXPERT);
    thread.add_tags("sote");
    EXPECT_EQ(shown(), "  (pinned)  (locked: Done.)  (solved)  (slow: 60 s between posts)  (for: expert)  [sote]");
    thread.Clear();
    thread.mutable_pin()->set_announcement(true);
    EXPECT_EQ(shown(), "  (announcement)");
    thread.mutable_pin()->set_until_ms(4'000'000'000'000);
    EXPECT_EQ(shown(), "  (announcement)");
    thread.mutable_pin()->set_until_ms(1);
    EXPECT_EQ(shown(), "") << "it is over";
}

TEST_F(RenderTest, SlowModeTellsHowLongToWait) {
    Error error;
    error.set_code(Error::CODE_LIMITED);
    error.set_reason("slow_mode");
    error.set_field("thread");
    error.set_text("Wait.");
    error.set_retry_after_ms(1'001);
    EXPECT_EQ(plain.error(error), "LIMITED slow_mode thread: Wait. (2 s)");
}

TEST_F(RenderTest, WhatSaysNothingNewIsNotShown) {
    for (const auto& [key, expected] : std::vector<std::pair<std::string, bool>>{
             {"pins", false}, {"pace:5:7", false}, {"thread:5", true}, {"message:57", true}, {"room", true}}) {
        Entity entity;
        entity.set_key(key);
        EXPECT_EQ(is_shown(entity), expected) << key;
    }
}

TEST_F(RenderTest, RemovedMessagesSayThatTheModeratorsDidItAndWhy) {
    Entity entity = message("");
    entity.mutable_message()->set_deleted_ms(1);
    entity.mutable_message()->set_removed_ms(1);
    EXPECT_NE(plain.message(entity, nullptr).find("(the moderators removed the message)"), std::string::npos);
    entity.mutable_message()->set_reason("Rude\x1b[2J");
    const auto shown = plain.message(entity, nullptr);
    EXPECT_NE(shown.find("(the moderators removed the message: Rude"), std::string::npos);
    EXPECT_EQ(shown.find('\x1b'), std::string::npos);
}

TEST_F(RenderTest, EarlierTextsSayWhatWasDoneAndByWhom) {
    foorumi::v1::EarlierText earlier;
    earlier.set_text("once\x1b[2J");
    EXPECT_NE(plain.earlier(earlier).find("before an edit\n    once"), std::string::npos);
    EXPECT_EQ(plain.earlier(earlier).find('\x1b'), std::string::npos);
    earlier.set_removed(true);
    EXPECT_NE(plain.earlier(earlier).find("its author deleted it"), std::string::npos);
    earlier.set_by(99);
    earlier.set_reason("rude");
    EXPECT_NE(plain.earlier(earlier).find("before member #99 removed it: rude"), std::string::npos);
    earlier.set_purged(true);
    EXPECT_NE(plain.earlier(earlier).find("member #99 purged what was kept: rude"), std::string::npos);
}

TEST_F(RenderTest, InboxSaysWhatTheModeratorsDid) {
    foorumi::v1::InboxEntry entry;
    entry.set_kind(foorumi::v1::InboxEntry::KIND_REMOVED);
    entry.set_message(57);
    entry.set_reason("rude");
    EXPECT_NE(plain.inbox_entry(entry, {}).find("The moderators removed your message #57"), std::string::npos);
    EXPECT_NE(plain.inbox_entry(entry, {}).find("Reason: rude"), std::string::npos);
    entry.set_kind(foorumi::v1::InboxEntry::KIND_RESTORED);
    EXPECT_NE(plain.inbox_entry(entry, {}).find("restored your message #57"), std::string::npos);
}

TEST_F(RenderTest, SanctionSaysWhatWhereUntilWhenAndWhy) {
    foorumi::v1::SanctionRecord sanction;
    sanction.set_number(4);
    sanction.set_kind(foorumi::v1::SANCTION_KIND_MUTE);
    sanction.set_forum(2);
    sanction.set_reason("rude\a");
    sanction.set_appeal("the board");
    sanction.set_in_force(true);
    sanction.set_by(7);
    const auto told = plain.sanction(sanction, "strategy");
    for (const auto* part : {"#4", "mute", "forum strategy", "until it is lifted", "(in force)", "rude<U+0007>",
                             "Appeal: the board", "(Maija<U+001B>"})
        EXPECT_NE(told.find(part), std::string::npos) << part << " in " << told;
    sanction.set_forum(0);
    sanction.set_ended_ms(1);
    sanction.set_end_reason("settled");
    const auto lifted = plain.sanction(sanction, "");
    EXPECT_NE(lifted.find("everywhere"), std::string::npos);
    EXPECT_NE(lifted.find("settled"), std::string::npos);
    sanction.set_replaced_by(5);
    EXPECT_NE(plain.sanction(sanction, "").find("#5 took its place"), std::string::npos);
}

TEST_F(RenderTest, InboxTellsOfSanctions) {
    foorumi::v1::InboxEntry entry;
    entry.set_kind(foorumi::v1::InboxEntry::KIND_SANCTIONED);
    entry.set_reason("rude");
    auto& sanction = *entry.mutable_sanction();
    sanction.set_number(4);
    sanction.set_kind(foorumi::v1::SANCTION_KIND_WARN);
    sanction.set_forum(2);
    sanction.set_appeal("the board");
    const auto told = plain.inbox_entry(entry, {});
    EXPECT_NE(told.find("Sanction #4: warning, forum #2  rude  Appeal: the board"), std::string::npos) << told;
    entry.set_kind(foorumi::v1::InboxEntry::KIND_SANCTION_LIFTED);
    EXPECT_NE(plain.inbox_entry(entry, {}).find("Sanction #4 was lifted"), std::string::npos);
}

}  // namespace
}  // namespace foorumi::client
