// How much of a password can be foretold: runs on the keyboard, in the alphabet and in the digits, one character again
// and again, a part said before, and given words. Pure, and without Unicode's tables: upper case is folded in Latin-1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::auth {

// The text in lower case without white space, '-', '_', '.' and ','. What is not UTF-8 ends it.
[[nodiscard]] std::u32string folded(std::string_view text);

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

    // Half of the characters or more are covered; or there are none, or at most four different ones.
    [[nodiscard]] bool dominates() const;

   private:
    void cover(std::size_t from, std::size_t count);
    // The `count` characters up to `at`, once they are `least` or more.
    void cover_end(std::size_t at, std::size_t count, std::size_t least);
    void cover_in(std::u32string_view text, std::u32string_view word);
    void cover_run(std::u32string_view line);

    std::u32string plain_;
    std::u32string unmasked_;  // with letters for the digits and signs that stand for them
    std::vector<bool> covered_;
};

}  // namespace foorumi::auth
