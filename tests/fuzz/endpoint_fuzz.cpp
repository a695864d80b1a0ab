// The URL of a Redis: what is shown of it never has a password, and of sentinels and clusters reads as the same again.
#include "fuzz.hpp"
#include "store/topology.hpp"

using namespace foorumi::store;

namespace {

void require_hosts(const Topology& topology) {
    FUZZ_REQUIRE(!topology.hosts.empty() && topology.hosts.size() <= most_url_hosts);
    for (const auto& host : topology.hosts) FUZZ_REQUIRE(!host.host.empty() && host.port != 0);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto topology = parse_topology(input(data, size));
    if (!topology) {
        FUZZ_REQUIRE(!topology.error().message().empty());
        return 0;
    }
    const bool standalone = topology->kind == Topology::Kind::standalone;
    if (standalone) FUZZ_REQUIRE(topology->endpoint.path.empty() != topology->endpoint.host.empty());
    if (!standalone) require_hosts(*topology);
    FUZZ_REQUIRE((topology->kind == Topology::Kind::sentinel) != topology->primary_name.empty());
    FUZZ_REQUIRE(!topology->is_cluster() || topology->endpoint.database == 0);
    Topology other = *topology;
    if (!other.endpoint.password.empty()) other.endpoint.password = "another";
    other.sentinel_password = "another";
    FUZZ_REQUIRE(topology->display() == other.display());
    if (!standalone && topology->endpoint.user.empty()) {
        const auto again = parse_topology(topology->display());
        FUZZ_REQUIRE(again && again->display() == topology->display() && again->hosts == topology->hosts);
    }
    return 0;
}
