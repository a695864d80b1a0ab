// Filters of words and links, as the rules see them: what a text is compared with, and what becomes of it. How they are
// compared is the business of whoever implements Directory::filtered(). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "forum/entities.hpp"

namespace foorumi::forum {

enum class FilterKind : std::uint8_t { word = 1, link };

// The stronger ones count more.
enum class FilterAction : std::uint8_t { none = 0, flag, hold, refuse };

struct Filter {
    std::uint64_t number = 0;  // among those of its place
    FilterKind kind = FilterKind::word;
    std::string pattern;
    FilterAction action = FilterAction::none;
    Millis set = 0;
    Id by = 0;
    friend bool operator==(const Filter&, const Filter&) = default;
};

// Patterns that moderators are told of one text, at most.
inline constexpr std::size_t most_hits = 5;

struct FilterMatch {
    FilterAction action = FilterAction::none;
    std::vector<std::string> patterns{};
    friend bool operator==(const FilterMatch&, const FilterMatch&) = default;
};

}  // namespace foorumi::forum
