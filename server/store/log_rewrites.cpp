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
    look(round);
}

// False: the connection is away.
bool LogRewrites::send(const RoundPtr& round, std::span<const std::string_view> command,
                       void (LogRewrites::*replied)(const RoundPtr&, const Reply*)) {
    return core_.pipelines.front()->client().send(command, [this, round, replied](const Reply* reply) {
        if (rounds_.contains(round)) (this->*replied)(round, reply);
    });
}

void LogRewrites::look(const RoundPtr& round) {
    const std::array<std::string_view, 2> command{"INFO", "persistence"};
    if (!send(round, command, &LogRewrites::looked)) look_later(round);
}

void LogRewrites::looked(const RoundPtr& round, const Reply* reply) {
    if (reply == nullptr) return look_later(round);
    if (!reply->is_error()) return take(round, round->rewrite.looked(parse_log_state(reply->text())));
    if (error_prefix(reply->text()) == not_permitted) return finish(round, RewriteFailure::not_permitted);
    look_later(round);
}

void LogRewrites::ask(const RoundPtr& round) {
    const std::array<std::string_view, 1> command{"BGREWRITEAOF"};
    if (!send(round, command, &LogRewrites::asked)) look_later(round);
}

void LogRewrites::asked(const RoundPtr& round, const Reply* reply) {
    if (reply == nullptr || !reply->is_error()) return look_later(round);
    const bool unknown = reply->text().starts_with("ERR unknown command");  // renamed away, as hosted ones do
    if (unknown || error_prefix(reply->text()) == not_permitted) return finish(round, RewriteFailure::not_permitted);
    take(round, round->rewrite.refused());
}

void LogRewrites::take(const RoundPtr& round, LogRewrite::Step step) {
    using Step = LogRewrite::Step;
    switch (step) {
        case Step::ask:
            return ask(round);
        case Step::wait:
            return look_later(round);
        case Step::done:
            return finish(round, std::nullopt);
        case Step::no_log:
            return finish(round, RewriteFailure::no_log);
        case Step::failed:
            return finish(round, RewriteFailure::failed);
    }
}

void LogRewrites::look_later(const RoundPtr& round) {
    round->next = core_.deadlines.after(next_look, [this, round] { look(round); });
}

void LogRewrites::finish(const RoundPtr& round, std::optional<RewriteFailure> failure) {
    if (rounds_.erase(round) == 0) return;
    core_.deadlines.cancel(round->deadline);
    core_.deadlines.cancel(round->next);
    --core_.pending;
    const auto done = std::move(round->done);
    done(failure);
}

void LogRewrites::stop() {
    const auto rounds = rounds_;
    for (const auto& round : rounds) finish(round, RewriteFailure::stopping);
}

}  // namespace foorumi::store
