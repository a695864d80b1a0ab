// Web origins as browsers write them in the Origin header (RFC 6454 section 6.2), and the list of those that may call.
// Pure. Thread: none of its own; a list does not change.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::net {

// "scheme://host[:port]" of http or https, just as a browser writes it: lower case, ASCII (a host beyond it in
// punycode), no port that is the scheme's own, no user, path or dot at the end.
[[nodiscard]] bool is_origin(std::string_view text);

enum class OriginVerdict : std::uint8_t {
    absent,  // no browser, or one that asks for its own site by GET
    allowed,
    refused,
};

class OriginList {
   public:
    // REQUIRES: each is_origin().
    explicit OriginList(std::vector<std::string> allowed);

    // Of all Origin headers of a request. Bytes are compared: there is one way to write an origin, and browsers keep to
    // it.
    [[nodiscard]] OriginVerdict check(std::span<const std::string_view> headers) const;

   private:
    std::vector<std::string> allowed_;
};

}  // namespace foorumi::net
