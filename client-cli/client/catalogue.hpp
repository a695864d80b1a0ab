// The client's texts in Finnish, Swedish and English, made from config/messages/client.*.toml; and, as
// "error.<reason>", the server's texts of refusals, for what the client itself refuses with the server's reasons. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foorumi::client {

// "fi", "sv" or "en" for a language as LC_ALL, LC_MESSAGES and LANG name it ("sv_FI.UTF-8"), taken in that order, the
// first that is not empty; "fi" for any other.
[[nodiscard]] std::string language_of(std::string_view lc_all, std::string_view lc_messages, std::string_view lang);

class Catalogue {
   public:
    using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

    // One of "fi", "sv", "en". Throws std::runtime_error where the embedded text is broken, which a test rules out.
    explicit Catalogue(std::string_view language);

    // The text with "{name}" replaced by the value of that name. A key that is not there answers itself.
    [[nodiscard]] std::string text(std::string_view key, Values values = {}) const;

    // "<key>.one" or "<key>.many" with {count} filled in.
    [[nodiscard]] std::string counted(const std::string& key, std::uint64_t count) const;

    [[nodiscard]] const std::string& language() const { return language_; }
    [[nodiscard]] std::vector<std::string> keys() const;  // ascending

   private:
    std::string language_;
    std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace foorumi::client
