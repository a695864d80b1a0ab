// The forms of text that names are compared in. ICU stays in here. Thread-safe; without memory or without its tables
// ICU throws std::runtime_error. What is not UTF-8 counts as U+FFFD. REQUIRES: texts of less than 512 MiB.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::names {

// Normalization form C (UAX #15).
[[nodiscard]] std::string nfc(std::string_view text);

// Full case folding of Unicode, independent of any language, in form C.
[[nodiscard]] std::string case_folded(std::string_view text);

// The skeleton of UTS #39, section 4: equal for what looks alike. With ICU's tables, so it may differ between versions
// of ICU: compare skeletons, do not store them.
[[nodiscard]] std::string skeleton(std::string_view text);

// Every run of white space becomes one space, none at the ends.
[[nodiscard]] std::string single_spaced(std::string_view text);

// For look-ups of names that people type: folded and single-spaced.
[[nodiscard]] std::string lookup_form(std::string_view text);

}  // namespace foorumi::names
