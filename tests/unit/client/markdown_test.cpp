#include "client/markdown.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "client/display.hpp"

namespace foorumi::client {
namespace {

const std::set<std::string> handles{"aino.metsala", "pekka"};

// The styles as tags, so that a row can be read: <b> strong, <i> emphasis, <u> underlined, <c> code, <d> dim.
std::string tagged(std::string_view text) {
    const std::map<std::string_view, std::string_view> tags{{"1", "<b>"},   {"22", "</>"},  {"3", "<i>"},
                                                            {"23", "</i>"}, {"4", "<u>"},   {"24", "</u>"},
                                                            {"36", "<c>"},  {"39", "</c>"}, {"2", "<d>"}};
    std::string out;
    while (!text.empty()) {
        if (text.starts_with("\x1b[")) {
            const auto end = text.find('m');
            out += tags.at(text.substr(2, end - 2));
            text.remove_prefix(end + 1);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

std::string shown(std::string_view text) { return tagged(styled_markdown(text, handles)); }

struct MarkdownRow {
    const char* name;
    const char* text;
    const char* shown;
};

class Markdown : public testing::TestWithParam<MarkdownRow> {};

TEST_P(Markdown, IsShownSo) { EXPECT_EQ(shown(GetParam().text), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Table, Markdown,
    testing::Values(
        MarkdownRow{"plain", "Hyvää päivää!", "Hyvää päivää!"}, MarkdownRow{"empty", "", ""},
        MarkdownRow{"strong_and_emphasis", "**vahva** ja *korostus*", "<b>vahva</> ja <i>korostus</i>"},
        MarkdownRow{"an_ending_behind_it", "**Kouvola**ssa", "<b>Kouvola</>ssa"},
        MarkdownRow{"over_a_line_break", "**kaksi\nriviä**", "<b>kaksi\nriviä</>"},
        MarkdownRow{"not_over_a_paragraph", "**kaksi\n\nkappaletta**", "**kaksi\n\nkappaletta**"},
        MarkdownRow{"emphasis_in_strong", "**a *b* c**", "<b>a <i>b</i> c</>"},
        MarkdownRow{"unbalanced", "**a* `b [c](", "**a* `b [c]("},
        MarkdownRow{"stars_that_multiply", "2*3*4 ja 5 * 6 * 7", "2*3*4 ja 5 * 6 * 7"},
        MarkdownRow{"many_stars", "***a*** ****", "***a*** ****"},
        MarkdownRow{"code", "aja `ls *.md*` nyt", "aja <c>ls *.md*</c> nyt"},
        MarkdownRow{"code_with_backtick", "``a`b``", "<c>a`b</c>"},
        MarkdownRow{"code_in_strong", "**a `b**` c**", "<b>a <c>b**</c> c</>"},
        MarkdownRow{"fenced", "ennen\n```\n**ei**\n  *mitään*\n```\njälkeen",
                    "ennen\n<c>**ei**</c>\n<c>  *mitään*</c>\njälkeen"},
        MarkdownRow{"fenced_language", "```sh\nls\n```", "<d>sh</>\n<c>ls</c>"},
        MarkdownRow{"fence_left_open", "```\n**a**", "```\n<b>a</>"},
        MarkdownRow{"list", "- yksi\n  - *kaksi*\n1. kolme", "• yksi\n  • <i>kaksi</i>\n1. kolme"},
        MarkdownRow{"no_list", "-yksi\n-5 astetta\n1.5", "-yksi\n-5 astetta\n1.5"},
        MarkdownRow{"quote", "> **a**\n>\nb > c", "<d>│ </><b>a</>\n<d>│</>\nb > c"},
        MarkdownRow{"link", "katso [ohje](https://foorumi.fi/a_b)!", "katso ohje (<u>https://foorumi.fi/a_b</u>)!"},
        MarkdownRow{"link_that_pretends", "[https://pankki.fi](http://e.vil)",
                    "https://pankki.fi (<u>http://e.vil</u>)"},
        MarkdownRow{"other_schemes", "[a](javascript:x) [b](file:///c) ![d](data:e)",
                    "[a](javascript:x) [b](file:///c) ![d](data:e)"},
        MarkdownRow{"html", "<b>a</b> <script>", "<b>a</b> <script>"},
        MarkdownRow{"bare_address", "**https://a.fi/x*y** ja http://b.fi.", "<b>https://a.fi/x*y</> ja http://b.fi."},
        MarkdownRow{"mention", "Hei @Aino.Metsala, @pekka. ja @muu", "Hei <b>@Aino.Metsala</>, <b>@pekka</>. ja @muu"},
        MarkdownRow{"no_mention", "a@pekka @@pekka `@pekka` ä@pekka", "a@pekka @@pekka <c>@pekka</c> ä@pekka"},
        MarkdownRow{"mention_in_strong", "**hei @pekka!** @pekka", "<b>hei @pekka!</> <b>@pekka</>"},
        MarkdownRow{"escape_sequences", "**\x1b[31m** \x1b]52;c;x\a", "<b><U+001B>[31m</> <U+001B>]52;c;x<U+0007>"}),
    [](const testing::TestParamInfo<MarkdownRow>& row) { return row.param.name; });

// Letters and digits: what no markup is made of.
std::string words(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0x1b)
            i = text.find('m', i);
        else if (std::isalnum(c) != 0)
            out += text[i];
    }
    return out;
}

rc::Gen<std::string> messages() {
    const auto pieces = rc::gen::elementOf(std::vector<std::string>{
        "a",           "B7",     "ä",     " ",       "\n",     "\n\n",   "*",    "**", "***", "`",
        "``",          "```",    "```\n", "- ",      "> ",     "1. ",    "[",    "](", ")",   "](https://x.fi)",
        "http://y.fi", "@pekka", "\x1b",  "\x1b[1m", "\u009b", "\u202e", "\xff", "\t", "\r",  "m"});
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(pieces), [](const std::vector<std::string>& some) {
        std::string text;
        for (const auto& piece : some) text += piece;
        return text;
    });
}

RC_GTEST_PROP(MarkdownProperties, NoWordIsLostAndNoneIsAdded, ()) {
    const std::string text = *messages();
    RC_ASSERT(words(styled_markdown(text, handles)) == words(visible(text, Lines::many)));
}

RC_GTEST_PROP(MarkdownProperties, HoldsNoControlCharactersButItsOwnStylesWhichAllEnd, ()) {
    const std::string out = styled_markdown(*messages(), handles);
    std::map<std::string, int> open;
    const std::map<std::string, std::string> ends{{"22", "bold or dim"}, {"23", "3"}, {"24", "4"}, {"39", "36"}};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        if (c == 0x1b) {
            const auto end = out.find('m', i);
            std::string code = out.substr(i + 2, end - i - 2);
            RC_ASSERT(out.substr(i, 2) == "\x1b[");
            if (code == "1" || code == "2") code = "bold or dim";
            const auto found = ends.find(code);
            const int now = found == ends.end() ? ++open[code] : --open[found->second];
            RC_ASSERT(now == (found == ends.end() ? 1 : 0));
            i = end;
        } else {
            RC_ASSERT(c >= 0x20 || c == '\n' || c == '\t');
            RC_ASSERT(c != 0x7f);
        }
    }
    for (const auto& [code, count] : open) RC_ASSERT(count == 0);
}

TEST(MarkdownLimits, AnEndFarAwayIsNotLookedFor) {
    const std::string far = "**" + std::string(5000, 'a') + "**";
    EXPECT_EQ(shown(far), far);
}

}  // namespace
}  // namespace foorumi::client
