// The forms in which texts and filters are compared. ICU stays in here. Thread-safe; without memory or without its
// tables ICU throws std::runtime_error. What is not UTF-8 counts as U+FFFD.
//
// Forms are for comparing within one process: they change with ICU's tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace foorumi::filters {

// Stands before and behind each word and each domain; in no form of a text.
inline constexpr char separator = '\x01';

// The text's words, each between two separators ("\x01sana\x01toinen\x01"); only a separator where there is none.
// A word is a run of letters and digits, and of marks on them:
//   - folded by NFKC_Casefold: no case, no forms for compatibility, nothing that is not shown;
//   - å, ä and ö are letters, composed or not; on all other letters marks do not count;
//   - a character beyond ASCII that looks like one letter of a to z (UTS #39's skeleton) is that letter. Those that
//   look
//     like several, or ASCII's own that look alike (m and rn, l and 1), are left: what begins like a word would not
//     begin like its skeleton;
//   - without the text's markup: '*' and '`' do not end a word.
[[nodiscard]] std::string folded_words(std::string_view text);

// The same where capitals beyond ASCII count as what they look like, and not as their small letters ("\u041A", not
// "\u043A", is a K); empty where there are none that look like another one. For texts, beside folded_words().
[[nodiscard]] std::string words_by_capitals(std::string_view text);

// What in the text may be the name of a host, however it is written: "\x01.ab.example.fi\x01". Whatever stands
// between characters that no host has: with or without a scheme, user, port or path; folded, Punycode undone, without
// the dot at its end; with percent-encoding as it stands, and undone; of a last label with a hyphen also the part
// before it. What it looks like does not count, only where it leads.
[[nodiscard]] std::string named_hosts(std::string_view text);

// The form of a domain, as named_hosts() has it at the end of a host, percent-encoding undone. Nothing: it is none, or
// of one label only. A scheme, a path and "*." are left out.
[[nodiscard]] std::optional<std::string> domain_form(std::string_view domain);

}  // namespace foorumi::filters
