#include "store/requirements.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>

#include "base/mutants.hpp"
#include "store/redis_keys.hpp"

namespace foorumi::store {
namespace {

struct Setting {
    std::string_view name;
    std::string_view value;
    std::string_view why;
};
constexpr std::array settings{
    Setting{"appendonly", "yes", "without the append-only file acknowledged messages are lost at a restart"},
    Setting{"appendfsync", "always", "with any other setting acknowledged messages are lost when the machine fails"},
    Setting{"no-appendfsync-on-rewrite", "no",
            "otherwise acknowledged messages are lost when the machine fails during a rewrite of the append-only file"},
    Setting{"maxmemory-policy", "noeviction", "with any other policy Redis drops messages when its memory is full"},
};

// Of a flat list of names and values.
std::string_view value_of(const Reply& pairs, std::string_view name) {
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pairs[i].text() == name) return pairs[i + 1].text();
    }
    return {};
}

std::string record_problem(const Reply& found, std::string_view installation) {
    const auto id = found[0].text();
    if (id == installation) return level_problem(found[1], Levels{}.level);
    const auto there =
        id.empty() ? std::string("holds no installation of Foorumi") : fmt::format("holds the installation {}", id);
    return fmt::format(
        "this Redis {}, but this server works on {}. Bring back the Redis that holds it, or its files; to go on with "
        "what is there now, restart the server",
        there, installation);
}

}  // namespace

std::vector<std::string> settings_command() {
    std::vector<std::string> command{"CONFIG", "GET"};
    for (const auto& setting : settings) command.emplace_back(setting.name);
    return command;
}

std::string settings_problem(const Reply& pairs) {
    for (const auto& setting : settings) {
        const auto value = value_of(pairs, setting.name);
        if (value == setting.value || FOORUMI_MUTANT(syncs_by_the_second)) continue;
        return fmt::format(
            "Redis has \"{0} {1}\", but Foorumi needs \"{0} {2}\": {3}. Set \"{0} {2}\" in redis.conf, or run: "
            "redis-cli "
            "CONFIG SET {0} {2}, then CONFIG REWRITE",
            setting.name, value, setting.value, setting.why);
    }
    return {};
}

std::string level_problem(const Reply& needs, std::uint64_t level) {
    if (needs.number() <= level) return {};
    return fmt::format(
        "a later release of Foorumi works on this data, beside which releases of level {} or above may run, and this "
        "one has level {}. Install that release",
        needs.text(), level);
}

std::vector<SetupStep> connection_checks(const std::string& installation, std::uint16_t partition) {
    std::vector<SetupStep> checks;
    checks.push_back({settings_command(), settings_problem});
    if (installation.empty()) return checks;
    checks.push_back({{"HMGET", installation_key(partition), "id", "needs"},
                      [installation](const Reply& found) { return record_problem(found, installation); }});
    return checks;
}

}  // namespace foorumi::store
