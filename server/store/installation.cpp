#include "store/installation.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "store/blocking_redis.hpp"
#include "store/info.hpp"
#include "store/installation_places.hpp"
#include "store/redis_keys.hpp"
#include "store/replies.hpp"
#include "store/requirements.hpp"

namespace foorumi::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds attempt_timeout{5'000};
constexpr std::chrono::milliseconds search_timeout{1'000};  // for each sentinel, or node of a cluster
constexpr std::chrono::milliseconds between_attempts{50};
constexpr std::uint64_t oldest_version = 7;
constexpr std::string_view format = "1";

// Writes the record if there is none, and what is needed of others, unless this server is lower than what is needed of
// it; answers the record as it is then.
constexpr std::string_view record_script = R"(
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('HSET', KEYS[1], 'partitions', ARGV[1], 'format', ARGV[2], 'id', ARGV[3])
end
local record = redis.call('HMGET', KEYS[1], 'partitions', 'format', 'id', 'needs')
local needed = tonumber(record[4] or '1')
local known = record[1] == ARGV[1] and record[2] == ARGV[2]
if known and needed <= tonumber(ARGV[4]) and needed < tonumber(ARGV[5]) then
    redis.call('HSET', KEYS[1], 'needs', ARGV[5])
end
return record)";

std::string random_id() {
    std::random_device random;
    std::string id;
    for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
    return id;
}

struct Problem {
    std::string text;
    bool passing = false;  // it goes away by waiting
};

Problem reply_problem(std::string_view command, const BlockingRedis::Answer& answer) {
    if (answer.lost()) return {fmt::format("the connection was lost at {}", command), true};
    const auto prefix = error_prefix(answer.reply().text());
    const auto reaction = reaction_to(answer.reply().text());
    const bool passing = reaction == Reaction::retry || (reaction == Reaction::reconnect && prefix != "NOAUTH");
    return {fmt::format("{} was refused: {}. Check the user, the password and the ACL of Foorumi's Redis user", command,
                        prefix),
            passing};
}

InstallationCheck refusal(std::string error) { return {.id = {}, .error = std::move(error), .warning = {}}; }

// One server, over a connection to it.
class ServerCheck {
   public:
    ServerCheck(const Topology& topology, const Endpoint& endpoint, std::uint16_t partitions, std::uint32_t replicas,
                Levels levels)
        : topology_(topology),
          endpoint_(endpoint),
          partitions_(partitions),
          replicas_(replicas),
          levels_(levels),
          redis_(endpoint, attempt_timeout) {}

    std::optional<Problem> run() {
        if (auto error = redis_.error(); !error.empty()) return Problem{std::move(error), true};
        for (const auto step : {&ServerCheck::sign_in, &ServerCheck::check_server, &ServerCheck::check_cluster,
                                &ServerCheck::check_settings}) {
            if (auto problem = (this->*step)()) return problem;
        }
        return std::nullopt;
    }
    [[nodiscard]] const std::string& warning() const { return warning_; }

    // The partition's record, written if it is not there: with this id, or a new one where that is empty. Tells the id.
    std::optional<Problem> check_record(std::uint16_t partition, std::string& id) {
        const auto answer = redis_.run({"EVAL", std::string(record_script), "1", installation_key(partition),
                                        std::to_string(partitions_), std::string(format), id.empty() ? random_id() : id,
                                        std::to_string(levels_.level), std::to_string(levels_.needs)});
        if (answer.lost() || answer.reply().is_error()) return reply_problem("EVAL", answer);
        const auto record = answer.reply();
        if (auto problem = record_problem(record)) return problem;
        if (!id.empty() && record[2].text() != id) {
            return Problem{
                fmt::format("partition {} holds the installation {}, but partition 0 holds {}. Bring back the "
                            "servers of one installation, or their files",
                            partition, record[2].text(), id),
                false};
        }
        id = record[2].text();
        return std::nullopt;
    }

   private:
    std::optional<Problem> sign_in() {
        if (const auto auth = sign_in_command(endpoint_); !auth.empty()) {
            const auto answer = redis_.run(auth);
            if (answer.lost() || answer.reply().is_error()) return reply_problem("AUTH", answer);
        }
        if (endpoint_.database == 0) return std::nullopt;
        const auto answer = redis_.run({"SELECT", std::to_string(endpoint_.database)});
        if (answer.lost() || answer.reply().is_error()) return reply_problem("SELECT", answer);
        return std::nullopt;
    }

    std::optional<Problem> check_server() {
        const auto answer = redis_.run({"INFO"});
        if (answer.lost() || answer.reply().is_error()) return reply_problem("INFO", answer);
        const auto info = answer.reply().text();
        const auto version = info_field(info, "redis_version");
        if (info_number(info, "redis_version") < oldest_version) {
            return Problem{fmt::format("Redis {} is too old: Foorumi needs 7.0 or later. Upgrade Redis", version),
                           false};
        }
        if (info_field(info, "loading") == "1") return Problem{"Redis still loads its files", true};
        if (info_field(info, "role") != "master") {
            if (topology_.kind == Topology::Kind::standalone) {
                return Problem{"this Redis is a replica. Let the URL name the primary", false};
            }
            return Problem{"this Redis is a replica by now", true};
        }
        if (info_field(info, "cluster_enabled") == "1" && !topology_.is_cluster()) {
            return Problem{"this Redis is part of a cluster. Let the URL begin with redis+cluster://", false};
        }
        // Just after the append-only file was turned on, nothing is kept in it before its first rewrite is over.
        if (info_field(info, "aof_rewrite_in_progress") == "1" || info_field(info, "aof_rewrite_scheduled") == "1") {
            return Problem{"Redis still rewrites its append-only file", true};
        }
        return check_replicas(info_number(info, "connected_slaves"));
    }

    // Any replica may be promoted, so all must have what is acknowledged, and those alone can be counted.
    std::optional<Problem> check_replicas(std::uint64_t connected) {
        if (connected < replicas_) {
            return Problem{fmt::format("this Redis has {} replicas connected, but redis.replicas wants every change on "
                                       "{}. Connect the others, or lower redis.replicas",
                                       connected, replicas_),
                           true};
        }
        if (connected > replicas_) {
            warning_ = fmt::format(
                "this Redis has more replicas ({}) than changes wait for (redis.replicas is {}): a replica that is "
                "promoted may lack acknowledged changes. Set redis.replicas to the number of all that may be promoted",
                connected, replicas_);
        }
        return std::nullopt;
    }

    std::optional<Problem> check_cluster() {
        if (!topology_.is_cluster()) return std::nullopt;
        const auto answer = redis_.run({"CLUSTER", "INFO"});
        if (answer.lost() || answer.reply().is_error()) return reply_problem("CLUSTER INFO", answer);
        const auto info = fmt::format("\n{}", answer.reply().text());
        if (info_field(info, "cluster_state") == "ok") return std::nullopt;
        return Problem{
            "the cluster is not well (cluster_state). Look with: redis-cli --cluster check, mend with: redis-cli "
            "--cluster fix",
            true};
    }

    std::optional<Problem> check_settings() {
        const auto answer = redis_.run(settings_command());
        if (answer.lost() || answer.reply().is_error()) return reply_problem("CONFIG GET", answer);
        auto problem = settings_problem(answer.reply());
        if (problem.empty()) return std::nullopt;
        return Problem{std::move(problem), false};
    }

    std::optional<Problem> record_problem(const Reply& record) const {
        if (record[1].text() != format) {
            return Problem{
                fmt::format("the data in this Redis has format {}, and this server reads format {}. Run the release of "
                            "Foorumi that wrote it",
                            record[1].text(), format),
                false};
        }
        if (auto problem = level_problem(record[3], levels_.level); !problem.empty())
            return Problem{std::move(problem), false};
        if (record[0].number() == partitions_) return std::nullopt;
        return Problem{
            fmt::format("this installation has {0} partitions, and the configuration says {1}. The number is "
                        "fixed at the first start: set it to {0}",
                        record[0].number(), partitions_),
            false};
    }

    const Topology& topology_;
    Endpoint endpoint_;
    std::uint16_t partitions_;
    std::uint32_t replicas_;
    Levels levels_;
    BlockingRedis redis_;
    std::string warning_;
};

// One attempt at the whole check.
class Attempt {
   public:
    Attempt(const Topology& topology, std::uint16_t partitions, std::uint32_t replicas, Levels levels,
            std::size_t number)
        : topology_(topology),
          partitions_(partitions),
          replicas_(replicas),
          levels_(levels),
          number_(number),
          where_(topology.display()) {}

    std::optional<Problem> run(InstallationCheck& check) {
        const auto places = find_places(topology_, number_, search_timeout);
        if (!places.problem.empty()) return Problem{places.problem, places.passing};
        for (const auto& primary : places.primaries) {
            where_ = primary.display();
            auto& server = servers_.try_emplace(primary.display(), topology_, primary, partitions_, replicas_, levels_)
                               .first->second;
            if (auto problem = server.run()) return problem;
            if (check.warning.empty()) check.warning = server.warning();
        }
        // Elsewhere than in a cluster all partitions are on the server of partition 0.
        const std::uint16_t records = topology_.is_cluster() ? partitions_ : 1;
        for (std::uint16_t partition = 0; partition < records; ++partition) {
            where_ = places.of_partition(topology_, partition).display();
            if (auto problem = servers_.at(where_).check_record(partition, check.id)) return problem;
        }
        return std::nullopt;
    }
    // What the problem is about.
    [[nodiscard]] const std::string& where() const { return where_; }

   private:
    const Topology& topology_;
    std::uint16_t partitions_;
    std::uint32_t replicas_;
    Levels levels_;
    std::size_t number_;
    std::string where_;
    std::map<std::string, ServerCheck> servers_;
};

}  // namespace

InstallationCheck check_installation(std::string_view url, std::uint16_t partitions, std::chrono::milliseconds deadline,
                                     std::uint32_t replicas, Levels levels) {
    const auto topology = parse_topology(url);
    if (!topology) return refusal(fmt::format("the Redis URL is wrong: {}", topology.error().message()));
    if (partitions == 0) return refusal("the number of partitions must be at least 1");
    const auto until = Clock::now() + deadline;
    for (std::size_t number = 0;; ++number) {
        InstallationCheck check;
        Attempt attempt(*topology, partitions, replicas, levels, number);
        const auto problem = attempt.run(check);
        if (!problem) return check;
        if (!problem->passing) return refusal(fmt::format("{}: {}", attempt.where(), problem->text));
        if (Clock::now() + between_attempts > until) {
            return refusal(fmt::format("{}: not ready within {} ms ({}). Is Redis running there?", attempt.where(),
                                       deadline.count(), problem->text));
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

}  // namespace foorumi::store
