#include "client/display.hpp"

#include <gtest/gtest.h>

#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

struct Row {
    const char* name;
    std::string text;
    std::string shown;
};

class VisibleText : public testing::TestWithParam<Row> {};

TEST_P(VisibleText, IsShownSo) {
    const std::string shown = visible(GetParam().text, Lines::many);
    EXPECT_EQ(shown, GetParam().shown);
    EXPECT_EQ(visible(shown, Lines::many), shown) << "what is visible stays as it is";
}

INSTANTIATE_TEST_SUITE_P(
    Table, VisibleText,
    testing::Values(
        Row{"plain", "Hyvää päivää, Åbo! 🙂", "Hyvää päivää, Åbo! 🙂"}, Row{"line_feed_and_tab", "a\n\tb", "a\n\tb"},
        Row{"carriage_return", "safe\revil", "safe<U+000D>evil"}, Row{"bell_and_backspace", "\a\b", "<U+0007><U+0008>"},
        Row{"nul", std::string("a\0b", 3), "a<U+0000>b"}, Row{"del", "\x7f", "<U+007F>"},
        Row{"csi", "\x1b[31mred\x1b[0m", "<U+001B>[31mred<U+001B>[0m"},
        Row{"osc_8_link", "\x1b]8;;http://e.vil\x1b\\bank\x1b]8;;\x1b\\",
            "<U+001B>]8;;http://e.vil<U+001B>\\bank<U+001B>]8;;<U+001B>\\"},
        Row{"osc_52_clipboard", "\x1b]52;c;ZXZpbA==\a", "<U+001B>]52;c;ZXZpbA==<U+0007>"},
        Row{"c1_csi", "\u009b31m", "<U+009B>31m"}, Row{"c1_osc_and_st", "\u009d52;c;x\u009c", "<U+009D>52;c;x<U+009C>"},
        Row{"raw_c1_byte",
            "a\x9b"
            "31m",
            "a<0x9B>31m"},
        Row{"embeddings", "\u202a\u202b\u202c\u202d\u202e", "<U+202A><U+202B><U+202C><U+202D><U+202E>"},
        Row{"isolates", "\u2066\u2067\u2068\u2069", "<U+2066><U+2067><U+2068><U+2069>"},
        Row{"marks_of_direction", "\u200e\u200f\u061c", "<U+200E><U+200F><U+061C>"},
        Row{"zero_width", "a\u200bb\u200cc\u200dd\ufeff", "a<U+200B>b<U+200C>c<U+200D>d<U+FEFF>"},
        Row{"word_joiner", "a\u2060b", "a<U+2060>b"}, Row{"separators", "\u2028\u2029", "<U+2028><U+2029>"},
        Row{"soft_hyphen", "a\u00adb", "a<U+00AD>b"}, Row{"tags", "\U000e0041", "<U+E0041>"},
        Row{"noncharacters", "\U0001fffe\ufdd0", "<U+1FFFE><U+FDD0>"},
        Row{"family_emoji", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
        Row{"joined_heart", "❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"}, Row{"joiner_at_the_end", "👨\u200d", "👨<U+200D>"},
        Row{"joiner_before_a_letter", "👨\u200da", "👨<U+200D>a"}, Row{"lone_continuation", "\x80", "<0x80>"},
        Row{"cut_sequence", "\xe2\x82", "<0xE2><0x82>"}, Row{"overlong", "\xc0\xaf", "<0xC0><0xAF>"},
        Row{"surrogate", "\xed\xa0\x80", "<0xED><0xA0><0x80>"},
        Row{"too_large", "\xf4\x90\x80\x80", "<0xF4><0x90><0x80><0x80>"}),
    [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

TEST(VisibleText, OnOneLineBreaksAndTabsAreShownByTheirCode) {
    EXPECT_EQ(visible("a\nb\tc", Lines::one), "a<U+000A>b<U+0009>c");
}

TEST(VisibleText, HoldsNothingUnsafeWhateverComesIn) {
    for (char32_t value = 0; value <= 0x10ffff; ++value) {
        if (value >= 0xd800 && value <= 0xdfff) continue;
        std::string text = "a";
        append_utf8(text, value);
        text += 'b';
        std::string shown = visible(text, Lines::one);
        for (std::string_view rest = shown; !rest.empty();) {
            const CodePoint point = first_code_point(rest);
            ASSERT_TRUE(point.valid && !is_unsafe(point.value)) << static_cast<unsigned>(value);
            rest.remove_prefix(point.size);
        }
    }
}

TEST(JsonText, UnsafeCharactersAreEscapedAndOthersStay) {
    EXPECT_EQ(escape_json("\"ä\u202e\u009b\u2066🙂\""), "\"ä\\u202e\\u009b\\u2066🙂\"");
    EXPECT_EQ(escape_json("\"\U000e0041\""), "\"\\udb40\\udc41\"");
    EXPECT_EQ(escape_json("\"\x1b\""), "\"\\u001b\"");
}

TEST(Utf8, TellsGoodFromBad) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("päätös 🙂 \U0010ffff"));
    for (const char* bad : {"\x80", "\xc3", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xbf\xbf", "\xf5\x80\x80\x80", "a\xff"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
}

}  // namespace
}  // namespace foorumi::client
