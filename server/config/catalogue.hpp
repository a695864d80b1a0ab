// Texts for people in Finnish, Swedish and English. They are part of the program: made from
// config/messages/server.*.toml.
//
// Thread: const and safe to share once made. Making one parses the texts; make one per process.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::config {

class Catalogue {
   public:
    Catalogue();

    // The text of a key such as "error.thread_locked". A language or a key that is not there falls back to Finnish,
    // then to English, then to the key itself.
    [[nodiscard]] std::string text(std::string_view language, std::string_view key) const;

    [[nodiscard]] std::vector<std::string> languages() const;
    // All keys of a language, ascending; none for a language that is not there.
    [[nodiscard]] std::vector<std::string> keys(std::string_view language) const;

   private:
    using Texts = std::map<std::string, std::string, std::less<>>;
    [[nodiscard]] const std::string* find(std::string_view language, std::string_view key) const;
    std::map<std::string, Texts, std::less<>> languages_;
};

}  // namespace foorumi::config
