// Asks on the session's terminal, wherever standard input and output lead.
//
// Thread: one; blocks. The terminal's modes are set back before anything else happens, a signal included.
#pragma once

#include <optional>
#include <string>

#include "auth/secret.hpp"

namespace foorumi::client {

class Prompt {
   public:
    Prompt();
    ~Prompt();
    Prompt(const Prompt&) = delete;
    Prompt& operator=(const Prompt&) = delete;

    // There is a terminal.
    [[nodiscard]] bool possible() const { return terminal_ >= 0; }

    // The line that was typed; nothing at its end (Ctrl-D), or where it is longer than 4,000 bytes. What is secret is
    // not shown. REQUIRES: possible().
    [[nodiscard]] std::optional<auth::Secret> ask(const std::string& question, bool secret);

   private:
    [[nodiscard]] bool write(const std::string& text) const;

    int terminal_ = -1;
};

}  // namespace foorumi::client
