// What the server's entrance answers: a result, or why not. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/connection_end.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// Fields that the answer does not have are empty. Texts come from the server: not yet fit for a terminal.
struct AuthAnswer {
    std::string token;          // of the form that is_access_token() knows
    std::string second_factor;  // "done", "code" or "setup"
    std::int64_t expires_ms = 0;
    std::string name;
    std::string handle;
    bool resets = false;
    std::string secret;  // of an authenticator app, in base32
    std::string uri;
    std::string sealed;
    std::vector<std::string> recovery;
    std::int64_t erase_at_ms = 0;
};

struct AuthFailure {
    std::optional<foorumi::v1::Error> refusal;  // nothing: there is no answer of this server
    // Because of which it was refused.
    std::optional<foorumi::v1::SanctionRecord> sanction = {};
    ConnectionEnd why = {};  // then
    bool sent = false;       // then: the server may have done what it was asked for
};

using AuthResult = boost::system::result<AuthAnswer, AuthFailure>;

[[noreturn]] void throw_exception_from_error(const AuthFailure& failure, const boost::source_location& where);

// 43 characters of base64url.
[[nodiscard]] bool is_access_token(std::string_view text);

// Anything but a JSON object of this shape is no answer of this server.
[[nodiscard]] AuthResult read_auth_answer(unsigned status, std::string_view body, bool with_tls);

}  // namespace foorumi::client
