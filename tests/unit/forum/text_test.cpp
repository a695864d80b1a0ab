#include "forum/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>

namespace foorumi::forum {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string reason(const Result<void>& result) { return result ? "" : result.error().reason; }

TEST(Utf8, OfEveryLengthIsKnown) {
    for (const auto* text :
         {"", "a", "ä", "Ŋ", "€", "\xEF\xBF\xBF", "𐍈", "\xF4\x8F\xBF\xBF", "Sámegiella Čáhcesuolu Ŧ"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, WhatIsNotWellFormedIsNone) {
    for (const auto* text :
         {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF",
          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE", "ä\xA4", "a\xF0\x9F\x98"}) {
        EXPECT_FALSE(is_utf8(text));
    }
}

TEST(Texts, AreAcceptedUpToTheLimitInBytes) {
    EXPECT_TRUE(check_text("ää", 4, "text"));
    EXPECT_EQ(reason(check_text("äää", 5, "text")), "text_too_long");
    EXPECT_TRUE(check_text(std::string(16, 'a'), 16, "text"));
    EXPECT_TRUE(check_text(std::string(15, 'a'), 16, "text"));
    const auto over = check_text(std::string(17, 'a'), 16, "teksti");
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error(), (Refusal{ErrorCode::invalid, "text_too_long", "teksti"}));
}

TEST(Texts, OfNothingToSeeAreEmpty) {
    for (const auto* text : {"", " ", "\n\t \n", "\u00A0", "\u3000\u2003", "\u200B\u2060", "\uFEFF"}) {
        const auto checked = check_text(text, 100, "text");
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error(), (Refusal{ErrorCode::invalid, "text_empty", "text"}));
    }
    EXPECT_TRUE(check_text(" x ", 100, "text"));
}

TEST(Texts, HoldNoControlsButTabAndNewline) {
    EXPECT_TRUE(check_text("eka\n\ttoka", 100, "text"));
    for (char c = 0; c < 0x20; ++c) {
        if (c == '\t' || c == '\n') continue;
        EXPECT_EQ(reason(check_text(std::string("a") + c + "b", 100, "text")), "text_control_character") << int{c};
    }
    for (const auto* c : {"\x7F", "\u0080", "\u0085", "\u009B", "\u009F"})
        EXPECT_EQ(reason(check_text(std::string("a") + c + "b", 100, "text")), "text_control_character") << c;
    EXPECT_TRUE(check_text("a\u00A0b", 100, "text"));
}

TEST(Texts, AreUtf8) { EXPECT_EQ(reason(check_text("kes\xE4", 100, "text")), "text_not_utf8"); }

TEST(Titles, StandOnOneLine) {
    EXPECT_TRUE(check_title("Kouluverkko pienenee: mitä teitte?", 200, "title"));
    for (const auto* title : {"a\nb", "a\u2028b", "a\u2029b"}) {
        EXPECT_EQ(reason(check_title(title, 200, "title")), "title_line_break");
    }
    EXPECT_EQ(reason(check_title("", 200, "title")), "text_empty");
    EXPECT_TRUE(check_title(std::string(200, 'a'), 200, "title"));
    EXPECT_EQ(reason(check_title(std::string(201, 'a'), 200, "title")), "text_too_long");
}

TEST(Drafts, MayBeEmptyButNotAnything) {
    EXPECT_TRUE(check_draft("", 10, "text"));
    EXPECT_TRUE(check_draft("  ", 10, "text"));
    EXPECT_EQ(reason(check_draft("\x1B[0m", 10, "text")), "text_control_character");
    EXPECT_EQ(reason(check_draft(std::string(11, 'a'), 10, "text")), "text_too_long");
    EXPECT_EQ(reason(check_draft("\xFF", 10, "text")), "text_not_utf8");
    EXPECT_EQ(reason(check_draft_title("a\nb", 10, "title")), "title_line_break");
    EXPECT_TRUE(check_draft_title("", 10, "title"));
}

TEST(Emoji, AreShortAndVisible) {
    for (const auto* emoji : {"👍", "❤️", "👩‍👩‍👧", "🇫🇮", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "㊗️", "©️"})
        EXPECT_TRUE(check_emoji(emoji, 64)) << emoji;
    EXPECT_EQ(reason(check_emoji("", 64)), "emoji_empty");
    for (const auto* emoji :
         {" ", "a b", "\u00A0", "\n", "\x7F", "\u0085", "\xFF", "\u200B", "👍\t", "+1", "abc", "ä", "ok👍", "1"}) {
        EXPECT_EQ(reason(check_emoji(emoji, 64)), "emoji_invalid");
    }
    EXPECT_TRUE(check_emoji("👍", 5));
    EXPECT_TRUE(check_emoji("👍1", 5));
    const auto over = check_emoji("👍12", 5);
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error(), (Refusal{ErrorCode::invalid, "emoji_too_long", "emoji"}));
}

TEST(Mentions, AreFoundInOrderEachOnceInLowerCase) {
    EXPECT_THAT(mentioned_handles("@Aino.Korhonen ja @veikko, mitä @AINO.korhonen sanoo?"),
                ElementsAre("aino.korhonen", "veikko"));
    EXPECT_THAT(mentioned_handles("(@veikko) *@aino* \"@biret-ahkku\": @a_1"),
                ElementsAre("veikko", "aino", "biret-ahkku", "a_1"));
}

TEST(Mentions, EndBeforePunctuation) {
    EXPECT_THAT(mentioned_handles("Kiitos @veikko."), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("Kiitos @veikko...mutta"), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("@veikko:lle, @aino-! @biret_"), ElementsAre("veikko", "aino", "biret"));
}

TEST(Mentions, StartOnlyAfterWhatIsNoLetterDigitOrAt) {
    for (const auto* text :
         {"a@veikko", "1@veikko", "ä@veikko", "ŋ@veikko", "@@veikko", "veikko@kunta.fi", "etunimi.sukunimi@kunta.fi"}) {
        EXPECT_THAT(mentioned_handles(text), IsEmpty()) << text;
    }
    for (const auto* text :
         {"@veikko", " @veikko", "\n@veikko", "–@veikko", "👍@veikko", "(@veikko", "”@veikko", "/@veikko"}) {
        EXPECT_THAT(mentioned_handles(text), ElementsAre("veikko")) << text;
    }
}

TEST(Mentions, OfNoHandleAreNone) {
    for (const auto* text : {"", "@", "@ veikko", "@.veikko", "@-", "@väinö", "@äiti", "@veikko@kunta.fi", "@..a"}) {
        EXPECT_THAT(mentioned_handles(text), IsEmpty()) << text;
    }
}

TEST(Mentions, InCodeSpansDoNotCount) {
    EXPECT_THAT(mentioned_handles("`@aino` @veikko"), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("``@aino ` @biret`` @veikko"), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("`@aino\n@biret` @veikko"), ElementsAre("veikko")) << "a span may go over lines";
    EXPECT_THAT(mentioned_handles("`@aino @veikko"), ElementsAre("aino", "veikko")) << "nothing closes it";
    EXPECT_THAT(mentioned_handles("`@aino\n\n@veikko`"), ElementsAre("aino", "veikko")) << "not over paragraphs";
    EXPECT_THAT(mentioned_handles("``@aino` @veikko"), ElementsAre("aino", "veikko")) << "runs of other lengths";
}

TEST(Mentions, InCodeBlocksDoNotCount) {
    EXPECT_THAT(mentioned_handles("```\n@aino\n```\n@veikko"), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("~~~~ c++\n@aino\n~~~\n@biret\n~~~~~\n@veikko"), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("  ```\n@aino"), IsEmpty()) << "open to the end";
    EXPECT_THAT(mentioned_handles("```\n@aino\n~~~\n``` x\n@biret\n```\n@veikko"), ElementsAre("veikko"));
    EXPECT_THAT(mentioned_handles("``` @aino ``` @veikko"), ElementsAre("veikko")) << "a span, not a fence";
    EXPECT_THAT(mentioned_handles("@veikko\n```\n@aino\n```"), ElementsAre("veikko"));
}

TEST(Mentions, OfManyBackticksAreReadInTime) {
    std::string text;
    for (std::size_t length = 1; text.size() < 16 * 1024; ++length) text += std::string(length, '`') + 'a';
    EXPECT_THAT(mentioned_handles(text + " @veikko"), ElementsAre("veikko"));
}

RC_GTEST_PROP(MentionsOf, AnyUtf8TextAreHandles, ()) {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(
        rc::gen::elementOf(std::vector<std::string>{"@", "a", "Z", "9", ".", "-", "_", "`", "```", "~~~", "\n", "\n\n",
                                                    " ", "ä", "ŋ", "€", "👍", "@veikko", "\t"}));
    std::string text;
    for (const auto& piece : pieces) text += piece;
    for (const auto& handle : mentioned_handles(text)) {
        RC_ASSERT(!handle.empty());
        RC_ASSERT(handle.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos);
        RC_ASSERT(std::isalnum(static_cast<unsigned char>(handle.front())));
        RC_ASSERT(std::isalnum(static_cast<unsigned char>(handle.back())));
    }
}

RC_GTEST_PROP(MentionsOf, PlainWordsAreExactlyTheHandlesWritten, (const std::vector<std::uint8_t>& choices)) {
    const std::vector<std::string> words{"kunta", "ä", "@aino", "`@koodi`", "a@b.fi", "@veikko", "@biret-ahkku.", "…"};
    std::string text;
    std::vector<std::string> expected;
    const auto expect = [&expected](const std::string& handle) {
        if (std::find(expected.begin(), expected.end(), handle) == expected.end()) expected.push_back(handle);
    };
    for (const auto choice : choices) {
        const auto& word = words[choice % words.size()];
        text += word + ' ';
        if (word == "@aino" || word == "@veikko") expect(word.substr(1));
        if (word == "@biret-ahkku.") expect("biret-ahkku");
    }
    RC_ASSERT(mentioned_handles(text) == expected);
}

RC_GTEST_PROP(TextChecks, AnyBytesAreAnswered, (const std::string& bytes)) {
    const auto checked = check_text(bytes, 64, "text");
    RC_ASSERT(!checked || is_utf8(bytes));
    (void)check_title(bytes, 64, "title");
    (void)check_emoji(bytes, 64);
}

// Whatever lies between what: as if each code point were looked at by itself, and bytes that are no UTF-8 go first.
RC_GTEST_PROP(Texts, AreJudgedCodePointByCodePoint, ()) {
    const std::vector<std::string> good{"a", " ", "\n", "\t", "~", "sana ", "ä", "€", "🙂", "\u00A0"};
    const std::vector<std::string> controls{"\x1B", "\x7F", std::string(1, '\0'), "\r", "\u0085"};
    const std::vector<std::string> broken{"\xFF", "\x80", "\xC0\x80", "\xED\xA0\x80"};
    std::string text;
    bool controlled = false, malformed = false;
    for (int count = *rc::gen::inRange(0, 12); count > 0; --count) {
        const int kind = *rc::gen::inRange(0, 12);
        controlled = controlled || kind == 10;
        malformed = malformed || kind == 11;
        const auto& from = kind == 10 ? controls : kind == 11 ? broken : good;
        text += from[*rc::gen::inRange<std::size_t>(0, from.size())];
    }
    RC_ASSERT(is_utf8(text) == !malformed);
    RC_ASSERT(reason(check_draft(text, 1000, "text")) == (malformed    ? "text_not_utf8"
                                                          : controlled ? "text_control_character"
                                                                       : ""));
}

}  // namespace
}  // namespace foorumi::forum
