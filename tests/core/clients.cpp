#include "core/clients.hpp"

namespace foorumi::core {
namespace {

constexpr std::size_t most_under_way = 3;
constexpr int most_rests_ms = 250;

}  // namespace

store::ChangeId change_id(std::uint64_t writer, std::uint64_t number) {
    store::ChangeId id{};
    id[0] = static_cast<std::uint8_t>(writer);
    id[1] = static_cast<std::uint8_t>(number >> 8);
    id[2] = static_cast<std::uint8_t>(number);
    return id;
}

Node* Ground::some_node() {
    std::vector<Node*> serving;
    for (const auto& node : nodes) {
        if (node->is_serving()) serving.push_back(node.get());
    }
    return serving.empty() ? nullptr : world.random().pick(serving);
}

Writer::Writer(Ground& ground, std::size_t number, std::vector<std::string> channels)
    : ground_(ground), name_(fmt::format("w{}", number)), number_(number), channels_(std::move(channels)) {}

void Writer::next() {
    if (ground_.ends) return;
    auto& world = ground_.world;
    world.after(milliseconds(world.random().between(1, most_rests_ms)), [this] { next(); });
    if (under_way_ >= most_under_way) return;
    const auto task = std::make_shared<Task>();
    const auto kind = world.random().below(10);
    task->kind = kind < 5 ? Kind::post : kind < 8 ? Kind::count : kind < 9 ? Kind::set_aside : Kind::nothing;
    task->made_at_ms = world.wall_ms();
    task->id = change_id(number_, wishes_.size());
    task->wish = std::make_shared<Wish>();
    task->wish->id = fmt::format("{}-{}", name_, wishes_.size());
    task->wish->channel = world.random().pick(channels_);
    task->wish->writes = task->kind == Kind::post || task->kind == Kind::count;
    task->wish->set_aside = task->kind == Kind::set_aside;
    task->wish->sent_as = ground_.checker.next_moment();
    wishes_.push_back(task->wish);
    ++under_way_;
    attempt(task);
}

void Writer::again(const TaskPtr& task, milliseconds delay) {
    ground_.world.after(delay + ground_.world.some_time(1'000, 60'000), [this, task] { attempt(task); });
}

void Writer::attempt(const TaskPtr& task) {
    auto* const node = ground_.some_node();
    if (node == nullptr) return again(task, milliseconds(100));
    ground_.world.tell("{} asks node {} for {} in {}", name_, node->number(), task->wish->id, task->wish->channel);
    // Whoever is first says what became of it: the node, or its end.
    const auto over = std::make_shared<bool>(false);
    const auto session = node->wait([this, task, over] {
        if (std::exchange(*over, true)) return;
        task->wish->left_open = true;
        again(task, milliseconds(10));
    });
    store::ChangeRequest request;
    request.channel = task->wish->channel;
    request.author = number_ + 1;
    request.change_id = request.fingerprint = task->id;
    request.made_at_ms = task->made_at_ms;
    if (task->kind == Kind::count || task->kind == Kind::set_aside) request.needs = {"n"};
    ground_.world.after(ground_.world.some_time(20, 500), node->place(),
                        [=, this, request = std::move(request)]() mutable {
                            if (*over || !node->is_running()) return;
                            node->store().change(
                                std::move(request),
                                [this, task, node](const store::View& view, store::Version& directory) {
                                    return decide(*task, *node, view, directory);
                                },
                                [this, task, node, session, over](const store::ChangeOutcome& outcome) {
                                    if (std::exchange(*over, true)) return;
                                    node->waits_no_more(session);
                                    answered(task, outcome);
                                });
                        });
}

std::optional<store::Commit> Writer::decide(const Task& task, Node& node, const store::View& view,
                                            store::Version& directory) const {
    directory = node.directory();
    if (!node.may(name_)) return std::nullopt;
    store::Commit commit;
    if (task.kind == Kind::nothing) return commit;
    if (task.kind == Kind::set_aside) {
        commit.set_aside = true;
        commit.expectations.push_back({"n", view.at("n").version});
        return commit;
    }
    commit.puts.push_back({"m:@", value_of(*task.wish, directory), {}});
    commit.indexes.push_back({"all", "@"});
    if (task.kind == Kind::count) {
        const auto& count = view.at("n");
        commit.puts.push_back({"n", std::to_string(std::strtoull(count.bytes.c_str(), nullptr, 10) + 1), {}});
        commit.expectations.push_back({"n", count.version});
    }
    return commit;
}

void Writer::answered(const TaskPtr& task, const store::ChangeOutcome& outcome) {
    using store::Failure;
    auto& wish = *task->wish;
    const auto failure = outcome.failure ? static_cast<int>(*outcome.failure) : -1;
    ground_.world.tell("{} is told of {}: {} {}", name_, wish.id, failure, outcome.committed.version);
    if (!outcome.failure) {
        wish.acknowledged = true;
        wish.version = outcome.committed.version;
        wish.acknowledged_as = ground_.checker.next_moment();
        ground_.checker.acknowledged(wish);
        --under_way_;
        return;
    }
    switch (*outcome.failure) {
        case Failure::conflict:
            ground_.world.violation(fmt::format("{} is in conflict with itself", wish.id));
            [[fallthrough]];
        case Failure::refused:
        case Failure::expired:
        case Failure::future:
            wish.refused = true;
            --under_way_;
            return;
        case Failure::outcome_unknown:
            wish.left_open = true;
            [[fallthrough]];
        default:
            again(task, milliseconds(outcome.retry_after_ms));
    }
}

}  // namespace foorumi::core
