#include "store/script_pipeline.hpp"

#include <openssl/sha.h>
#include <spdlog/spdlog.h>

#include <array>
#include <utility>

namespace foorumi::embedded {
extern const std::string_view commit_lua;
extern const std::string_view read_lua;
extern const std::string_view purge_lua;
}  // namespace foorumi::embedded

namespace foorumi::store {
namespace {

Script make_script(std::string_view body) {
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data());
    std::string sha;
    for (const auto byte : digest) sha += fmt::format("{:02x}", byte);
    return {body, std::move(sha)};
}

RedisClientOptions with_scripts(RedisClientOptions options) {
    for (const auto* script : {&commit_script(), &read_script(), &purge_script()}) {
        options.setup.push_back({{"SCRIPT", "LOAD", std::string(script->body)}});
    }
    return options;
}

}  // namespace

const Script& commit_script() {
    static const Script script = make_script(embedded::commit_lua);
    return script;
}

const Script& read_script() {
    static const Script script = make_script(embedded::read_lua);
    return script;
}

const Script& purge_script() {
    static const Script script = make_script(embedded::purge_lua);
    return script;
}

class ScriptPipeline::Call {
   public:
    ScriptCall call;
    std::uint64_t order = 0;
    bool under_way = false;
    bool in_doubt = false;
    bool abandoned = false;
};

ScriptPipeline::ScriptPipeline(boost::asio::io_context& context, Deadlines& deadlines, RedisClientOptions options,
                               std::function<void()> ready, std::function<void()> lost)
    : deadlines_(deadlines),
      ready_(std::move(ready)),
      lost_(std::move(lost)),
      backoff_(options.backoff),
      random_(backoff_seed()),
      client_(context, with_scripts(std::move(options)),
              {.ready = [this] { connected(); }, .lost = [this] { this->lost(); }, .push = nullptr}) {}

ScriptPipeline::~ScriptPipeline() = default;

ScriptPipeline::Ticket ScriptPipeline::submit(ScriptCall call) {
    const auto added = std::make_shared<Call>();
    added->call = std::move(call);
    added->order = next_++;
    if (waiting_.empty() && open() && send(added)) return added;
    waiting_.emplace(added->order, added);
    send_waiting();
    return added;
}

bool ScriptPipeline::abandon(const Ticket& ticket) {
    const auto call = ticket.lock();
    if (!call || !call->call.done) return true;  // answered, perhaps by the call that we are in
    call->abandoned = true;
    if (call->under_way) return false;
    waiting_.erase(call->order);
    finish(call, {.reply = nullptr, .failure = ScriptResult::Failure::abandoned, .in_doubt = call->in_doubt});
    return true;
}

void ScriptPipeline::connected() {
    paused_ = false;
    load_scripts_ = false;
    // What those that came while there was no connection were decided on may be gone.
    if (std::exchange(was_connected_, true)) lose_once_calls();
    send_waiting();
    ready_();
}

// Those that were under way have joined the waiting.
void ScriptPipeline::lost() {
    lose_once_calls();
    if (lost_) lost_();
}

void ScriptPipeline::lose_once_calls() {
    std::vector<CallPtr> once;
    for (const auto& [order, call] : waiting_) {
        if (call->call.once) once.push_back(call);
    }
    for (const auto& call : once) {
        if (waiting_.erase(call->order) == 0) continue;  // abandoned by one of these
        finish(call, {.reply = nullptr, .failure = ScriptResult::Failure::lost, .in_doubt = call->in_doubt});
    }
}

void ScriptPipeline::send_waiting() {
    while (open() && !waiting_.empty()) {
        const auto call = waiting_.begin()->second;
        if (!send(call)) return;
        waiting_.erase(waiting_.begin());
    }
}

bool ScriptPipeline::send(const CallPtr& call) {
    const auto& [script, keys, arguments, done, once] = call->call;
    const auto key_count = std::to_string(keys.size());
    command_.assign({"EVALSHA", script->sha, key_count});
    for (std::size_t i = 0; i < keys.size(); ++i) command_.push_back(keys[i]);
    for (std::size_t i = 0; i < arguments.size(); ++i) command_.push_back(arguments[i]);
    if (!client_.send(command_, [this, call](const Reply* reply) { replied(call, reply); })) return false;
    call->under_way = true;
    ++under_way_;
    return true;
}

void ScriptPipeline::replied(const CallPtr& call, const Reply* reply) {
    call->under_way = false;
    --under_way_;
    if (reply == nullptr) {
        call->in_doubt = true;
        send_again(call);
        return;
    }
    if (reply->is_error()) {
        failed(call, reply->text());
    } else {
        backoff_.reset();
        finish(call, {.reply = reply, .failure = ScriptResult::Failure::none, .in_doubt = false});
    }
    go_on_if_idle();
    send_waiting();
}

void ScriptPipeline::failed(const CallPtr& call, std::string_view error) {
    const auto reaction = reaction_to(error);
    if (!paused_ || reaction == Reaction::internal || reaction == Reaction::refuse_writes) {
        spdlog::warn("redis answered {}", error_prefix(error));
    }
    switch (reaction) {
        case Reaction::retry:
            if (!paused_) pause(backoff_.next(static_cast<std::uint32_t>(random_())));
            return send_again(call);
        case Reaction::load_script:
            load_scripts_ = true;
            if (!paused_) pause(std::chrono::milliseconds(0));
            return send_again(call);
        case Reaction::reconnect:
            if (!paused_) client_.reconnect();
            pause(std::chrono::milliseconds(0));
            return send_again(call);
        case Reaction::refuse_writes:
            return finish(
                call, {.reply = nullptr, .failure = ScriptResult::Failure::refused_writes, .in_doubt = call->in_doubt});
        case Reaction::internal:
            return finish(call, {.reply = nullptr, .failure = ScriptResult::Failure::internal, .in_doubt = true});
    }
}

void ScriptPipeline::finish(const CallPtr& call, const ScriptResult& result) {
    const auto done = std::exchange(call->call.done, nullptr);
    done(result);
}

void ScriptPipeline::send_again(const CallPtr& call) {
    if (call->abandoned) {
        return finish(call,
                      {.reply = nullptr, .failure = ScriptResult::Failure::abandoned, .in_doubt = call->in_doubt});
    }
    waiting_.emplace(call->order, call);
}

void ScriptPipeline::pause(std::chrono::milliseconds delay) {
    paused_ = true;
    pause_for_ = delay;
}

// Replies under way may still say that their call was not done: only when all are in, the order is known.
void ScriptPipeline::go_on_if_idle() {
    if (!paused_ || under_way_ != 0 || !client_.ready() || pause_timer_) return;
    pause_timer_ = true;
    deadlines_.after(pause_for_, [this] {
        pause_timer_ = false;
        if (!paused_ || under_way_ != 0 || !client_.ready()) return;  // it was lost meanwhile, or made anew
        if (std::exchange(load_scripts_, false)) load_scripts();
        paused_ = false;
        send_waiting();
        ready_();
    });
}

void ScriptPipeline::load_scripts() {
    for (const auto* script : {&commit_script(), &read_script(), &purge_script()}) {
        const std::array<std::string_view, 3> command{"SCRIPT", "LOAD", script->body};
        // A refusal shows in the replies of the calls behind it.
        static_cast<void>(client_.send(command, [](const Reply*) {}));
    }
}

}  // namespace foorumi::store
