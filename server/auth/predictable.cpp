#include "auth/predictable.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "forum/unicode.hpp"

namespace foorumi::auth {
namespace {

constexpr std::size_t least_run = 3;
constexpr std::size_t most_distinct = 4;

// Rows and columns of the Finnish and Swedish keyboard and of the English one, where they differ; shifted digits of
// both.
constexpr std::array<std::u32string_view, 23> lines{U"abcdefghijklmnopqrstuvwxyzåäö",
                                                    U"01234567890",
                                                    U"qwertyuiopå",
                                                    U"qwertyuiop[]",
                                                    U"asdfghjklöä",
                                                    U"asdfghjkl;'",
                                                    U"zxcvbnm",
                                                    U"!@#$%^&*()",
                                                    U"!\"#¤%&/()=",
                                                    U"1qaz",
                                                    U"2wsx",
                                                    U"3edc",
                                                    U"4rfv",
                                                    U"5tgb",
                                                    U"6yhn",
                                                    U"7ujm",
                                                    U"8ik",
                                                    U"9ol",
                                                    U"0pö",
                                                    U"qay",
                                                    U"147",
                                                    U"258",
                                                    U"369"};

char32_t lower(char32_t c) {
    if (c >= U'A' && c <= U'Z') return c + 0x20;
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 0x20;  // À to Þ, without the multiplication sign
    return c;
}

bool separates(char32_t c) { return forum::is_white_space(c) || c == U'-' || c == U'_' || c == U'.' || c == U','; }

bool is_letter(char32_t c) { return (c >= U'a' && c <= U'z') || c >= 0x80; }

char32_t unmasked(char32_t c) {
    constexpr std::u32string_view masks = U"01!34@5$7";
    constexpr std::u32string_view letters = U"oiieaasst";
    const auto found = masks.find(c);
    return found == std::u32string_view::npos ? c : letters[found];
}

}  // namespace

std::u32string folded(std::string_view text) {
    std::u32string folded;
    while (const auto point = forum::first_code_point(text)) {
        if (!separates(point->value)) folded.push_back(lower(point->value));
        text.remove_prefix(point->bytes);
    }
    return folded;
}

Predictable::Predictable(std::string_view password)
    : plain_(folded(password)), unmasked_(plain_), covered_(plain_.size(), false) {
    std::ranges::transform(unmasked_, unmasked_.begin(), unmasked);
}

void Predictable::cover(std::u32string_view word) {
    if (word.empty()) return;
    cover_in(plain_, word);
    cover_in(unmasked_, word);
}

void Predictable::cover_runs() {
    for (const auto line : lines) {
        cover_run(line);
        cover_run(std::u32string(line.rbegin(), line.rend()));
    }
    for (std::size_t at = 0; at < plain_.size();) {
        const auto end = std::min(plain_.find_first_not_of(plain_[at], at), plain_.size());
        if (end - at >= least_run) cover(at, end - at);
        at = end;
    }
}

void Predictable::cover_repetitions() {
    for (std::size_t period = 1; period * 2 <= plain_.size(); ++period) {
        std::size_t same = 0;  // characters up to here that stood a period before
        for (std::size_t at = period; at < plain_.size(); ++at) {
            same = plain_[at] == plain_[at - period] ? same + 1 : 0;
            cover_end(at, same, std::max(period, least_run));
        }
    }
}

bool Predictable::is_joined(const Words& words, std::size_t most) const {
    const auto size = plain_.size();
    // The fewest words that it takes to get to each character; more than `most`: it is not got to.
    std::vector<std::size_t> taken(size + 1, most + 1);
    taken[0] = 0;
    for (std::size_t at = 0; at < size; ++at) {
        if (taken[at] > most) continue;
        if (!is_letter(plain_[at])) taken[at + 1] = std::min(taken[at + 1], taken[at]);
        if (taken[at] == most) continue;
        const auto longest = std::min(words.longest(), size - at);
        for (std::size_t count = 1; count <= longest; ++count)
            if (taken[at + count] > taken[at] + 1 && has_word(words, at, count)) taken[at + count] = taken[at] + 1;
    }
    return taken[size] <= most;
}

bool Predictable::has_word(const Words& words, std::size_t from, std::size_t count) const {
    return words.contains(std::u32string_view(plain_).substr(from, count)) ||
           words.contains(std::u32string_view(unmasked_).substr(from, count));
}

bool Predictable::dominates() const {
    const auto covered = static_cast<std::size_t>(std::ranges::count(covered_, true));
    return covered * 2 >= plain_.size() || std::set<char32_t>(plain_.begin(), plain_.end()).size() <= most_distinct;
}

void Predictable::cover(std::size_t from, std::size_t count) {
    std::fill_n(covered_.begin() + static_cast<std::ptrdiff_t>(from), count, true);
}

// What is longer than `least` has been covered up to here already.
void Predictable::cover_end(std::size_t at, std::size_t count, std::size_t least) {
    if (count == least) cover(at + 1 - count, count);
    if (count > least) cover(at, 1);
}

void Predictable::cover_in(std::u32string_view text, std::u32string_view word) {
    for (auto at = text.find(word); at != std::u32string_view::npos; at = text.find(word, at + 1)) {
        cover(at, word.size());
    }
}

void Predictable::cover_run(std::u32string_view line) {
    std::size_t run = 1;
    for (std::size_t at = 1; at < plain_.size(); ++at) {
        const auto before = line.find(plain_[at - 1]);
        const bool follows =
            before != std::u32string_view::npos && before + 1 < line.size() && line[before + 1] == plain_[at];
        run = follows ? run + 1 : 1;
        cover_end(at, run, least_run);
    }
}

}  // namespace foorumi::auth
