// What answers HTTP calls under /auth/, or for /metrics on the listener for metrics, as the connection sees it. Beast
// stays behind this header.
//
// Thread: the worker of the connection, in both directions. A service may keep `done`, move it over threads and destroy
// it on any of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace foorumi::net {

// One POST, or a GET or HEAD for metrics, of which the path alone counts. It has passed the checks of origin, media
// type and length; what stands in it was written by anybody.
struct HttpCall {
    std::string path;            // begins with "/auth/"; as sent, without a query
    std::string body;            // bytes, at most http.body_bytes; said to be JSON
    std::string remote_address;  // the client's, also behind a trusted proxy that tells it
    // Of the cookie, or of "Authorization: Bearer" from who is no browser: 43 characters of base64url, not looked up.
    std::optional<std::string> session_token;
    std::string user_agent;  // bytes as sent, bounded by the limit of headers
    std::string language;    // "fi", "sv", "en", or empty: none of them is wanted
    bool browser = false;    // from a web page, of an allowed origin
    bool secure = false;     // over TLS from the client to the first that spoke for us
};

// The session cookie to write. Both empty and 0: the client forgets it.
struct SetCookie {
    std::string value;  // 43 characters of base64url
    std::uint32_t max_age_s = 0;
};

struct HttpAnswer {
    unsigned status = 200;                       // 200 to 599
    std::string body;                            // of the type below
    std::optional<SetCookie> cookie;             // left out of the answer unless the call was secure
    std::uint32_t retry_after_s = 0;             // 0: says nothing of it
    std::string_view type = "application/json";  // a literal: one JSON object, unless said otherwise
};

// `done` is called once, at once or later, on the worker that called the service; also after the connection is gone,
// where it does nothing, as a second call does. An answer that breaks the bounds above becomes a 500.
using HttpService = std::function<void(HttpCall call, std::function<void(HttpAnswer)> done)>;

}  // namespace foorumi::net
