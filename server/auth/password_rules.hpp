// Which passwords may be chosen: length, and nothing that is guessed first. No rule asks for digits or signs (NIST SP
// 800-63B-4, 3.1.1.2). Immutable and thread-safe; takes microseconds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/options.hpp"
#include "auth/predictable.hpp"
#include "forum/decision.hpp"

namespace foorumi::auth {

// What is known of whose password it is; empty where it is not known.
struct PasswordOwner {
    std::string_view handle;
    std::string_view email;
    std::string_view name;
};

// config/common-passwords.txt and config/most-common-passwords.txt, as they were compiled in.
[[nodiscard]] std::string_view common_passwords();
[[nodiscard]] std::string_view most_common_passwords();

class PasswordRules {
   public:
    // `common`, `most_common`: one word or phrase a line, '#' begins a comment. REQUIRES: they are UTF-8.
    explicit PasswordRules(const PasswordOptions& options, std::string_view common = common_passwords(),
                           std::string_view most_common = most_common_passwords());

    // Refusals, all of field "password": those of check_password_text(); password_common, where common words, the
    // owner's names, runs on the keyboard and repetitions make up half of it or more, or where it is nothing but one or
    // two of the most common passwords with digits and signs around them.
    [[nodiscard]] forum::Result<void> check(std::string_view password, const PasswordOwner& owner) const;

   private:
    PasswordOptions options_;
    std::vector<std::u32string> common_;
    Words most_common_;
};

}  // namespace foorumi::auth
