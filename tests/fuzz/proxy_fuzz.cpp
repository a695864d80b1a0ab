// The header of the PROXY protocol: pieces of any size come to the same, and nothing behind the header is taken.
#include "fuzz.hpp"
#include "net/proxy_protocol.hpp"

using foorumi::net::ProxyParser;
using Step = ProxyParser::Step;

namespace {

struct Outcome {
    Step step = Step::more;
    std::size_t used = 0;
};

Outcome feed_all(ProxyParser& parser, std::string_view bytes, std::size_t piece) {
    Outcome outcome;
    while (outcome.step == Step::more && outcome.used < bytes.size()) {
        std::size_t used = 0;
        outcome.step = parser.feed(bytes.substr(outcome.used, piece), used);
        FUZZ_REQUIRE(used > 0 && used <= piece);
        outcome.used += used;
    }
    return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = input(data, size);
    ProxyParser whole, pieces, alone;
    const auto outcome = feed_all(whole, bytes, std::string_view::npos);
    const auto in_pieces = feed_all(pieces, bytes, size == 0 ? 1 : 1 + data[0] % 16);
    FUZZ_REQUIRE(outcome.step == in_pieces.step && outcome.used == in_pieces.used);
    FUZZ_REQUIRE(outcome.used <= foorumi::net::max_proxy_header_bytes);
    FUZZ_REQUIRE(outcome.step != Step::more || outcome.used == size);
    if (outcome.step != Step::done) return 0;
    FUZZ_REQUIRE(whole.header().client == pieces.header().client && whole.header().secure == pieces.header().secure);
    FUZZ_REQUIRE(feed_all(alone, bytes.substr(0, outcome.used), std::string_view::npos).step == Step::done);
    FUZZ_REQUIRE(alone.header().client == whole.header().client);
    return 0;
}
