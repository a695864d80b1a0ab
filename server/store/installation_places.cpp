#include "store/installation_places.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "store/blocking_redis.hpp"
#include "store/redis_keys.hpp"
#include "store/replies.hpp"
#include "store/sentinel_locator.hpp"
#include "store/sentinel_replies.hpp"

namespace foorumi::store {
namespace {

Places not_found(std::string problem, bool passing) {
    Places places;
    places.problem = std::move(problem);
    places.passing = passing;
    return places;
}

// The answer to one command, or why there is none.
struct Asked {
    std::unique_ptr<BlockingRedis> redis;
    std::optional<BlockingRedis::Answer> answer;
    std::string problem;
    [[nodiscard]] bool refused() const { return answer && answer->reply().is_error(); }
};

Asked ask(const Endpoint& endpoint, const std::vector<std::string>& command, std::chrono::milliseconds timeout) {
    Asked asked;
    asked.redis = std::make_unique<BlockingRedis>(endpoint, timeout);
    asked.problem = asked.redis->error();
    if (!asked.problem.empty()) return asked;
    for (const auto& next : {sign_in_command(endpoint), command}) {
        if (next.empty()) continue;
        asked.answer = asked.redis->run(next);
        if (asked.answer->lost()) {
            asked.answer.reset();
            asked.problem = fmt::format("the connection was lost at {}", next.front());
            return asked;
        }
        if (!asked.refused()) continue;
        asked.problem = fmt::format("{} was refused: {}", next.front(), error_prefix(asked.answer->reply().text()));
        return asked;
    }
    return asked;
}

Places find_by_sentinels(const Topology& topology, const std::vector<Address>& hosts,
                         std::chrono::milliseconds timeout) {
    std::string problems;
    for (const auto& sentinel : hosts) {
        const auto asked = ask(sentinel_endpoint(topology, sentinel),
                               {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", topology.primary_name}, timeout);
        auto problem = asked.problem;
        if (problem.empty()) {
            if (const auto primary = parse_primary_address(asked.answer->reply())) {
                Places places;
                places.primaries.push_back(topology.endpoint.at(*primary));
                return places;
            }
            problem = fmt::format("knows no primary of the name {}", topology.primary_name);
        }
        problems += fmt::format("{}sentinel {}: {}", problems.empty() ? "" : "; ", sentinel.display(), problem);
    }
    return not_found(problems + ". Compare the URL with \"sentinel monitor\" and the sentinels' users", true);
}

// A node that has no cluster will not get one by waiting.
bool has_no_cluster(const Asked& asked) {
    return asked.refused() && asked.answer->reply().text().find("cluster support disabled") != std::string_view::npos;
}

Places find_by_nodes(const Topology& topology, const std::vector<Address>& hosts, std::chrono::milliseconds timeout) {
    std::string problems;
    for (const auto& node : hosts) {
        const auto asked = ask(topology.endpoint.at(node), {"CLUSTER", "SLOTS"}, timeout);
        if (has_no_cluster(asked)) {
            return not_found(fmt::format("{} is no part of a cluster. Let the URL begin with redis://, or set "
                                         "\"cluster-enabled yes\" in its redis.conf",
                                         node.display()),
                             false);
        }
        auto problem = asked.problem;
        if (problem.empty()) {
            if (auto map = SlotMap::parse(asked.answer->reply(), node.host); map && map->covers_all()) {
                Places places;
                places.slots = std::move(*map);
                for (const auto& primary : places.slots.primaries()) {
                    places.primaries.push_back(topology.endpoint.at(primary));
                }
                return places;
            }
            problem =
                "some slots have no primary. Look with: redis-cli --cluster check, mend with: redis-cli --cluster fix";
        }
        problems += fmt::format("{}{}: {}", problems.empty() ? "" : "; ", node.display(), problem);
    }
    return not_found(problems, true);
}

}  // namespace

Endpoint Places::of_partition(const Topology& topology, std::uint16_t partition) const {
    if (!topology.is_cluster()) return primaries.front();
    return topology.endpoint.at(slots.owner(slot_of_partition(partition)).value_or(Address{}));
}

Places find_places(const Topology& topology, std::size_t attempt, std::chrono::milliseconds timeout) {
    auto hosts = topology.hosts;
    if (!hosts.empty()) std::ranges::rotate(hosts, hosts.begin() + static_cast<std::ptrdiff_t>(attempt % hosts.size()));
    switch (topology.kind) {
        case Topology::Kind::sentinel:
            return find_by_sentinels(topology, hosts, timeout);
        case Topology::Kind::cluster:
            return find_by_nodes(topology, hosts, timeout);
        case Topology::Kind::standalone:
            break;
    }
    Places places;
    places.primaries.push_back(topology.endpoint);
    return places;
}

}  // namespace foorumi::store
