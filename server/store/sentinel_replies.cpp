#include "store/sentinel_replies.hpp"

#include <limits>

namespace foorumi::store {
namespace {

std::optional<Address> made_of(std::string_view host, std::uint64_t port) {
    if (host.empty() || port == 0 || port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    return Address{std::string(host), static_cast<std::uint16_t>(port)};
}

}  // namespace

std::optional<Address> parse_primary_address(const Reply& reply) {
    if (reply.size() != 2) return std::nullopt;
    return made_of(reply[0].text(), reply[1].number());
}

std::vector<Address> parse_sentinels(const Reply& reply) {
    std::vector<Address> found;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        const auto pairs = reply[i];
        std::string_view host;
        std::uint64_t port = 0;
        for (std::size_t field = 0; field + 1 < pairs.size(); field += 2) {
            if (pairs[field].text() == "ip") host = pairs[field + 1].text();
            if (pairs[field].text() == "port") port = pairs[field + 1].number();
        }
        if (auto address = made_of(host, port)) found.push_back(std::move(*address));
    }
    return found;
}

std::string role_problem(const Reply& role) {
    if (role[0].text() == "master") return {};
    return "this Redis is no primary, though the sentinels name it: they are asked again";
}

}  // namespace foorumi::store
