#include "client/columns.hpp"

#include <gtest/gtest.h>

#include <clocale>

namespace foorumi::client {
namespace {

class Columns : public testing::Test {
   protected:
    Columns() { EXPECT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); }
    ~Columns() override { std::setlocale(LC_CTYPE, "C"); }
};

TEST_F(Columns, LongLinesBreakBetweenWordsAndKeepTheIndent) {
    EXPECT_EQ(wrapped("yksi kaksi kolme", "  ", 12), "  yksi kaksi\n  kolme");
    EXPECT_EQ(wrapped("yksi kaksi kolme", "  ", 13), "  yksi kaksi\n  kolme");
    EXPECT_EQ(wrapped("yksi kaksi kolme neljä viisi", "  ", 18), "  yksi kaksi kolme\n  neljä viisi");
    EXPECT_EQ(wrapped("a\n\nb", "  ", 12), "  a\n  \n  b");
}

TEST_F(Columns, WithoutAWidthNothingIsBroken) {
    EXPECT_EQ(wrapped("yksi kaksi kolme", "  ", 0), "  yksi kaksi kolme");
    EXPECT_EQ(wrapped("yksi kaksi kolme", "  ", 11), "  yksi kaksi kolme") << "too narrow";
}

TEST_F(Columns, AWordLongerThanALineIsBrokenInside) {
    EXPECT_EQ(wrapped("aaaaaaaaaaaaaaaaaaaaaaaaa", "", 10), "aaaaaaaaaa\naaaaaaaaaa\naaaaa");
    EXPECT_EQ(wrapped("ä aaaaaaaaaaaaaaaaaa", "", 10), "ä\naaaaaaaaaa\naaaaaaaa");
}

TEST_F(Columns, ColoursTakeNoRoomAndWideCharactersTwo) {
    EXPECT_EQ(wrapped("\x1b[1myksi\x1b[22m kaksi kolme", "", 10), "\x1b[1myksi\x1b[22m kaksi\nkolme");
    EXPECT_EQ(wrapped("🙂🙂🙂 🙂🙂🙂", "", 10), "🙂🙂🙂\n🙂🙂🙂");
    EXPECT_EQ(width_of(U'ä'), 1U);
    EXPECT_EQ(width_of(U'🙂'), 2U);
    EXPECT_EQ(width_of(U'\u0301'), 0U);
}

TEST_F(Columns, TheCursorsRowIsThatOfATerminalThatWraps) {
    EXPECT_EQ(row_of(U"> hei", 10), 0U);
    EXPECT_EQ(row_of(U"> 1234567", 10), 0U);
    EXPECT_EQ(row_of(U"> 12345678", 10), 1U);
    EXPECT_EQ(row_of(U"> 1234567🙂", 10), 1U);
    EXPECT_EQ(row_of(U"> 123456789012345678", 10), 2U);
    EXPECT_EQ(row_of(U"> hei", 0), 0U);
}

}  // namespace
}  // namespace foorumi::client
