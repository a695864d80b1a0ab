// What a command has to be told before it begins, secrets above all: from files, from standard input, or typed.
//
// Thread: one; blocks.
#pragma once

#include <optional>
#include <string>

#include "auth/secret.hpp"
#include "client/catalogue.hpp"
#include "output.hpp"
#include "prompt.hpp"

namespace foorumi::client {

class Answers {
   public:
    Answers(const Catalogue& texts, Output& output) : texts_(texts), output_(output) {}

    // The first line of the file; of "-" the next one of standard input; without a file what is typed on the question.
    // Nothing, and told: there is none, or no terminal.
    [[nodiscard]] std::optional<auth::Secret> secret(const std::string& file, const std::string& question);
    // Twice the same where it is typed.
    [[nodiscard]] std::optional<auth::Secret> new_secret(const std::string& file, const std::string& question,
                                                         const std::string& again);
    // What is no secret for long: typed, or the next line of standard input where a secret came from there.
    [[nodiscard]] std::optional<std::string> word(const std::string& question);

    // A wrong answer can be given anew.
    [[nodiscard]] bool asks() const { return !piped_ && prompt_.possible(); }

   private:
    [[nodiscard]] std::optional<auth::Secret> typed(const std::string& question, bool secret);
    [[nodiscard]] std::optional<auth::Secret> line_of(const std::string& file);

    const Catalogue& texts_;
    Output& output_;
    Prompt prompt_;
    bool piped_ = false;
};

}  // namespace foorumi::client
