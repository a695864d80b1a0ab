#include "store/log_rewrites.hpp"

#include <spdlog/spdlog.h>

#include <array>

#include "store/replies.hpp"

namespace foorumi::store {
namespace {

constexpr std::chrono::milliseconds next_look{100};
constexpr std::string_view not_permitted = "NOPERM";

}  // namespace

std::string_view to_string(RewriteFailure failure) {
    switch (failure) {
        case RewriteFailure::not_permitted:
            return "the Redis user may not (+bgrewriteaof, +info), or Redis has no such command";
        case RewriteFailure::no_log:
            return "Redis keeps no append-only file";
        case RewriteFailure::failed:
            return "Redis could not, its log says why";
        case RewriteFailure::unavailable:
            return "Redis cannot be reached, or is not done in time";
        case RewriteFailure::overloaded:
            return "the store is overloaded";
        case RewriteFailure::stopping:
            return "the store stops";
    }
    return {};
}

void LogRewrites::add(Done done) {
    if (const auto refusal = core_.take_request()) {
        const auto failure = *refusal == Failure::stopping ? RewriteFailure::stopping : RewriteFailure::overloaded;
        return core_.later([done = std::move(done), failure] { done(failure); });
    }
    const auto round = std::make_shared<Round>();
    round->done = std::move(done);
    rounds_.insert(round);
    round->deadline = core_.deadlines.after(core_.options.rewrite_deadline,
                                            [this, round] { finish(round, RewriteFailure::unavailable); });
    if (!locators_.apart() && !core_.pipelines.empty()) {
        round->left = 1;
        return begin_part(round, core_.pipelines.front()->client());
    }
    find(round);
}

// Those of a cluster; and of a worker that has no partition, and so no connection, the one that there is.
void LogRewrites::find(const RoundPtr& round) {
    locators_.primaries([this, guard = std::weak_ptr(core_.alive), round = std::weak_ptr(round)](const auto& found) {
        const auto kept = round.lock();
        if (guard.expired() || !kept || !rounds_.contains(kept)) return;
        if (!found.empty()) return begin(kept, found);
        kept->next = core_.deadlines.after(next_look, [this, kept] { find(kept); });
    });
}

void LogRewrites::begin(const RoundPtr& round, const std::vector<std::shared_ptr<Locator>>& primaries) {
    round->left = primaries.size();
    for (const auto& primary : primaries) {
        RedisClientOptions options;
        options.locator = primary;
        options.name = name_;
        const auto client = std::make_shared<RedisClient>(core_.context, std::move(options), RedisClientEvents{});
        round->own.push_back(client);
        client->start();
        begin_part(round, *client);
    }
}

void LogRewrites::begin_part(const RoundPtr& round, RedisClient& client) {
    const auto part = std::make_shared<Part>();
    part->round = round;
    part->client = &client;
    look(part);
}

// False: the connection is away.
bool LogRewrites::send(const PartPtr& part, std::span<const std::string_view> command,
                       void (LogRewrites::*replied)(const PartPtr&, const Reply*)) {
    return part->client->send(command, [this, part, replied](const Reply* reply) {
        if (const auto round = part->round.lock(); round && rounds_.contains(round)) (this->*replied)(part, reply);
    });
}

void LogRewrites::look(const PartPtr& part) {
    const std::array<std::string_view, 2> command{"INFO", "persistence"};
    if (!send(part, command, &LogRewrites::looked)) look_later(part);
}

void LogRewrites::looked(const PartPtr& part, const Reply* reply) {
    if (reply == nullptr) return look_later(part);
    if (!reply->is_error()) return take(part, part->rewrite.looked(parse_log_state(reply->text())));
    if (error_prefix(reply->text()) == not_permitted) return finish(part->round.lock(), RewriteFailure::not_permitted);
    look_later(part);
}

void LogRewrites::ask(const PartPtr& part) {
    const std::array<std::string_view, 1> command{"BGREWRITEAOF"};
    if (!send(part, command, &LogRewrites::asked)) look_later(part);
}

void LogRewrites::asked(const PartPtr& part, const Reply* reply) {
    if (reply == nullptr || !reply->is_error()) return look_later(part);
    const bool unknown = reply->text().starts_with("ERR unknown command");  // renamed away, as hosted ones do
    if (unknown || error_prefix(reply->text()) == not_permitted) {
        return finish(part->round.lock(), RewriteFailure::not_permitted);
    }
    take(part, part->rewrite.refused());
}

void LogRewrites::take(const PartPtr& part, LogRewrite::Step step) {
    using Step = LogRewrite::Step;
    switch (step) {
        case Step::ask:
            return ask(part);
        case Step::wait:
            return look_later(part);
        case Step::done:
            return part_done(part);
        case Step::no_log:
            return finish(part->round.lock(), RewriteFailure::no_log);
        case Step::failed:
            return finish(part->round.lock(), RewriteFailure::failed);
    }
}

void LogRewrites::look_later(const PartPtr& part) {
    core_.deadlines.after(next_look, [this, part] {
        if (const auto round = part->round.lock(); round && rounds_.contains(round)) look(part);
    });
}

void LogRewrites::part_done(const PartPtr& part) {
    const auto round = part->round.lock();
    if (--round->left == 0) finish(round, std::nullopt);
}

void LogRewrites::finish(const RoundPtr& round, std::optional<RewriteFailure> failure) {
    if (rounds_.erase(round) == 0) return;
    core_.deadlines.cancel(round->deadline);
    core_.deadlines.cancel(round->next);
    --core_.pending;
    for (const auto& client : round->own) client->stop();
    // One of them may be calling.
    core_.later([own = std::move(round->own)] {});
    const auto done = std::move(round->done);
    done(failure);
}

void LogRewrites::stop() {
    const auto rounds = rounds_;
    for (const auto& round : rounds) finish(round, RewriteFailure::stopping);
}

}  // namespace foorumi::store
