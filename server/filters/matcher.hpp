// The filters of a place, as texts are compared with them. Built once for each change of them; then thread-safe. Takes
// time linear in the text, whatever the filters are; how many there are, and how long, is bounded by FilterLimits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filters/automaton.hpp"
#include "forum/filters.hpp"

namespace foorumi::filters {

// Of one text, for the matchers of several places.
struct FoldedText {
    explicit FoldedText(std::string_view text);
    std::string words;
    std::string hosts;
};

// What is looked for in a folded text. Nothing: there is no word, or it is no domain. A word whose last character is
// '*' stands for all that begin with it.
[[nodiscard]] std::optional<std::string> pattern_form(forum::FilterKind kind, std::string_view pattern);

class Matcher {
   public:
    // Filters of which pattern_form() is nothing find nothing.
    explicit Matcher(const std::vector<forum::Filter>& filters);

    // Adds what is found: the strongest action counts, and patterns are named up to forum::most_hits.
    void find(const FoldedText& text, forum::FilterMatch& match) const;

   private:
    void add(const std::vector<std::size_t>& found, forum::FilterMatch& match) const;

    std::vector<forum::Filter> filters_;
    Automaton words_;
    Automaton hosts_;
};

}  // namespace foorumi::filters
