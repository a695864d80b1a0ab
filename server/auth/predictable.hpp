// How much of a password can be foretold: runs on the keyboard, in the alphabet and in the digits, one character again
// and again, a part said before, and given words. Pure, and without Unicode's tables: upper case is folded in Latin-1.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace foorumi::auth {

// The text in lower case without white space, '-', '_', '.' and ','. What is not UTF-8 ends it.
[[nodiscard]] std::u32string folded(std::string_view text);

// Folded words, to be looked up.
class Words {
   public:
    void add(std::u32string word) {
        longest_ = word.size() > longest_ ? word.size() : longest_;
        words_.insert(std::move(word));
    }
    [[nodiscard]] bool contains(std::u32string_view word) const { return words_.contains(word); }
    [[nodiscard]] std::size_t longest() const { return longest_; }

   private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::u32string_view text) const { return std::hash<std::u32string_view>()(text); }
    };
    std::unordered_set<std::u32string, Hash, std::equal_to<>> words_;
    std::size_t longest_ = 0;
};

class Predictable {
   public:
    explicit Predictable(std::string_view password);

    // The word, wherever it stands, with 0 for o, 1 and ! for i, 3 for e, 4 and @ for a, 5 and $ for s, 7 for t, too.
    // REQUIRES: it is folded().
    void cover(std::u32string_view word);

    // Three or more neighbours of a keyboard's row or column, of the alphabet or of the digits, in either direction,
    // and three or more of the same character.
    void cover_runs();

    // What says again what stands directly before it, three characters or more.
    void cover_repetitions();

    // Nothing but `most` of the words at most, spelled as for cover(), and digits and signs around them.
    [[nodiscard]] bool is_joined(const Words& words, std::size_t most) const;

    // Half of the characters or more are covered; or there are none, or at most four different ones.
    [[nodiscard]] bool dominates() const;

   private:
    void cover(std::size_t from, std::size_t count);
    // The `count` characters up to `at`, once they are `least` or more.
    void cover_end(std::size_t at, std::size_t count, std::size_t least);
    void cover_in(std::u32string_view text, std::u32string_view word);
    void cover_run(std::u32string_view line);
    [[nodiscard]] bool has_word(const Words& words, std::size_t from, std::size_t count) const;

    std::u32string plain_;
    std::u32string unmasked_;  // with letters for the digits and signs that stand for them
    std::vector<bool> covered_;
};

}  // namespace foorumi::auth
