#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "client/arguments.hpp"
#include "client/times.hpp"

namespace foorumi::client {
namespace {

Parsed parsed(const std::vector<std::string>& words) {
    const Catalogue english("en");
    return parse_arguments(words, english);
}

TEST(ModerationArguments, OneMessageIsRemovedForAReason) {
    const auto one = parsed({"mod", "remove", "tori", "57", "--reason", "Asiatonta", "--yes"});
    ASSERT_TRUE(one.arguments) << one.err;
    EXPECT_EQ(one.arguments->verb, Verb::mod_remove);
    EXPECT_EQ(one.arguments->message, 57U);
    EXPECT_EQ(one.arguments->moderation.reason, "Asiatonta");
    EXPECT_TRUE(one.arguments->moderation.yes);
    EXPECT_FALSE(parsed({"mod", "remove", "tori", "57"}).arguments) << "without a reason";
}

TEST(ModerationArguments, OrThoseOfAMemberInARangeOfTime) {
    const std::vector<std::string> whole{"mod",        "remove", "tori",       "--member", "aino",     "--from",
                                         "2026-11-26", "--to",   "2026-11-27", "--reason", "Mainoksia"};
    const auto bulk = parsed(whole);
    ASSERT_TRUE(bulk.arguments) << bulk.err;
    EXPECT_EQ(bulk.arguments->moderation.from_ms, parse_time("2026-11-26"));
    for (std::size_t left_out : {3U, 5U, 7U}) {
        auto words = whole;
        words.erase(words.begin() + left_out, words.begin() + left_out + 2);
        EXPECT_FALSE(parsed(words).arguments) << whole[left_out];
    }
    auto both = whole;
    both.insert(both.begin() + 3, "57");
    EXPECT_FALSE(parsed(both).arguments);
    EXPECT_FALSE(parsed({"mod", "remove", "tori", "--reason", "x"}).arguments);
    auto wrong = whole;
    wrong[6] = "eilen";
    EXPECT_FALSE(parsed(wrong).arguments);
}

TEST(ModerationArguments, TheOtherCommandsNameAMessage) {
    EXPECT_EQ(parsed({"mod", "restore", "tori", "57"}).arguments->verb, Verb::mod_restore);
    EXPECT_EQ(parsed({"mod", "earlier", "tori", "57"}).arguments->verb, Verb::mod_earlier);
    EXPECT_EQ(parsed({"mod", "purge", "tori", "57", "--reason", "x"}).arguments->verb, Verb::mod_purge);
    EXPECT_FALSE(parsed({"mod", "purge", "tori", "57"}).arguments);
    EXPECT_FALSE(parsed({"mod", "restore", "tori"}).arguments);
    EXPECT_FALSE(parsed({"mod"}).arguments);
    EXPECT_EQ(parsed({"seen", "tori", "57", "--act", "90"}).arguments->act, 90U);
}

TEST(RecordArguments, MessagesAreMarkedWithAGround) {
    const auto marked = parsed({"mod", "mark", "tori", "57", "--ground", "24 §"});
    ASSERT_TRUE(marked.arguments) << marked.err;
    EXPECT_EQ(marked.arguments->verb, Verb::mod_mark);
    EXPECT_EQ(marked.arguments->message, 57U);
    EXPECT_EQ(marked.arguments->moderation.reason, "24 §");
    EXPECT_FALSE(parsed({"mod", "mark", "tori", "57"}).arguments) << "without a ground";
    EXPECT_EQ(parsed({"mod", "unmark", "tori", "57"}).arguments->verb, Verb::mod_unmark);
    EXPECT_FALSE(parsed({"mod", "unmark", "tori"}).arguments);
}

TEST(RecordArguments, ARoomOrAThreadIsExportedToADirectory) {
    const auto room = parsed({"mod", "export", "tori", "--out", "vienti"});
    ASSERT_TRUE(room.arguments) << room.err;
    EXPECT_EQ(room.arguments->verb, Verb::mod_export);
    EXPECT_EQ(room.arguments->thread, 0U);
    EXPECT_EQ(room.arguments->account.out, "vienti");
    EXPECT_FALSE(room.arguments->moderation.public_copy);
    const auto thread = parsed({"mod", "export", "tori", "12", "--public", "--out", "vienti"});
    ASSERT_TRUE(thread.arguments) << thread.err;
    EXPECT_EQ(thread.arguments->thread, 12U);
    EXPECT_TRUE(thread.arguments->moderation.public_copy);
    EXPECT_FALSE(parsed({"mod", "export", "tori"}).arguments) << "without a directory";
    const auto verify = parsed({"mod", "verify-export", "vienti"});
    ASSERT_TRUE(verify.arguments) << verify.err;
    EXPECT_EQ(verify.arguments->verb, Verb::mod_verify_export);
    EXPECT_EQ(verify.arguments->account.out, "vienti");
}

TEST(RecordArguments, HoldsNameARoomOrAThreadAndAReason) {
    const auto room = parsed({"mod", "hold", "tori", "--reason", "Tutkinta"});
    ASSERT_TRUE(room.arguments) << room.err;
    EXPECT_EQ(room.arguments->verb, Verb::mod_hold);
    EXPECT_EQ(room.arguments->thread, 0U);
    const auto thread = parsed({"mod", "release", "tori", "12", "--reason", "Ohi", "--yes"});
    ASSERT_TRUE(thread.arguments) << thread.err;
    EXPECT_EQ(thread.arguments->verb, Verb::mod_release);
    EXPECT_EQ(thread.arguments->thread, 12U);
    EXPECT_TRUE(thread.arguments->moderation.yes);
    EXPECT_FALSE(parsed({"mod", "hold", "tori"}).arguments) << "without a reason";
    EXPECT_FALSE(parsed({"mod", "release", "tori"}).arguments);
    EXPECT_EQ(parsed({"mod", "holds"}).arguments->verb, Verb::mod_holds);
    EXPECT_EQ(parsed({"mod", "holds", "strategia"}).arguments->place.forum, "strategia");
}

TEST(RecordArguments, ARetentionIsInDays) {
    const auto days = parsed({"mod", "retention", "tori", "730", "--yes"});
    ASSERT_TRUE(days.arguments) << days.err;
    EXPECT_EQ(days.arguments->verb, Verb::mod_retention);
    EXPECT_EQ(days.arguments->retention_days, 730U);
    EXPECT_EQ(parsed({"mod", "retention", "tori", "0"}).arguments->retention_days, 0U);
    EXPECT_FALSE(parsed({"mod", "retention", "tori"}).arguments);
    EXPECT_FALSE(parsed({"mod", "retention", "tori", "-1"}).arguments);
    EXPECT_FALSE(parsed({"mod", "retention", "tori", "vuosi"}).arguments);
}

TEST(ReportArguments, MessagesAndMembersAreReported) {
    const auto message = parsed({"report", "tori", "57", "spam", "Mainos"});
    ASSERT_TRUE(message.arguments) << message.err;
    EXPECT_EQ(message.arguments->verb, Verb::report);
    EXPECT_EQ(message.arguments->reports.category, "spam");
    EXPECT_EQ(message.arguments->reports.words, "Mainos");
    const auto member = parsed({"report-member", "strategia", "@pekka", "harassment", "Uhkailee"});
    ASSERT_TRUE(member.arguments) << member.err;
    EXPECT_EQ(member.arguments->verb, Verb::report_member);
    EXPECT_EQ(member.arguments->reports.forum, "strategia");
    EXPECT_EQ(member.arguments->reports.member, "@pekka");
    EXPECT_FALSE(parsed({"report", "tori", "57", "muuta", "x"}).arguments) << "no such category";
    EXPECT_FALSE(parsed({"report", "tori", "57", "spam"}).arguments) << "without words";
    EXPECT_EQ(parsed({"appeal", "tori", "57", "Palauttakaa"}).arguments->verb, Verb::appeal);
}

TEST(ReportArguments, ModeratorsWorkOnTheQueue) {
    EXPECT_TRUE(parsed({"mod", "queue", "strategia", "--closed"}).arguments->reports.closed);
    EXPECT_EQ(parsed({"mod", "show", "strategia", "5"}).arguments->reports.report, 5U);
    EXPECT_EQ(parsed({"mod", "assign", "strategia", "5"}).arguments->reports.member, "");
    EXPECT_TRUE(parsed({"mod", "assign", "strategia", "5", "--nobody"}).arguments->reports.nobody);
    EXPECT_FALSE(parsed({"mod", "assign", "strategia", "5", "pekka", "--nobody"}).arguments);
    const auto resolved =
        parsed({"mod", "resolve", "strategia", "5", "--words", "Kiitos", "--to-author", "Pysy asiassa"});
    ASSERT_TRUE(resolved.arguments) << resolved.err;
    EXPECT_EQ(resolved.arguments->reports.to_author, "Pysy asiassa");
    EXPECT_EQ(parsed({"mod", "reject", "strategia", "5"}).arguments->verb, Verb::mod_reject);
    EXPECT_FALSE(parsed({"mod", "reject", "strategia", "5", "--to-author", "x"}).arguments);
    EXPECT_FALSE(parsed({"mod", "note", "strategia", "5"}).arguments);
}

TEST(MovingArguments, NameWhatGoesWhere) {
    const auto move = parsed({"mod", "move", "tori", "12", "kabinetti", "--exposes-history", "--yes"});
    ASSERT_TRUE(move.arguments) << move.err;
    EXPECT_EQ(move.arguments->verb, Verb::mod_move);
    EXPECT_EQ(move.arguments->rooms, (std::vector<std::string>{"tori", "kabinetti"}));
    EXPECT_EQ(move.arguments->thread, 12U);
    EXPECT_TRUE(move.arguments->moderation.exposes_history);
    EXPECT_FALSE(parsed({"mod", "move", "tori", "12"}).arguments);
    const auto split = parsed({"mod", "split", "tori", "12", "Kouluverkko", "57", "60"});
    ASSERT_TRUE(split.arguments) << split.err;
    EXPECT_EQ(split.arguments->title, "Kouluverkko");
    EXPECT_EQ(split.arguments->moderation.messages, (std::vector<std::uint64_t>{57, 60}));
    EXPECT_FALSE(parsed({"mod", "split", "tori", "12", "Kouluverkko"}).arguments);
    EXPECT_FALSE(parsed({"mod", "split", "tori", "12", "Kouluverkko", "x"}).arguments);
    const auto merge = parsed({"mod", "merge", "tori", "12", "300"});
    ASSERT_TRUE(merge.arguments) << merge.err;
    EXPECT_EQ(merge.arguments->moderation.into, 300U);
    EXPECT_EQ(parsed({"locate", "tori", "57"}).arguments->message, 57U);
    EXPECT_EQ(parsed({"locate", "tori", "--thread", "12"}).arguments->thread, 12U);
    EXPECT_FALSE(parsed({"locate", "tori"}).arguments);
    EXPECT_FALSE(parsed({"locate", "tori", "57", "--thread", "12"}).arguments);
}

TEST(Times, AreReadByTheLocalClock) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    EXPECT_EQ(parse_time("1970-01-02"), 86'400'000);
    EXPECT_EQ(parse_time("1970-01-01 01:30"), 5'400'000);
    EXPECT_EQ(parse_time("1970-01-01T01:30"), 5'400'000);
    for (const char* wrong : {"", "1970", "1970-1-1", "1970-13-01", "1970-02-30", "1970-01-01 24:00",
                              "1970-01-01 10:60", "1970-01-01 10", "1970/01/01", "1970-01-01x01:30", "+970-01-01"})
        EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
}

TEST(ModerationArguments, SanctionsAreOfAForumOrOfEverything) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    const auto mute = parsed({"mod", "mute", "aino", "--forum", "strategia", "--until", "1970-01-02", "--reason", "x",
                              "--appeal", "hallitus"});
    ASSERT_TRUE(mute.arguments) << mute.err;
    EXPECT_EQ(mute.arguments->verb, Verb::mod_mute);
    const auto& asked = mute.arguments->moderation;
    EXPECT_EQ(asked.member + asked.forum + asked.reason + asked.appeal, "ainostrategiaxhallitus");
    EXPECT_EQ(asked.until_ms, 2 * 86'400'000) << "the day's end";
    const auto ban = parsed({"mod", "ban", "aino", "--everywhere", "--reason", "x", "--yes"});
    ASSERT_TRUE(ban.arguments) << ban.err;
    EXPECT_TRUE(ban.arguments->moderation.everywhere && ban.arguments->moderation.yes);
    EXPECT_FALSE(parsed({"mod", "warn", "aino", "--reason", "x"}).arguments) << "where";
    EXPECT_FALSE(parsed({"mod", "warn", "aino", "--forum", "1", "--everywhere", "--reason", "x"}).arguments);
    EXPECT_FALSE(parsed({"mod", "warn", "aino", "--forum", "1"}).arguments) << "why";
    EXPECT_FALSE(parsed({"mod", "suspend", "aino", "--forum", "1", "--reason", "x"}).arguments) << "until when";
    EXPECT_FALSE(parsed({"mod", "ban", "aino", "--forum", "1", "--reason", "x", "--until", "2030-01-01"}).arguments);
    EXPECT_FALSE(parsed({"mod", "mute", "aino", "--forum", "1", "--reason", "x", "--until", "huomenna"}).arguments);
    EXPECT_EQ(parsed({"mod", "lift", "aino", "4", "--reason", "x"}).arguments->moderation.sanction, 4U);
    EXPECT_FALSE(parsed({"mod", "lift", "aino"}).arguments);
}

TEST(ModerationArguments, FiltersAreOfAForumOrOfEverything) {
    const auto set = parsed({"mod", "filter", "set", "link", "evil.com", "refuse", "--forum", "strategia"});
    ASSERT_TRUE(set.arguments) << set.err;
    const auto& asked = set.arguments->filters;
    EXPECT_EQ(asked.kind + asked.pattern + asked.action + asked.forum, "linkevil.comrefusestrategia");
    EXPECT_FALSE(parsed({"mod", "filter", "set", "link", "evil.com", "refuse"}).arguments) << "where";
    EXPECT_FALSE(parsed({"mod", "filter", "list", "--forum", "1", "--everywhere"}).arguments);
    EXPECT_FALSE(parsed({"mod", "filter", "set", "regex", "x", "refuse", "--everywhere"}).arguments);
    EXPECT_FALSE(parsed({"mod", "filter", "set", "word", "x", "censor", "--everywhere"}).arguments);
    EXPECT_EQ(parsed({"mod", "filter", "lift", "4", "--everywhere"}).arguments->filters.number, 4U);
    EXPECT_FALSE(parsed({"mod", "held", "reject", "1", "7"}).arguments) << "why";
    EXPECT_EQ(parsed({"mod", "held", "approve", "1", "7"}).arguments->filters.number, 7U);
}

}  // namespace
}  // namespace foorumi::client
