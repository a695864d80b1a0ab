// The body of a call: one JSON object with texts in it. Thread: any, one at a time.
//
// What it takes in memory is bounded by `memory`, and wiped when it goes: passwords stand in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/secret.hpp"
#include "forum/decision.hpp"

namespace foorumi::entrance {

class Body {
   public:
    static constexpr std::size_t memory = 64 * 1024;

    // INVALID body_malformed: no JSON object, nested deeper than 4, or of too many parts for `memory`.
    [[nodiscard]] static forum::Result<Body> parse(std::string_view json);

    Body(Body&&) noexcept;
    Body& operator=(Body&&) noexcept;
    ~Body();

    // INVALID field_missing, field_not_text, each naming the field. Fields that nobody asks for are ignored.
    [[nodiscard]] forum::Result<std::string> text(std::string_view field) const;
    [[nodiscard]] forum::Result<auth::Secret> secret(std::string_view field) const;
    // Empty where it is missing or null.
    [[nodiscard]] forum::Result<std::string> optional_text(std::string_view field) const;

   private:
    struct Parsed;
    explicit Body(std::unique_ptr<Parsed> parsed);

    std::unique_ptr<Parsed> parsed_;
};

}  // namespace foorumi::entrance
