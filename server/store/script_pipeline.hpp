// Script calls on one pipelined connection: every call is answered once, calls reach Redis in the order of submit().
//
// Calls must be idempotent: those without a reply when the connection is lost are sent again on the next one, in order.
// When Redis answers that it did not do a call but may do it later, sending pauses until all replies under way are in;
// then what was not done is sent again, in order. Where the server's state ends right between two pipelined calls
// (another connection loads a flushed script, BUSY is over), the second is done first: dependent calls are never under
// way together, so no result changes by it. Thread: the one that runs the io_context. `done` is never called from
// within submit().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store/deadlines.hpp"
#include "store/redis_client.hpp"
#include "store/replies.hpp"
#include "store/words.hpp"

namespace foorumi::store {

struct Script {
    std::string_view body;
    std::string sha;
};
[[nodiscard]] const Script& commit_script();
[[nodiscard]] const Script& read_script();
[[nodiscard]] const Script& purge_script();

struct ScriptResult {
    const Reply* reply = nullptr;  // not an error; nothing: see failure. Valid during the call
    // lost: the connection was, and the call is not sent again by itself (ScriptCall::once).
    enum class Failure : std::uint8_t { none, refused_writes, internal, abandoned, lost } failure = Failure::none;
    bool in_doubt = false;  // it was sent on a connection that was lost, or failed midway: it may have been done
};

struct ScriptCall {
    const Script* script = nullptr;
    Words keys;
    Words arguments;
    std::function<void(const ScriptResult&)> done;
    // Made for what this server held: on the next connection, which may be to another one, it may mean something else.
    bool once = false;
};

class ScriptPipeline {
   public:
    class Call;
    using Ticket = std::weak_ptr<Call>;

    // `lost`: after the calls that it concerns were answered.
    ScriptPipeline(boost::asio::io_context& context, Deadlines& deadlines, RedisClientOptions options,
                   std::function<void()> ready, std::function<void()> lost = {});
    ~ScriptPipeline();

    void start() { client_.start(); }
    void stop() { client_.stop(); }

    Ticket submit(ScriptCall call);
    // Not sent again. Answered with `abandoned` unless its reply comes: at once where no reply is due (true), else once
    // it turns out to be lost (false).
    bool abandon(const Ticket& ticket);

    // Connected and not pausing.
    [[nodiscard]] bool open() const { return client_.ready() && !paused_; }
    [[nodiscard]] RedisClient& client() { return client_; }

   private:
    using CallPtr = std::shared_ptr<Call>;

    void send_waiting();
    bool send(const CallPtr& call);
    void replied(const CallPtr& call, const Reply* reply);
    void failed(const CallPtr& call, std::string_view error);
    void finish(const CallPtr& call, const ScriptResult& result);
    void send_again(const CallPtr& call);
    void pause(std::chrono::milliseconds delay);
    void go_on_if_idle();
    void load_scripts();
    void connected();
    void lost();
    void lose_once_calls();

    Deadlines& deadlines_;
    std::function<void()> ready_;
    std::function<void()> lost_;
    std::map<std::uint64_t, CallPtr> waiting_;  // by order of submit()
    std::vector<std::string_view> command_;     // of send(), kept for its memory
    std::uint64_t next_ = 0;
    std::size_t under_way_ = 0;
    bool was_connected_ = false;
    bool paused_ = false;
    bool pause_timer_ = false;
    bool load_scripts_ = false;
    std::chrono::milliseconds pause_for_{0};
    Backoff backoff_;
    std::minstd_rand random_;
    RedisClient client_;
};

}  // namespace foorumi::store
