#include "store/endpoint.hpp"

#include <sys/un.h>

#include "store/url_parts.hpp"

namespace foorumi::store {
namespace {

constexpr std::size_t max_path = sizeof(sockaddr_un::sun_path) - 1;

Result<Endpoint> parse_tcp(std::string_view rest) {
    auto credentials = take_credentials(rest);
    if (!credentials) return credentials.error();
    Endpoint endpoint;
    endpoint.user = std::move(credentials->user);
    endpoint.password = std::move(credentials->password);
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        const auto database = parse_database(rest.substr(slash + 1));
        if (!database) return database.error();
        endpoint.database = *database;
        rest = rest.substr(0, slash);
    }
    const auto address = parse_address(rest, endpoint.port);
    if (!address) return address.error();
    endpoint.host = address->host;
    endpoint.port = address->port;
    return endpoint;
}

}  // namespace

std::string Endpoint::display() const {
    if (!path.empty()) return "unix:" + path;
    return "redis://" + (user.empty() ? "" : user + "@") + address().display() +
           (database == 0 ? "" : '/' + std::to_string(database));
}

Endpoint Endpoint::at(const Address& address) const {
    Endpoint there = *this;
    there.path.clear();
    there.host = address.host;
    there.port = address.port;
    return there;
}

Result<Endpoint> parse_endpoint(std::string_view url) {
    constexpr std::string_view unix_scheme = "unix:";
    constexpr std::string_view tcp_scheme = "redis://";
    if (url.starts_with(tcp_scheme)) return parse_tcp(url.substr(tcp_scheme.size()));
    if (!url.starts_with(unix_scheme)) return Errc::endpoint_scheme;
    Endpoint endpoint;
    endpoint.path = url.substr(unix_scheme.size());
    if (endpoint.path.empty() || endpoint.path.size() > max_path) return Errc::endpoint_path;
    return endpoint;
}

}  // namespace foorumi::store
