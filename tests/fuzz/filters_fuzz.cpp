// Filters and texts whatever the bytes: what is looked for is found where it stands by itself, and each text is
// compared as any other writing of it.
#include <string>

#include "filters/folding.hpp"
#include "filters/matcher.hpp"
#include "fuzz.hpp"

using namespace foorumi;

namespace {

bool finds(const filters::Matcher& matcher, const std::string& text) {
    forum::FilterMatch match;
    matcher.find(filters::FoldedText(text), match);
    return match.action == forum::FilterAction::refuse;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto all = std::string(input(data, size));
    const auto cut = all.find('\n');
    const auto pattern = all.substr(0, cut);
    const auto text = cut == std::string::npos ? std::string() : all.substr(cut + 1);
    for (const auto kind : {forum::FilterKind::word, forum::FilterKind::link}) {
        const filters::Matcher matcher({{1, kind, pattern, forum::FilterAction::refuse}});
        const bool found = finds(matcher, text);
        if (!filters::pattern_form(kind, pattern)) {
            FUZZ_REQUIRE(!found);
            continue;
        }
        FUZZ_REQUIRE(!found || finds(matcher, text + " x"));
        if (kind == forum::FilterKind::word) FUZZ_REQUIRE(finds(matcher, text + " , " + pattern + " , " + text));
    }
    const auto folded = filters::folded_words(text);
    FUZZ_REQUIRE(folded.front() == filters::separator && folded.back() == filters::separator);
    return 0;
}
