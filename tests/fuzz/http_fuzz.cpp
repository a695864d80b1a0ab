// What a browser, a client or a proxy writes into Cookie, Origin, Accept-Language and Forwarded. Lines are headers.
#include <vector>

#include "fuzz.hpp"
#include "net/accept_language.hpp"
#include "net/address_set.hpp"
#include "net/cookie.hpp"
#include "net/forwarded.hpp"
#include "net/origin.hpp"

using namespace foorumi::net;

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

void check_cookie(const std::vector<std::string_view>& headers) {
    const auto token = cookie_token(headers);
    if (!token || !*token) return;
    FUZZ_REQUIRE(headers.size() == 1 && is_cookie_token(**token));
    FUZZ_REQUIRE(headers[0].find(std::string(cookie_name) + '=' + **token) != std::string_view::npos);
}

void check_origin(std::string_view header) {
    static const OriginList list({"https://foorumi.fi"});
    const std::vector<std::string_view> one{header};
    FUZZ_REQUIRE((list.check(one) == OriginVerdict::allowed) == (header == "https://foorumi.fi"));
    if (!is_origin(header)) return;
    FUZZ_REQUIRE(OriginList({std::string(header)}).check(one) == OriginVerdict::allowed);
    for (const char c : header) FUZZ_REQUIRE(c > ' ' && c < 0x7f && (c < 'A' || c > 'Z'));
}

// What stands in front never changes what the proxy adds.
void check_forwarded(std::string_view header) {
    const std::vector<std::string_view> alone{header};
    (void)last_hop(alone);
    const std::string joined = std::string(header) + ", for=198.51.100.17;proto=https";
    const std::vector<std::string_view> with_own{joined};
    const auto hop = last_hop(with_own);
    if (!hop) return;
    FUZZ_REQUIRE(hop->client && hop->client->to_string() == "198.51.100.17" && hop->https == true);
}

void check_range(std::string_view text) {
    const auto range = parse_range(text);
    if (range) FUZZ_REQUIRE(range->contains(range->address));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto headers = lines_of(input(data, size));
    check_cookie(headers);
    (void)last_hop(headers);
    for (const auto header : headers) {
        check_origin(header);
        check_forwarded(header);
        check_range(header);
        const auto language = accepted_language(header);
        FUZZ_REQUIRE(language.empty() || language == "fi" || language == "sv" || language == "en");
    }
    return 0;
}
