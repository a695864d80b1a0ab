#include "core/episode.hpp"

#include <algorithm>

namespace foorumi::core {
namespace {

constexpr std::size_t node_count = 2;
constexpr auto settle_limit = std::chrono::seconds(90);
constexpr auto look = milliseconds(100);

Topology topology_of(Random& random, const Wanted& wanted) {
    const auto drawn = static_cast<Topology>(random.below(3));
    return wanted.topology.value_or(drawn);
}

// Rooms of both partitions.
const std::vector<std::string>& rooms() {
    static const std::vector<std::string> all{"room:1", "room:2", "room:3"};
    return all;
}

// The installation, and a directory with somebody in it.
std::vector<Command> first_content() {
    const auto partition = fmt::format("{{p{:02}}}:", store::partition_of("directory", partition_count));
    return {{"HSET", "{p00}:installation", "id", "here"},
            {"XADD", partition + "feed", "1-0", "c", "directory", "v", "1", "k", "right:nobody", "d", "no"},
            {"HSET", partition + "meta", "n", "1"},
            {"SET", partition + "v:directory", "1"},
            {"HSET", partition + "e:directory", "right:nobody", "no"},
            {"ZADD", partition + "x:directory", "1", "right:nobody"}};
}

}  // namespace

std::string_view to_string(Topology topology) {
    switch (topology) {
        case Topology::alone:
            return "alone";
        case Topology::replicated:
            return "replicated";
        case Topology::lossy:
            return "lossy";
    }
    return {};
}

Episode::Episode(std::uint64_t seed, const Wanted& wanted, Scripts& scripts)
    : world_(seed, wanted.readable), network_(world_), topology_(topology_of(world_.random(), wanted)) {
    world_.network = &network_;
    verdict_.seed = seed;
    verdict_.topology = topology_;
    auto& random = world_.random();
    settings_.replicas = topology_ == Topology::replicated ? static_cast<unsigned>(random.between(1, 2)) : 0;
    if (topology_ != Topology::lossy && random.chance(40)) settings_.feed_length = random.between(2, 12);
    if (random.chance(30)) settings_.tail_batch = random.between(1, 4);
    settings_.connections = random.between(1, 2);
    if (random.chance(30)) settings_.audience = 1'000;
    settings_.consumes_late = random.chance(40);
    if (random.chance(40)) settings_.outbox_bytes = 2'000, settings_.page_bytes = 500;
    const auto stream_node = random.chance(50) ? 1 : random.between(2, 20);
    const auto count = topology_ == Topology::lossy ? 2 : settings_.replicas + 1;
    for (std::size_t i = 0; i < count; ++i) {
        servers_.push_back(std::make_unique<Server>(world_, network_, scripts, fmt::format("redis{}", i), stream_node));
    }
    make_servers();
    make_clients(wanted.acts_when_lossy || topology_ != Topology::lossy);
}

// Nodes tell clients of their end.
Episode::~Episode() {
    for (const auto& node : nodes_) node->kill();
}

void Episode::make_servers() {
    std::vector<const Server*> all;
    for (const auto& server : servers_) all.push_back(server.get());
    checker_ = std::make_unique<Checker>(world_, all, settings_.replicas);
    primary_ = servers_.front().get();
    const auto content = std::make_shared<const Record>(first_content());
    for (const auto& server : servers_) server->seed(content);
    for (std::size_t i = 1; i < servers_.size(); ++i) servers_[i]->follow(*primary_);
    for (std::size_t i = 0; i < node_count; ++i) {
        nodes_.push_back(std::make_unique<Node>(world_, network_, *checker_, settings_, i));
        nodes_.back()->start(*primary_);
    }
}

void Episode::make_clients(bool acts) {
    auto& random = world_.random();
    ground_ = std::make_unique<Ground>(Ground{world_, *checker_, nodes_});
    std::vector<std::string> names;
    for (std::size_t i = 0, count = random.between(2, 4); i < count; ++i) {
        writers_.push_back(std::make_unique<Writer>(*ground_, i, rooms()));
        names.push_back(writers_.back()->name());
        writers_.back()->begin();
    }
    for (std::size_t i = 0; i < 4; ++i) {
        readers_.push_back(std::make_unique<Reader>(*ground_, i, rooms()[i % rooms().size()]));
        readers_.back()->begin();
    }
    administrator_ = std::make_unique<Administrator>(*ground_, names);
    if (acts) administrator_->begin();
}

void Episode::run_until(Time time) {
    while (world_.step(time) && world_.violations().empty()) ++verdict_.events;
}

Verdict Episode::run() {
    faults_end_ = world_.now() + milliseconds(world_.random().between(1'500, 4'500));
    plan_faults();
    run_until(faults_end_);
    if (world_.violations().empty()) settle();
    if (world_.violations().empty()) judge();
    verdict_.hash = world_.hash();
    for (const auto& writer : writers_) verdict_.wishes += writer->wishes().size();
    verdict_.violations = world_.violations();
    return std::move(verdict_);
}

// Nothing is broken any more.
void Episode::settle() {
    world_.tell("the faults end");
    ground_->ends = true;
    network_.heal();
    for (const auto& server : servers_) {
        server->refuse({}, {});
        server->thaw();
        server->start();
    }
    for (const auto& server : servers_) {
        if (server.get() != primary_ && server->followed() != primary_) server->follow(*primary_);
    }
    for (const auto& node : nodes_) {
        node->pause(false);
        node->find(*primary_);
        if (!node->is_running()) node->start(*primary_);
    }
    const auto until = world_.now() + settle_limit;
    while (world_.now() < until && world_.violations().empty() && !is_settled()) run_until(world_.now() + look);
    if (world_.violations().empty() && !is_settled()) world_.violation("stuck: " + whom_it_waits_for());
}

bool Episode::is_settled() const {
    const auto follows = [this](const auto& reader) {
        return reader->is_open() && checker_->is_current(*primary_, reader->channel(), reader->held());
    };
    return !moving_ && std::ranges::all_of(nodes_, &Node::is_serving) && administrator_->is_done() &&
           std::ranges::all_of(writers_, &Writer::is_done) && std::ranges::all_of(readers_, follows) &&
           checker_->has_epochs(*primary_);
}

std::string Episode::whom_it_waits_for() const {
    std::string text = moving_ ? "Redis is moving; " : "";
    if (!administrator_->is_done()) text += "the administrator waits; ";
    for (const auto& writer : writers_) {
        for (const auto& wish : writer->wishes()) {
            if (!wish->is_over()) text += wish->id + " is not answered; ";
        }
    }
    for (const auto& reader : readers_) {
        if (!reader->is_open() || !checker_->is_current(*primary_, reader->channel(), reader->held()))
            text += fmt::format("{} has {} {} of {}; ", reader->name(), reader->channel(), reader->held().version,
                                reader->held().epoch);
    }
    if (!checker_->has_epochs(*primary_)) text += "what was lost is not told by an epoch";
    return text;
}

void Episode::judge() {
    std::vector<const Wish*> wishes;
    for (const auto& writer : writers_) {
        for (const auto& wish : writer->wishes()) wishes.push_back(wish.get());
    }
    checker_->judge(*primary_, wishes);
    over_ = true;
    for (const auto& node : nodes_) node->stop([] {});
    run_until(world_.now() + std::chrono::seconds(10));
    for (const auto& node : nodes_) {
        if (node->is_running()) world_.violation(fmt::format("stuck: node {} does not stop", node->number()));
    }
}

}  // namespace foorumi::core
