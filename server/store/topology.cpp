#include "store/topology.hpp"

#include <algorithm>

#include "store/url_parts.hpp"

namespace foorumi::store {
namespace {

constexpr std::string_view sentinel_scheme = "redis+sentinel://";
constexpr std::string_view cluster_scheme = "redis+cluster://";
constexpr std::uint16_t sentinel_port = 26379;
constexpr std::uint16_t cluster_port = 6379;

// As Redis allows in "sentinel monitor".
bool is_primary_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_';
    });
}

Result<void> parse_hosts(std::string_view text, std::uint16_t port, std::vector<Address>& hosts) {
    for (bool last = false; !last;) {
        const auto comma = text.find(',');
        last = comma == std::string_view::npos;
        const auto address = parse_address(text.substr(0, comma), port);
        if (!address) return address.error();
        if (std::ranges::find(hosts, *address) != hosts.end()) return Errc::endpoint_twice;
        if (hosts.size() == most_url_hosts) return Errc::endpoint_many;
        hosts.push_back(*address);
        text.remove_prefix(last ? text.size() : comma + 1);
    }
    return {};
}

Result<void> parse_parameters(std::string_view text, Topology& topology) {
    while (!text.empty()) {
        const auto one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const auto equals = one.find('=');
        const auto name = one.substr(0, equals);
        auto* const field = name == "sentinel_user"       ? &topology.sentinel_user
                            : name == "sentinel_password" ? &topology.sentinel_password
                                                          : nullptr;
        if (field == nullptr || equals == std::string_view::npos || !field->empty()) return Errc::endpoint_parameter;
        auto value = percent_decode(one.substr(equals + 1));
        if (!value) return Errc::endpoint_escape;
        if (value->empty()) return Errc::endpoint_parameter;
        *field = std::move(*value);
    }
    return {};
}

Result<void> take_signing_in(std::string_view& text, Topology& topology) {
    auto credentials = take_credentials(text);
    if (!credentials) return credentials.error();
    topology.endpoint.user = std::move(credentials->user);
    topology.endpoint.password = std::move(credentials->password);
    return {};
}

Result<void> parse_sentinel(std::string_view rest, Topology& topology) {
    topology.kind = Topology::Kind::sentinel;
    if (const auto question = rest.find('?'); question != std::string_view::npos) {
        if (const auto parsed = parse_parameters(rest.substr(question + 1), topology); !parsed) return parsed.error();
        rest = rest.substr(0, question);
    }
    if (const auto taken = take_signing_in(rest, topology); !taken) return taken.error();
    const auto slash = rest.find('/');
    const auto path = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    if (const auto parsed = parse_hosts(rest.substr(0, slash), sentinel_port, topology.hosts); !parsed) {
        return parsed.error();
    }
    const auto end = path.find('/');
    topology.primary_name = path.substr(0, end);
    if (!is_primary_name(topology.primary_name)) return Errc::endpoint_primary_name;
    if (end == std::string_view::npos) return {};
    const auto database = parse_database(path.substr(end + 1));
    if (!database) return database.error();
    topology.endpoint.database = *database;
    return {};
}

Result<void> parse_cluster(std::string_view rest, Topology& topology) {
    topology.kind = Topology::Kind::cluster;
    if (const auto taken = take_signing_in(rest, topology); !taken) return taken.error();
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        if (slash + 1 != rest.size()) return Errc::endpoint_cluster_database;
        rest.remove_suffix(1);
    }
    return parse_hosts(rest, cluster_port, topology.hosts);
}

std::string listed(const std::vector<Address>& hosts) {
    std::string text;
    for (const auto& host : hosts) text += (text.empty() ? "" : ",") + host.display();
    return text;
}

}  // namespace

std::string Topology::display() const {
    if (kind == Kind::standalone) return endpoint.display();
    const auto user = endpoint.user.empty() ? std::string() : endpoint.user + '@';
    if (is_cluster()) return std::string(cluster_scheme) + user + listed(hosts);
    return std::string(sentinel_scheme) + user + listed(hosts) + '/' + primary_name +
           (endpoint.database == 0 ? "" : '/' + std::to_string(endpoint.database));
}

Result<Topology> parse_topology(std::string_view url) {
    Topology topology;
    if (url.starts_with("rediss:") || url.starts_with("rediss+")) return Errc::endpoint_tls;
    if (url.starts_with(sentinel_scheme) || url.starts_with(cluster_scheme)) {
        const auto parsed = url.starts_with(sentinel_scheme)
                                ? parse_sentinel(url.substr(sentinel_scheme.size()), topology)
                                : parse_cluster(url.substr(cluster_scheme.size()), topology);
        if (!parsed) return parsed.error();
        return topology;
    }
    auto endpoint = parse_endpoint(url);
    if (!endpoint) return endpoint.error();
    topology.endpoint = std::move(*endpoint);
    return topology;
}

}  // namespace foorumi::store
