#include "client/moderation_request.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <ctime>

#include "client/times.hpp"

namespace foorumi::client {
namespace {

Parsed parse_moderation(const std::vector<std::string>& words) {
    std::vector<std::string> args{"mod"};
    args.insert(args.end(), words.begin(), words.end());
    return parse_arguments(args, Catalogue("en"));
}

// What the command asks for, in protobuf's text.
std::string asked(const std::vector<std::string>& words) {
    const auto parsed = parse_moderation(words);
    EXPECT_TRUE(parsed.arguments) << parsed.err;
    if (!parsed.arguments) return "";
    EXPECT_EQ(parsed.arguments->rooms, std::vector<std::string>{"tori"});
    std::string text;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetUseUtf8StringEscaping(true);
    printer.PrintToString(moderation_request(*parsed.arguments, 3), &text);
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

TEST(ModerationRequest, IsWhatTheCommandLineSays) {
    EXPECT_EQ(asked({"lock", "tori", "12", "Asia on käsitelty."}),
              R"(lock_thread { room: 3 thread: 12 locked: true reason: "Asia on käsitelty." })");
    EXPECT_EQ(asked({"unlock", "tori", "12"}), "lock_thread { room: 3 thread: 12 }");
    EXPECT_EQ(asked({"unlock", "tori", "12", "Jatketaan."}),
              R"(lock_thread { room: 3 thread: 12 reason: "Jatketaan." })");
    EXPECT_EQ(asked({"pin", "tori", "12"}), "pin_thread { room: 3 thread: 12 }");
    EXPECT_EQ(asked({"pin", "tori", "12", "--announcement"}), "pin_thread { room: 3 thread: 12 announcement: true }");
    EXPECT_EQ(asked({"unpin", "tori", "12"}), "pin_thread { room: 3 thread: 12 unpin: true }");
    EXPECT_EQ(asked({"state", "tori", "12", "none"}), "set_thread_state { room: 3 thread: 12 }");
    EXPECT_EQ(asked({"state", "tori", "12", "practice"}),
              "set_thread_state { room: 3 thread: 12 state: THREAD_STATE_PRACTICE }");
    EXPECT_EQ(asked({"restrict", "tori", "12"}), "restrict_thread { room: 3 thread: 12 }");
    EXPECT_EQ(asked({"restrict", "tori", "12", "--slow", "60", "--write", "expert", "--write", "office-holder"}),
              "restrict_thread { room: 3 thread: 12 slow_mode_s: 60 write: ROLE_EXPERT write: ROLE_OFFICE_HOLDER }");
    EXPECT_EQ(asked({"tag", "tori", "12"}), "tag_thread { room: 3 thread: 12 }");
    EXPECT_EQ(asked({"tag", "tori", "12", "sote", "avoin data"}),
              R"(tag_thread { room: 3 thread: 12 tags: "sote" tags: "avoin data" })");
    EXPECT_EQ(asked({"rename", "tori", "12", "Uusi"}), R"(rename_thread { room: 3 thread: 12 title: "Uusi" })");
}

TEST(ModerationRequest, OfWhatDoesNotFitIsNone) {
    for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                   {"lock", "tori", "12"},
                                                                   {"lock", "tori"},
                                                                   {"pin", "tori", "0"},
                                                                   {"pin", "tori", "12", "--until", "huomenna"},
                                                                   {"state", "tori", "12", "ratkaistu"},
                                                                   {"restrict", "tori", "12", "--slow", "0"},
                                                                   {"restrict", "tori", "12", "--write", "kukaan"},
                                                                   {"rename", "tori", "12"}}) {
        const auto parsed = parse_moderation(words);
        EXPECT_FALSE(parsed.arguments) << testing::PrintToString(words);
        EXPECT_EQ(parsed.status, Exit::usage) << testing::PrintToString(words);
    }
}

class LocalTime : public testing::Test {
   protected:
    LocalTime() { set("Europe/Helsinki"); }
    ~LocalTime() override {
        if (before_.empty())
            ::unsetenv("TZ");
        else
            ::setenv("TZ", before_.c_str(), 1);
        ::tzset();
    }
    static void set(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }

   private:
    std::string before_ = std::getenv("TZ") != nullptr ? std::getenv("TZ") : "";
};

TEST_F(LocalTime, IsReadWithSummerTime) {
    EXPECT_EQ(parse_time("2026-01-31T18:30", OfDay::end), 1'769'877'000'000);
    EXPECT_EQ(parse_time("2026-07-31T18:30", OfDay::end), 1'785'511'800'000);
    set("UTC");
    EXPECT_EQ(parse_time("1970-01-02T00:00", OfDay::end), 86'400'000);
}

TEST_F(LocalTime, OfADayIsItsEnd) {
    EXPECT_EQ(parse_time("2026-12-31", OfDay::end), parse_time("2027-01-01T00:00", OfDay::end));
    EXPECT_EQ(parse_time("2028-02-29", OfDay::end), parse_time("2028-03-01T00:00", OfDay::end));
}

TEST_F(LocalTime, IsNotGuessed) {
    for (const auto* text : {"", "2026", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-32", "2026-1-01x",
                             "26-01-01-0", "2026-01-31_18:30", "2026-01-31T24:00", "2026-01-31T18:60",
                             "2026-01-31T18.30", "2026-01-31T18:30Z", "+026-01-31", "2026/01/31"})
        EXPECT_FALSE(parse_time(text, OfDay::end)) << text;
}

}  // namespace
}  // namespace foorumi::client
