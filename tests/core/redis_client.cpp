// Stands in for server/store/redis_client.cpp, redis_link.cpp and redis_traffic.cpp: the same promises over the
// modelled network and its time. When to connect again is decided by the server's own machine.
#include "store/redis_client.hpp"

#include <boost/asio/post.hpp>
#include <deque>

#include "core/connection.hpp"
#include "store/info.hpp"

namespace foorumi::store {

using core::Command;
using core::ConnectionPtr;
using core::World;

std::uint32_t backoff_seed() { return static_cast<std::uint32_t>(World::current().random().next()); }

class RedisClient::Link : public std::enable_shared_from_this<Link> {
    // A handler that runs only while the connection that it was made for is the present one.
    template <class F>
    auto guarded(F function) {
        return
            [weak = weak_from_this(), turn = generation_, function = std::move(function)](auto&&... arguments) mutable {
                const auto self = weak.lock();
                if (self && turn == self->generation_) function(std::forward<decltype(arguments)>(arguments)...);
            };
    }

   public:
    Link(boost::asio::io_context& context, RedisClientOptions options, RedisClientEvents events)
        : context_(context),
          world_(World::current()),
          place_(world_.place_of(context)),
          options_(std::move(options)),
          events_(std::move(events)),
          machine_(options_.backoff) {}

    void start() {
        if (machine_.start()) connect();
    }
    void stop() {
        machine_.stop();
        close();
        outstanding_.clear();
    }
    void reconnect() {
        boost::asio::post(context_, guarded([this] { lose("reconnect"); }));
    }
    void settled() { machine_.settled(); }
    [[nodiscard]] bool ready() const { return machine_.state() == Reconnect::State::ready; }
    [[nodiscard]] std::uint64_t losses() const { return machine_.losses(); }
    [[nodiscard]] const std::string& server_history() const { return server_history_; }
    [[nodiscard]] const std::string& server_origin() const { return server_origin_; }

    [[nodiscard]] bool send(std::span<const std::string_view> arguments, Callback callback) {
        if (!ready() || outstanding_.size() >= options_.max_outstanding) return false;
        append(Command(arguments.begin(), arguments.end()));
        if (callback) {
            if (outstanding_.empty()) last_reply_ = world_.now();
            outstanding_.push_back(std::move(callback));
            watch_replies();
        }
        return true;
    }

   private:
    [[nodiscard]] bool stopped() const { return machine_.state() == Reconnect::State::stopped; }

    void connect() {
        close();
        world_.after(options_.connect_deadline, place_, guarded([this] {
                         if (!ready()) lose("connect deadline");
                     }));
        options_.locator->locate([](std::optional<Endpoint>) {});
        world_.network->connect(place_, guarded([this](const ConnectionPtr& connection) {
                                    if (!connection) return lose("refused");
                                    connection_ = connection;
                                    connection->name = options_.name;
                                    connection->closed = guarded([this] { lose("closed"); });
                                    connection->replied =
                                        guarded([this](const std::vector<core::Value>& values) { replied(values); });
                                    handshake();
                                }));
    }

    void handshake() {
        if (!machine_.connected()) return;
        for (const auto& step : options_.setup) handshake_step(step);
        if (options_.identify)
            handshake_step(
                {{"INFO", "server", "replication"}, [this](const Reply& reply) { return identified(reply.text()); }});
        handshake_step({{"CLIENT", "SETNAME", options_.name}});
    }

    std::string identified(std::string_view info) {
        if (info_field(info, "role") != "master") return "a replica";
        server_history_ = info_field(info, "run_id");
        server_history_ += info_field(info, "master_replid");
        server_origin_ = info_field(info, "master_replid2");
        return {};
    }

    void handshake_step(const SetupStep& step) {
        append(step.command);
        outstanding_.emplace_back([this, step](const Reply* reply) {
            if (reply == nullptr) return;
            if (reply->is_error() || (step.problem && !step.problem(*reply).empty())) return lose("handshake refused");
            if (outstanding_.empty()) handshaken();
        });
    }

    void handshaken() {
        if (!machine_.handshaken()) return;
        if (options_.settles) machine_.settled();
        world_.tell("node {} {} ready", place_, options_.name);
        if (events_.ready) events_.ready();
    }

    void lose(std::string_view reason) {
        const auto loss = machine_.lost(static_cast<std::uint32_t>(world_.random().next()));
        if (!loss.wait) return;
        const auto self = shared_from_this();
        world_.tell("node {} {} lost: {}", place_, options_.name, reason);
        close();
        world_.after(loss.delay, place_, guarded([this] {
                         if (machine_.waited()) connect();
                     }));
        const auto unanswered = std::exchange(outstanding_, {});
        if (!loss.was_ready) {
            if (events_.failed) events_.failed();
            return;
        }
        for (const auto& callback : unanswered) {
            if (callback) callback(nullptr);
            if (stopped()) return;
        }
        if (events_.lost) events_.lost();
    }

    void close() {
        ++generation_;
        if (const auto connection = std::exchange(connection_, nullptr)) world_.network->close(connection);
        watching_ = flush_posted_ = false;
        out_.clear();
        server_history_.clear();
    }

    // Commands of one turn leave together.
    void append(Command command) {
        out_.push_back(std::move(command));
        if (std::exchange(flush_posted_, true)) return;
        boost::asio::post(context_, guarded([this] {
                              flush_posted_ = false;
                              world_.network->send(connection_, std::exchange(out_, {}));
                          }));
    }

    void replied(const std::vector<core::Value>& values) {
        last_reply_ = world_.now();
        const auto turn = generation_;
        for (const auto& value : values) {
            const core::RawReply raw(value);
            deliver(raw.view());
            if (turn != generation_) return;
        }
    }

    void deliver(const Reply& reply) {
        if (outstanding_.empty()) {
            if (events_.push) events_.push(reply);
            return;
        }
        const auto callback = std::move(outstanding_.front());
        outstanding_.pop_front();
        callback(&reply);
    }

    void watch_replies() {
        if (std::exchange(watching_, true)) return;
        world_.at(last_reply_ + options_.reply_deadline, place_, guarded([this] {
                      watching_ = false;
                      if (outstanding_.empty()) return;
                      if (world_.now() - last_reply_ >= options_.reply_deadline) return lose("reply deadline");
                      watch_replies();
                  }));
    }

    boost::asio::io_context& context_;
    World& world_;
    std::size_t place_;
    RedisClientOptions options_;
    RedisClientEvents events_;
    Reconnect machine_;
    std::string server_history_, server_origin_;
    std::uint64_t generation_ = 0;
    ConnectionPtr connection_;
    core::Time last_reply_{};
    bool watching_ = false, flush_posted_ = false;
    std::vector<Command> out_;
    std::deque<Callback> outstanding_;
};

RedisClient::RedisClient(boost::asio::io_context& context, RedisClientOptions options, RedisClientEvents events)
    : link_(std::make_shared<Link>(context, std::move(options), std::move(events))) {}

RedisClient::~RedisClient() { link_->stop(); }

void RedisClient::start() { link_->start(); }
void RedisClient::stop() { link_->stop(); }
void RedisClient::reconnect() { link_->reconnect(); }
const std::string& RedisClient::server_history() const { return link_->server_history(); }
const std::string& RedisClient::server_origin() const { return link_->server_origin(); }
void RedisClient::settled() { link_->settled(); }
bool RedisClient::ready() const { return link_->ready(); }
std::uint64_t RedisClient::losses() const { return link_->losses(); }

bool RedisClient::send(std::span<const std::string_view> arguments, Callback callback) {
    return link_->send(arguments, std::move(callback));
}

bool RedisClient::send_for_push(std::span<const std::string_view> arguments) { return link_->send(arguments, nullptr); }

}  // namespace foorumi::store
