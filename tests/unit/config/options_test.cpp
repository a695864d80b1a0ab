// Holds config/foorumi.toml, the table of options and the defaults together, and every option to its range.
#include "config/options.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "config/toml.hpp"

namespace foorumi::config {
namespace {

std::string shipped_file() {
    std::ifstream in(FOORUMI_SOURCE_DIR "/config/foorumi.toml");
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string toml_value(const OptionValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return '"' + *text + '"';
    std::string list;
    for (const auto& entry : std::get<std::vector<std::string>>(value)) list.append("\"").append(entry).append("\",");
    return '[' + list + ']';
}

// Reads one option from a file, over the defaults.
Result<Config> parse_one(const Option& option, const OptionValue& value) {
    std::string toml = "[" + std::string(option.section) + "]\n";
    toml.append(option.name).append(" = ").append(toml_value(value)).append("\n");
    return parse(toml, "one.toml");
}

std::vector<std::string> texts_of(const toml::array& list) {
    std::vector<std::string> texts;
    for (const auto& entry : list) texts.push_back(entry.value_or(std::string("no text")));
    return texts;
}

std::string test_name(const testing::TestParamInfo<Option>& info) {
    return std::string(info.param.section) + '_' + std::string(info.param.name);
}

TEST(ShippedConfig, NamesExactlyTheTablesOptions) {
    const auto parsed = toml::parse(shipped_file());
    ASSERT_TRUE(parsed) << parsed.error().description();
    std::set<std::string> in_file;
    for (const auto& [section, node] : parsed.table()) {
        ASSERT_TRUE(node.is_table());
        for (const auto& [name, value] : *node.as_table()) {
            in_file.insert(std::string(section.str()) + '.' + std::string(name.str()));
        }
    }
    std::set<std::string> in_table;
    for (const auto& option : options()) EXPECT_TRUE(in_table.insert(option.path()).second) << option.path();
    EXPECT_EQ(in_file, in_table);
}

TEST(ShippedConfig, IsConsistent) {
    const auto loaded = load(FOORUMI_SOURCE_DIR "/config/foorumi.toml", {});
    EXPECT_TRUE(loaded) << loaded.error().text();
}

class EveryOption : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryOption, testing::ValuesIn(options().begin(), options().end()), test_name);

TEST_P(EveryOption, HasItsDefaultInTheShippedFile) {
    const auto& option = GetParam();
    const auto file = toml::parse(shipped_file());
    ASSERT_TRUE(file);
    const auto node = file.table()[option.section][option.name];
    if (const auto* number = node.as_integer())
        EXPECT_EQ(OptionValue(number->get()), value_of(option, Config{}));
    else if (const auto* text = node.as_string())
        EXPECT_EQ(OptionValue(text->get()), value_of(option, Config{}));
    else if (const auto* list = node.as_array())
        EXPECT_EQ(OptionValue(texts_of(*list)), value_of(option, Config{}));
    else
        ADD_FAILURE() << option.path() << " is neither a whole number nor a text nor a list";
}

TEST_P(EveryOption, IsExplainedWithItsRangeInTheShippedFile) {
    const auto& option = GetParam();
    const auto* integer = std::get_if<IntegerSpec>(&option.spec);
    const auto text = shipped_file();
    const auto section = text.find("\n[" + std::string(option.section) + "]\n");
    const auto line = text.find("\n" + std::string(option.name) + " = ", section);
    ASSERT_NE(line, std::string::npos);
    const auto comment_start = text.rfind("\n# ", line - 1);
    const auto comment = text.substr(comment_start, line - comment_start);
    EXPECT_THAT(comment, testing::StartsWith("\n# "));
    if (const auto* list = std::get_if<ListSpec>(&option.spec)) {
        EXPECT_THAT(comment, testing::EndsWith(" At most " + std::to_string(list->max_entries) + "."));
    }
    if (integer == nullptr) return;
    EXPECT_THAT(comment,
                testing::EndsWith(" " + std::to_string(integer->min) + " to " + std::to_string(integer->max) + "."));
}

// Lists of options are made at program start, so these may be empty only by a mistake in the table.
std::vector<Option> integers() {
    std::vector<Option> found;
    for (const auto& option : options()) {
        if (std::holds_alternative<IntegerSpec>(option.spec)) found.push_back(option);
    }
    return found;
}
std::vector<Option> words() {
    std::vector<Option> found;
    for (const auto& option : options()) {
        const auto* spec = std::get_if<TextSpec>(&option.spec);
        if (spec != nullptr && !spec->allowed.empty()) found.push_back(option);
    }
    return found;
}
std::vector<Option> free_texts() {
    std::vector<Option> found;
    for (const auto& option : options()) {
        const auto* spec = std::get_if<TextSpec>(&option.spec);
        if (spec != nullptr && spec->allowed.empty() && spec->form == nullptr) found.push_back(option);
    }
    return found;
}
std::vector<Option> formed_texts() {
    std::vector<Option> found;
    for (const auto& option : options()) {
        const auto* spec = std::get_if<TextSpec>(&option.spec);
        if (spec != nullptr && spec->form != nullptr) found.push_back(option);
    }
    return found;
}

std::vector<Option> lists() {
    std::vector<Option> found;
    for (const auto& option : options()) {
        if (std::holds_alternative<ListSpec>(option.spec)) found.push_back(option);
    }
    return found;
}

class IntegerOption : public testing::TestWithParam<Option> {
   protected:
    const IntegerSpec& spec_ = std::get<IntegerSpec>(GetParam().spec);
};
INSTANTIATE_TEST_SUITE_P(Table, IntegerOption, testing::ValuesIn(integers()), test_name);

TEST_P(IntegerOption, TakesItsLeastAndItsGreatestValue) {
    for (const auto value : {spec_.min, spec_.max}) {
        const auto parsed = parse_one(GetParam(), value);
        ASSERT_TRUE(parsed) << parsed.error().text();
        EXPECT_EQ(value_of(GetParam(), *parsed), OptionValue(value));
    }
}

TEST_P(IntegerOption, RefusesWhatIsJustOutside) {
    for (const auto value : {spec_.min - 1, spec_.max + 1}) {
        const auto parsed = parse_one(GetParam(), value);
        ASSERT_FALSE(parsed) << value;
        EXPECT_EQ(parsed.error().code, ConfigErrc::out_of_range);
        EXPECT_EQ(parsed.error().option, GetParam().path());
    }
}

class WordOption : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(Table, WordOption, testing::ValuesIn(words()), test_name);

TEST_P(WordOption, TakesEachOfItsWordsAndNoOther) {
    for (const auto word : std::get<TextSpec>(GetParam().spec).allowed) {
        const auto parsed = parse_one(GetParam(), std::string(word));
        ASSERT_TRUE(parsed) << parsed.error().text();
        EXPECT_EQ(value_of(GetParam(), *parsed), OptionValue(std::string(word)));
    }
    const auto parsed = parse_one(GetParam(), std::string("no such word"));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ConfigErrc::not_allowed);
}

class FreeTextOption : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(Table, FreeTextOption, testing::ValuesIn(free_texts()), test_name);

TEST_P(FreeTextOption, IsBounded) {
    const auto limit = std::get<TextSpec>(GetParam().spec).max_bytes;
    const auto parsed = parse_one(GetParam(), std::string(limit, 'x'));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(value_of(GetParam(), *parsed), OptionValue(std::string(limit, 'x')));
    const auto over = parse_one(GetParam(), std::string(limit + 1, 'x'));
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code, ConfigErrc::out_of_range);
}

class FormedTextOption : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(Table, FormedTextOption, testing::ValuesIn(formed_texts()), test_name);

TEST_P(FormedTextOption, MayBeEmpty) {
    const auto parsed = parse_one(GetParam(), std::string());
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(value_of(GetParam(), *parsed), OptionValue(std::string()));
}

TEST_P(FormedTextOption, RefusesAnotherFormAndSaysWhichItHasToHave) {
    const auto parsed = parse_one(GetParam(), std::string("no such form"));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ConfigErrc::not_allowed);
    EXPECT_THAT(parsed.error().text(), testing::HasSubstr("\"no such form\" is not a"));
    const auto over = parse_one(GetParam(), std::string(std::get<TextSpec>(GetParam().spec).max_bytes + 1, 'x'));
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code, ConfigErrc::out_of_range);
}

class ListOption : public testing::TestWithParam<Option> {
   protected:
    // An origin or an address, by what the option takes.
    [[nodiscard]] std::vector<std::string> entries(std::size_t count) const {
        std::vector<std::string> made;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string origin = "https://www" + std::to_string(i) + ".foorumi.fi";
            made.push_back(spec_.is_entry(origin) ? origin : "192.0.2." + std::to_string(i));
        }
        return made;
    }
    const ListSpec& spec_ = std::get<ListSpec>(GetParam().spec);
};
INSTANTIATE_TEST_SUITE_P(Table, ListOption, testing::ValuesIn(lists()), test_name);

TEST_P(ListOption, TakesAsManyEntriesAsItMayAndNoMore) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, spec_.max_entries}) {
        const auto parsed = parse_one(GetParam(), entries(count));
        ASSERT_TRUE(parsed) << parsed.error().text();
        EXPECT_EQ(value_of(GetParam(), *parsed), OptionValue(entries(count)));
    }
    const auto over = parse_one(GetParam(), entries(spec_.max_entries + 1));
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code, ConfigErrc::out_of_range);
}

TEST_P(ListOption, RefusesAnEntryThatIsNoneAndSaysWhich) {
    auto wrong = entries(2);
    wrong.push_back("HTTPS://Foorumi.fi/");
    const auto parsed = parse_one(GetParam(), wrong);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ConfigErrc::not_allowed);
    EXPECT_THAT(parsed.error().text(), testing::HasSubstr("\"HTTPS://Foorumi.fi/\" is not an "));
}

TEST_P(ListOption, RefusesOtherTypes) {
    for (const auto& other : {OptionValue(std::int64_t{1}), OptionValue(std::string("https://foorumi.fi"))}) {
        const auto parsed = parse_one(GetParam(), other);
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().code, ConfigErrc::wrong_type);
    }
    const auto mixed = parse("[" + std::string(GetParam().section) + "]\n" + std::string(GetParam().name) + " = [\"" +
                                 entries(1).front() + "\", 1]\n",
                             "one.toml");
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().code, ConfigErrc::wrong_type);
}

}  // namespace

// How a failed test prints its option.
void PrintTo(const Option& option, std::ostream* out) { *out << option.path(); }

}  // namespace foorumi::config
