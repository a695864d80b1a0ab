// What a call to the server's entrance sends: one JSON object of texts, passwords among them. Not thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace foorumi::client {

// Wiped when it goes, whatever it has held.
class AuthBody {
   public:
    AuthBody() = default;
    AuthBody(AuthBody&&) = delete;
    AuthBody& operator=(AuthBody&&) = delete;
    ~AuthBody();

    // REQUIRES: UTF-8.
    AuthBody& add(std::string_view field, std::string_view value);

    // The object; valid until the next add().
    [[nodiscard]] std::string_view json() const { return json_; }

   private:
    std::string json_ = "{}";
};

}  // namespace foorumi::client
