#include "filters/matcher.hpp"

#include <algorithm>

#include "filters/folding.hpp"

namespace foorumi::filters {
namespace {

std::vector<std::string> forms_of(const std::vector<forum::Filter>& filters, forum::FilterKind kind) {
    std::vector<std::string> forms;
    for (const auto& filter : filters)
        forms.push_back(filter.kind == kind ? pattern_form(kind, filter.pattern).value_or("") : "");
    return forms;
}

}  // namespace

// Between the two forms are two separators, which no phrase has.
FoldedText::FoldedText(std::string_view text)
    : words(folded_words(text) + words_by_capitals(text)), hosts(named_hosts(text)) {}

std::optional<std::string> pattern_form(forum::FilterKind kind, std::string_view pattern) {
    if (kind == forum::FilterKind::link) {
        auto form = domain_form(pattern);
        if (form) form->push_back(separator);
        return form;
    }
    const bool any_ending = pattern.ends_with('*');
    auto form = folded_words(pattern);
    if (form.size() < 3) return std::nullopt;
    if (any_ending) form.pop_back();
    return form;
}

Matcher::Matcher(const std::vector<forum::Filter>& filters)
    : filters_(filters),
      words_(forms_of(filters, forum::FilterKind::word)),
      hosts_(forms_of(filters, forum::FilterKind::link)) {}

void Matcher::find(const FoldedText& text, forum::FilterMatch& match) const {
    add(words_.find(text.words), match);
    add(hosts_.find(text.hosts), match);
}

void Matcher::add(const std::vector<std::size_t>& found, forum::FilterMatch& match) const {
    for (const auto position : found) {
        const auto& filter = filters_[position];
        match.action = std::max(match.action, filter.action);
        if (match.patterns.size() < forum::most_hits) match.patterns.push_back(filter.pattern);
    }
}

}  // namespace foorumi::filters
