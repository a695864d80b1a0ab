#include "core/checker.hpp"

#include <algorithm>

namespace foorumi::core {
namespace {

// "<id>|<directory>"
std::string id_in(const std::string& value) { return value.substr(0, value.find('|')); }

std::uint64_t directory_in(const std::string& value) {
    const auto at = value.find('|');
    return at == std::string::npos ? 0 : std::strtoull(value.c_str() + at + 1, nullptr, 10);
}

LoggedEntry logged(const store::Released& commit) {
    LoggedEntry entry{commit.partition, commit.position, commit.channel, commit.version, 0, 0, {}};
    for (const auto& entity : commit.entities) entry.puts.emplace_back(entity.key, entity.bytes);
    return entry;
}

bool is_message(const std::string& key) { return key.starts_with("m:"); }

}  // namespace

std::string value_of(const Wish& wish, std::uint64_t directory) { return fmt::format("{}|{}", wish.id, directory); }

Checker::Checker(World& world, std::vector<const Server*> servers, unsigned replicas)
    : world_(world), replicas_(replicas) {
    for (const auto* server : servers) histories_.emplace_back(*server);
}

void Checker::gap(std::size_t node, unsigned partition) {
    std::erase_if(shown_[node], [partition](const auto& shown) {
        return store::partition_of(shown.first, partition_count) == partition;
    });
}

void Checker::released(std::size_t node, const store::Released& commit, std::uint64_t directory) {
    const auto entry = logged(commit);
    const auto name = entry.name();
    world_.tell("node {} releases {}", node, name);
    ever_released_.insert(name);
    for (const auto& [key, value] : entry.puts) {
        if (is_message(key)) released_wishes_.insert(name_of_wish(entry.channel, entry.version, id_in(value)));
    }
    auto& shown = shown_[node];
    const auto before = shown.find(commit.channel);
    if (before != shown.end() && commit.version <= before->second)
        world_.violation(fmt::format("duplicated: node {} releases {} {} again", node, commit.channel, commit.version));
    else if (before != shown.end() && commit.version != before->second + 1)
        world_.violation(fmt::format("lost: node {} releases {} {} behind {}", node, commit.channel, commit.version,
                                     before->second));
    shown[commit.channel] = commit.version;
    if (!lossy_) {
        const auto [at, is_new] = shown_as_.try_emplace({commit.channel, commit.version}, name);
        if (!is_new && at->second != name) world_.violation(fmt::format("diverging: {} and {}", at->second, name));
    }
    if (!lost_.contains(name)) judge_durable(fmt::format("released by node {}", node), name);
    if (lossy_) return;  // which directory a fence was of is not known then
    std::uint64_t fence = 0;
    for (auto& history : histories_) {
        if (history.is_synced(name)) fence = std::max(fence, history.fence_before(entry.partition, entry.position));
    }
    if (fence > directory)
        world_.violation(
            fmt::format("leaked: node {} releases {} behind fence {} with directory {}", node, name, fence, directory));
}

unsigned Checker::kept_by(const std::string& name) {
    return static_cast<unsigned>(
        std::ranges::count_if(histories_, [&](History& history) { return history.is_synced(name); }));
}

void Checker::judge_durable(const std::string& what, const std::string& name) {
    const auto kept = kept_by(name);
    const unsigned wanted = replicas_ == 0 ? 1 : replicas_ + 1;
    if (kept < wanted)
        world_.violation(fmt::format("not durable: {} is {}, and {} of {} servers have it", name, what, kept, wanted));
}

// Where something was lost, what Redis has now may be acknowledged before the tail has found its feed again; what is
// gone may not, unless it had been released.
void Checker::acknowledged(const Wish& wish) {
    if (wish.set_aside) {
        if (wish.version != 0)
            world_.violation(fmt::format("diverging: {} was set aside, and told as {}", wish.id, wish.version));
        if (!lost_wishes_.contains(wish.id)) judge_durable("acknowledged", name_of_set_aside(wish.id));
    }
    if (!wish.writes) return;
    const auto name = name_of_wish(wish.channel, wish.version, wish.id);
    const bool released = released_wishes_.contains(name);
    const bool is_there = kept_by(name) > 0;
    if (!released && !(lossy_ && is_there))
        world_.violation(fmt::format("phantom: {} is acknowledged, and nobody has released it", name));
    if (!lost_wishes_.contains(wish.id)) judge_durable("acknowledged", name);
}

void Checker::fenced(std::uint64_t directory) {
    if (lossy_) return;
    for (unsigned partition = 0; partition < partition_count; ++partition) {
        const auto key = fmt::format("{{p{:02}}}:meta", partition);
        const auto kept = std::ranges::count_if(histories_, [&](const History& history) {
            return std::strtoull(history.server().data().field(key, "fence").c_str(), nullptr, 10) >= directory;
        });
        if (kept < (replicas_ == 0 ? 1 : static_cast<std::ptrdiff_t>(replicas_) + 1))
            world_.violation(fmt::format("stale-authority: fence {} is told to stand, and {} servers have it in {}",
                                         directory, kept, partition));
    }
}

void Checker::lost(const Server& server, std::size_t from) {
    lossy_ = true;
    LogReader reader;
    const auto& log = server.log();
    for (std::size_t i = 0; i < log.size(); ++i) {
        for (const auto& entry : reader.entries_of(*log[i])) {
            if (i < from) continue;
            if (!entry.set_aside.empty()) lost_wishes_.insert(entry.set_aside);
            if (entry.channel.empty()) continue;
            const auto name = entry.name();
            lost_.insert(name);
            if (ever_released_.contains(name)) lost_released_[name] = entry.partition;
            for (const auto& [key, value] : entry.puts) lost_wishes_.insert(id_in(value));
        }
    }
}

Checker::Truth Checker::read(const Server& primary, bool judges) const {
    Truth truth;
    LogReader reader;
    std::map<unsigned, std::uint64_t> fences;
    for (const auto& record : primary.log()) {
        for (const auto& entry : reader.entries_of(*record)) {
            auto& fence = fences[entry.partition];
            fence = std::max(fence, entry.fence);
            auto& epoch = truth.epochs[entry.partition];
            epoch = std::max(epoch, entry.epoch);
            if (!entry.set_aside.empty()) ++truth.set_aside[entry.set_aside];
            if (entry.channel.empty()) continue;
            if (lossy_) truth.entries.insert(entry.name());
            auto& channel = truth.channels[entry.channel];
            if (judges && entry.version != channel.version + 1)
                world_.violation(
                    fmt::format("order: {} has {} behind {}", entry.channel, entry.version, channel.version));
            channel.version = entry.version;
            for (const auto& [key, value] : entry.puts) {
                channel.entities[key] = {entry.version, value};
                if (key == "n") ++channel.counted;
                if (!is_message(key)) continue;
                channel.wishes[id_in(value)].push_back(entry.version);
                if (judges && directory_in(value) < fence)
                    world_.violation(
                        fmt::format("stale-authority: {} was decided on directory {} and stands behind fence {}", value,
                                    directory_in(value), fence));
            }
        }
    }
    return truth;
}

void Checker::judge(const Server& primary, const std::vector<const Wish*>& wishes) {
    const auto truth = read(primary, true);
    for (const auto& [name, channel] : truth.channels) {
        for (const auto& [id, versions] : channel.wishes) {
            if (versions.size() > 1)
                world_.violation(fmt::format("duplicated: {} is done {} times in {}", id, versions.size(), name));
        }
        const auto count = channel.entities.find("n");
        if (count != channel.entities.end() && count->second.second != std::to_string(channel.counted))
            world_.violation(fmt::format("lost: {} was counted {} times, and the count is {}", name, channel.counted,
                                         count->second.second));
    }
    for (const auto* wish : wishes) {
        judge_wish(truth, *wish);
        if (wish->set_aside) judge_set_aside(truth, *wish);
    }
    if (!lossy_) judge_order(truth, wishes);
    for (const auto& [partition, epoch] : truth.epochs) {
        if (!lossy_ && epoch > 0) world_.violation(fmt::format("epoch: raised in {} without a loss", partition));
    }
}

void Checker::judge_wish(const Truth& truth, const Wish& wish) {
    const auto channel = truth.channels.find(wish.channel);
    std::vector<std::uint64_t> versions;
    if (channel != truth.channels.end() && channel->second.wishes.contains(wish.id))
        versions = channel->second.wishes.at(wish.id);
    if (wish.acknowledged && wish.writes && !lost_wishes_.contains(wish.id)) {
        if (versions.empty())
            world_.violation(fmt::format("lost: {} was acknowledged as {} {}", wish.id, wish.channel, wish.version));
        else if (versions.front() != wish.version)
            world_.violation(
                fmt::format("diverging: {} was acknowledged as {} and is {}", wish.id, wish.version, versions.front()));
    }
    if (!wish.acknowledged && !wish.left_open && !versions.empty())
        world_.violation(fmt::format("phantom: {} was refused, and is {} {}", wish.id, wish.channel, versions.front()));
}

void Checker::judge_set_aside(const Truth& truth, const Wish& wish) {
    const auto found = truth.set_aside.find(wish.id);
    const auto times = found == truth.set_aside.end() ? 0 : found->second;
    if (times > 1) world_.violation(fmt::format("duplicated: {} was set aside {} times", wish.id, times));
    if (times == 0 && wish.acknowledged && !lost_wishes_.contains(wish.id))
        world_.violation(fmt::format("lost: {} was acknowledged as set aside", wish.id));
    if (times > 0 && !wish.acknowledged && !wish.left_open)
        world_.violation(fmt::format("phantom: {} was refused, and is set aside", wish.id));
}

// What is sent behind an acknowledgement is later.
void Checker::judge_order(const Truth& truth, const std::vector<const Wish*>& wishes) {
    std::map<std::string, std::vector<const Wish*>> by_channel;
    for (const auto* wish : wishes) {
        if (wish->acknowledged && wish->writes && truth.channels.contains(wish->channel))
            by_channel[wish->channel].push_back(wish);
    }
    for (auto& [channel, all] : by_channel) {
        std::ranges::sort(all, {}, &Wish::version);
        std::uint64_t latest_sent = 0;
        for (const auto* wish : all) {
            if (wish->acknowledged_as < latest_sent)
                world_.violation(fmt::format("order: {} in {} stands behind what was sent later", wish->id, channel));
            latest_sent = std::max(latest_sent, wish->sent_as);
        }
    }
}

bool Checker::is_current(const Server& primary, const std::string& channel, const Held& held) const {
    const auto key = fmt::format("{{p{:02}}}:v:{}", store::partition_of(channel, partition_count), channel);
    if (std::to_string(held.version) != primary.data().text(key) && held.version > 0) return false;
    auto truth = read(primary, false);
    const auto& there = truth.channels[channel];
    return there.version == held.version && there.entities == held.entities &&
           (held.version == 0 || truth.epochs[store::partition_of(channel, partition_count)] == held.epoch);
}

// Where something was lost that somebody was shown, and that is not there again as it was.
bool Checker::has_epochs(const Server& primary) const {
    if (lost_released_.empty()) return true;
    auto truth = read(primary, false);
    return std::ranges::all_of(lost_released_, [&](const auto& lost) {
        return truth.entries.contains(lost.first) || truth.epochs[lost.second] > 0;
    });
}

}  // namespace foorumi::core
