// Why a connection ended, or could not be made. Pure.
#pragma once

#include <string>
#include <string_view>

#include "client/catalogue.hpp"

namespace foorumi::client {

enum class Fault {
    other,          // `detail` tells it
    not_trusted,    // the certificate: nobody who is trusted has signed it
    wrong_name,     // the certificate is for another host
    expired,        // the certificate
    not_yet_valid,  // the certificate
    no_tls,         // wss:// to a server that speaks something else
    tls_failed,     // no handshake for another reason
    tls_only,       // ws:// to a server that speaks TLS
};

struct ConnectionEnd {
    Fault fault = Fault::other;
    std::string detail;  // in English, or from the server: not yet fit for a terminal
};

// It is not for the client to try again: what the server shows is not to be trusted.
[[nodiscard]] bool is_final(Fault fault);

// An answer by HTTP that is not what was asked for.
[[nodiscard]] ConnectionEnd http_end(unsigned status, std::string_view body, bool with_tls);

// Fit for a terminal; empty where nothing is known.
[[nodiscard]] std::string words_of(const ConnectionEnd& end, const Catalogue& texts);

}  // namespace foorumi::client
