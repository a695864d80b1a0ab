// The URL of a Redis: what is shown of it never has the password.
#include "store/endpoint.hpp"

#include "fuzz.hpp"

using namespace foorumi::store;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto endpoint = parse_endpoint(input(data, size));
    if (!endpoint) return 0;
    FUZZ_REQUIRE(endpoint->path.empty() != endpoint->host.empty());
    Endpoint open = *endpoint;
    open.password.clear();
    Endpoint other = *endpoint;
    if (!other.password.empty()) other.password = "another";
    FUZZ_REQUIRE(endpoint->display() == other.display());
    (void)open.display();
    return 0;
}
