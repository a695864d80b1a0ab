// What the Redis of an installation is: one server, one that sentinels watch, or a cluster.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/endpoint.hpp"

namespace foorumi::store {

struct Topology {
    enum class Kind : std::uint8_t { standalone, sentinel, cluster };

    Kind kind = Kind::standalone;
    // Standalone: the Redis. Else as whom to sign in at each that is found, and its database.
    Endpoint endpoint;
    std::vector<Address> hosts;     // sentinels, or some of the cluster's nodes; each once
    std::string primary_name;       // that the sentinels know it by
    std::string sentinel_user;      // at the sentinels
    std::string sentinel_password;  // never logged

    [[nodiscard]] bool is_cluster() const { return kind == Kind::cluster; }
    // For logs and messages: without any password.
    [[nodiscard]] std::string display() const;
};

// More of them would only make the first search longer: the others are learnt.
inline constexpr std::size_t most_url_hosts = 32;

// "unix:/path/redis.sock"
// "redis://[[user]:password@]host[:port][/database]"
// "redis+sentinel://[[user]:password@]host[:port][,host[:port]...]/name[/database][?sentinel_user=U&sentinel_password=P]"
// "redis+cluster://[[user]:password@]host[:port][,host[:port]...]"
// Names and passwords may be percent-encoded; an IPv6 host stands in brackets. Ports are 6379, of sentinels 26379.
[[nodiscard]] Result<Topology> parse_topology(std::string_view url);

}  // namespace foorumi::store
