#include "client/connection_end.hpp"

#include "client/display.hpp"

namespace foorumi::client {
namespace {

std::string_view fault_key(Fault fault) {
    switch (fault) {
        case Fault::other:
            break;
        case Fault::not_trusted:
            return "tls.not_trusted";
        case Fault::wrong_name:
            return "tls.wrong_name";
        case Fault::expired:
            return "tls.expired";
        case Fault::not_yet_valid:
            return "tls.not_yet_valid";
        case Fault::no_tls:
            return "tls.none";
        case Fault::tls_failed:
            return "tls.failed";
        case Fault::tls_only:
            return "tls.only";
    }
    return "";
}

}  // namespace

bool is_final(Fault fault) {
    return fault == Fault::not_trusted || fault == Fault::wrong_name || fault == Fault::expired ||
           fault == Fault::not_yet_valid;
}

ConnectionEnd http_end(unsigned status, std::string_view body, bool with_tls) {
    const auto names = [body](std::string_view word) { return body.find(word) != std::string_view::npos; };
    const bool tls_only = !with_tls && status == 400 && (names("TLS") || names("HTTPS") || names("SSL"));
    if (tls_only) return {.fault = Fault::tls_only, .detail = {}};
    return {.fault = Fault::other, .detail = "HTTP " + std::to_string(status)};
}

std::string words_of(const ConnectionEnd& end, const Catalogue& texts) {
    const std::string detail = visible(end.detail, Lines::one);
    const auto key = fault_key(end.fault);
    return key.empty() ? detail : texts.text(key, {{"detail", detail}});
}

}  // namespace foorumi::client
