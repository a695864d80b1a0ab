// Makes text that others wrote harmless for a terminal. Pure.
//
// A terminal obeys control characters, and readers are deceived by characters that reorder or hide text. Both are
// shown by their code instead: ESC becomes "<U+001B>", a byte that is not UTF-8 "<0xFF>". Everything else, emoji
// sequences included, stays as it was written.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::client {

enum class Lines {
    one,   // line breaks and tabs are shown by their code, too: titles, names, anything inside a line
    many,  // line feeds and tabs stay: message texts
};

// True for what must not reach a terminal raw: C0, DEL, C1, bidirectional controls, invisible and separating format
// characters, tag characters, noncharacters.
[[nodiscard]] bool is_unsafe(char32_t value);

[[nodiscard]] std::string visible(std::string_view text, Lines lines);

// The same JSON text with every unsafe character inside its strings as a \u escape.
// REQUIRES: valid JSON without line breaks between its tokens, as protobuf's one-line mapping writes it.
[[nodiscard]] std::string escape_json(std::string_view json);

}  // namespace foorumi::client
