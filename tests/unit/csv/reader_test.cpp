#include "csv/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "csv/writer.hpp"

namespace foorumi::csv {
namespace {

using Fields = std::vector<std::string>;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Fields> fields_of(std::string_view text, const Options& options = {}) {
    const auto table = read(text, options);
    EXPECT_TRUE(table) << text;
    std::vector<Fields> rows;
    if (!table) return rows;
    for (const auto& row : table->rows) rows.push_back(row.fields);
    return rows;
}

void expect_error(std::string_view text, const Error& expected, const Options& options = {}) {
    const auto table = read(text, options);
    ASSERT_FALSE(table) << text;
    EXPECT_EQ(word_of(table.error().code), word_of(expected.code)) << text;
    EXPECT_EQ(table.error().line, expected.line) << text;
    EXPECT_EQ(table.error().column, expected.column) << text;
}

TEST(Errors, HaveAStableWordEach) {
    const std::vector<std::pair<Errc, std::string_view>> words{{Errc::too_many_bytes, "csv_too_many_bytes"},
                                                               {Errc::too_many_rows, "csv_too_many_rows"},
                                                               {Errc::too_many_columns, "csv_too_many_columns"},
                                                               {Errc::field_too_long, "csv_field_too_long"},
                                                               {Errc::not_utf8, "csv_not_utf8"},
                                                               {Errc::separator_unclear, "csv_separator_unclear"},
                                                               {Errc::quote_inside, "csv_quote_inside"},
                                                               {Errc::quote_open, "csv_quote_open"},
                                                               {Errc::behind_quote, "csv_behind_quote"},
                                                               {Errc::line_end, "csv_line_end"},
                                                               {Errc::uneven_row, "csv_uneven_row"}};
    for (const auto& [code, word] : words) EXPECT_EQ(word_of(code), word);
}

TEST(Rows, EndWithEitherLineEndOrTheText) {
    const auto expected = ElementsAre(Fields{"a", "b"}, Fields{"1", "2"});
    for (const auto* text : {"a,b\r\n1,2\r\n", "a,b\r\n1,2", "a,b\n1,2\n", "a,b\n1,2", "a,b\r\n1,2\n"}) {
        EXPECT_THAT(fields_of(text), expected) << text;
    }
    EXPECT_THAT(fields_of(""), IsEmpty());
    EXPECT_THAT(fields_of("\xEF\xBB\xBF"), IsEmpty());
}

TEST(Rows, OfAnEmptyLineHaveOneEmptyField) {
    EXPECT_THAT(fields_of("a\n\nb\n"), ElementsAre(Fields{"a"}, Fields{""}, Fields{"b"}));
    expect_error("a,b\n1,2\n\n", {Errc::uneven_row, 3, 0});
}

TEST(Rows, TellTheLineOnWhichTheyBegin) {
    const auto table = read("a,b\n\"1\n1\r\n1\",2\nc,d\n", {});
    ASSERT_TRUE(table);
    ASSERT_EQ(table->rows.size(), 3U);
    EXPECT_EQ(table->rows[1], (Row{2, {"1\n1\r\n1", "2"}}));
    EXPECT_EQ(table->rows[2], (Row{5, {"c", "d"}}));
}

TEST(Fields, KeepWhatStandsBetweenTheirQuotes) {
    EXPECT_THAT(fields_of("\"a, \"\"b\"\"\",\"\",\"\"\"\"\n"), ElementsAre(Fields{"a, \"b\"", "", "\""}));
    EXPECT_THAT(fields_of("\"a\rb\",c\n"), ElementsAre(Fields{"a\rb", "c"}));
}

TEST(Fields, KeepTheirSpaces) { EXPECT_THAT(fields_of(" a , b\t\n"), ElementsAre(Fields{" a ", " b\t"})); }

TEST(Fields, MayBeEmpty) {
    EXPECT_THAT(fields_of(",\n"), ElementsAre(Fields{"", ""}));
    EXPECT_THAT(fields_of("a,\nb,"), ElementsAre(Fields{"a", ""}, Fields{"b", ""}));
}

TEST(Quotes, StandAroundTheWholeFieldOnly) {
    expect_error("a,b\n1,2\"\n", {Errc::quote_inside, 2, 2});
    expect_error("a,b\n1, \"2\"\n", {Errc::quote_inside, 2, 2});
    expect_error("a,b\n\"1\"x,2\n", {Errc::behind_quote, 2, 1});
    expect_error("a,b\n\"1\n1\" ,2\n", {Errc::behind_quote, 3, 1});
}

TEST(Quotes, ThatAreNotClosedAreToldWhereTheyOpen) {
    expect_error("a,b\n1,\"2\n3,4\n5,6\n", {Errc::quote_open, 2, 2});
    expect_error("a,b\n1,\"2\n\"\"3\n4,5\n", {Errc::quote_open, 2, 2});
    expect_error("\"", {Errc::quote_open, 1, 1});
    expect_error("\"\"\"", {Errc::quote_open, 1, 1});
}

TEST(LineEnds, OfACarriageReturnAloneAreNone) {
    expect_error("a,b\r1,2\r", {Errc::line_end, 1, 2});
    expect_error("a,b\n1,2\r", {Errc::line_end, 2, 2});
    expect_error("\"a\"\rb", {Errc::line_end, 1, 1});
}

TEST(Rows, HaveAsManyFieldsAsTheFirst) {
    expect_error("a,b\n1,2\n1\n", {Errc::uneven_row, 3, 0});
    expect_error("a,b\n1,2,3\n", {Errc::uneven_row, 2, 0});
    expect_error("a,b\n\"1\n\n\",2\n1,2,3\n", {Errc::uneven_row, 5, 0});
}

TEST(Encoding, IsUtf8WithOrWithoutAMark) {
    EXPECT_THAT(fields_of("\xEF\xBB\xBFnimi;kunta\nÄijä;Ähtäri\n"),
                ElementsAre(Fields{"nimi", "kunta"}, Fields{"Äijä", "Ähtäri"}));
    expect_error("nimi;kunta\nA;B\n\xC4ij\xE4;X\n", {Errc::not_utf8, 3, 0});
    // Only at the begin of the text is it a mark.
    EXPECT_THAT(fields_of("a\n\xEF\xBB\xBF"
                          "b"),
                ElementsAre(Fields{"a"}, Fields{"\xEF\xBB\xBF"
                                                "b"}));
}

TEST(Separators, AreFoundInTheFirstLine) {
    EXPECT_EQ(read("a;b\n1;2\n", {})->separator, ';');
    EXPECT_EQ(read("a,b\n1,2\n", {})->separator, ',');
    EXPECT_EQ(read("a\n1\n", {})->separator, ',');
    EXPECT_EQ(read("\"a,b,c\";d\n1;2\n", {})->separator, ';');
    EXPECT_EQ(read("a;b,c;d\n1;2;3\n", {})->separator, ';');
    EXPECT_THAT(fields_of("a;b,c;d\n"), ElementsAre(Fields{"a", "b,c", "d"}));
    expect_error("a;b,c\n", {Errc::separator_unclear, 1, 0});
}

TEST(Separators, ThatAreToldAreNotLookedFor) {
    Options options;
    options.separator = ',';
    EXPECT_THAT(fields_of("a;b;c,d\n", options), ElementsAre(Fields{"a;b;c", "d"}));
    options.separator = ';';
    EXPECT_THAT(fields_of("a;b,c\n", options), ElementsAre(Fields{"a", "b,c"}));
}

TEST(Limits, HoldForTheBytesOfTheText) {
    Options options;
    options.bytes = 8;
    EXPECT_THAT(fields_of("a,b\n1,2", options), testing::SizeIs(2));
    EXPECT_THAT(fields_of("a,b\n1,2\n", options), testing::SizeIs(2));
    expect_error("a,b\n1,23\n", {Errc::too_many_bytes, 1, 0}, options);
}

TEST(Limits, HoldForTheRows) {
    Options options;
    options.rows = 2;
    EXPECT_THAT(fields_of("a\n", options), testing::SizeIs(1));
    EXPECT_THAT(fields_of("a\nb\n", options), testing::SizeIs(2));
    expect_error("a\nb\nc\n", {Errc::too_many_rows, 3, 0}, options);
}

TEST(Limits, HoldForTheColumns) {
    Options options;
    options.columns = 2;
    EXPECT_THAT(fields_of("a\n", options), testing::SizeIs(1));
    EXPECT_THAT(fields_of("a,b\n", options), testing::SizeIs(1));
    expect_error("a,b,c\n", {Errc::too_many_columns, 1, 3}, options);
}

TEST(Limits, HoldForTheBytesOfAField) {
    Options options;
    options.field_bytes = 4;
    for (const auto* text : {"abc", "abcd", "ää", "\"abcd\"", "\"a\"\"\"\"c\"", "\"abc\"\"\""}) {
        EXPECT_THAT(fields_of(text, options), testing::SizeIs(1)) << text;
    }
    for (const auto* text : {"abcde", "äää", "\"abcde\"", "\"a\"\"\"\"\"\"b\"", "\"abcd\"\"\""}) {
        expect_error(text, {Errc::field_too_long, 1, 1}, options);
    }
}

Fields row_of(std::size_t width) {
    const auto piece = rc::gen::elementOf(
        std::vector<std::string>{"a", "ä", ",", ";", "\"", "\r", "\n", "\r\n", " ", "\xEF\xBB\xBF", "=", "ǯ", "\t"});
    Fields row;
    for (std::size_t n = 0; n < width; ++n) {
        std::string field;
        for (const auto& part : *rc::gen::resize(6, rc::gen::container<Fields>(piece))) field += part;
        row.push_back(std::move(field));
    }
    return row;
}

RC_GTEST_PROP(Tables, AreReadAsTheyWereWritten, ()) {
    const auto width = *rc::gen::inRange<std::size_t>(1, 6);
    const auto height = *rc::gen::inRange<std::size_t>(0, 6);
    std::vector<Fields> rows;
    for (std::size_t n = 0; n < height; ++n) rows.push_back(row_of(width));
    Options options;
    options.separator = *rc::gen::element(',', ';');
    const auto table = read(write(rows, options.separator), options);
    RC_ASSERT(table.has_value());
    RC_ASSERT(table->rows.size() == rows.size());
    std::size_t line = 1;
    for (std::size_t n = 0; n < height; ++n) {
        RC_ASSERT(table->rows[n].fields == rows[n]);
        RC_ASSERT(table->rows[n].line == line);
        ++line;
        for (const auto& field : rows[n]) line += static_cast<std::size_t>(std::ranges::count(field, '\n'));
    }
}

// The errors' places are places of the text, whatever it is.
RC_GTEST_PROP(Tables, ThatCannotBeReadTellAPlaceInTheText, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,;\"\r\n\xC3\xA4")));
    const auto table = read(text, {});
    if (table) return;
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    RC_ASSERT(table.error().line >= 1 && table.error().line <= lines);
    RC_ASSERT(table.error().column <= text.size() + 1);
}

}  // namespace
}  // namespace foorumi::csv
