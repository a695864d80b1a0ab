#include "store/redis_link.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include "store/info.hpp"
#include "store/replies.hpp"

namespace foorumi::store {

using boost::system::error_code;

RedisClient::Link::Link(boost::asio::io_context& context, RedisClientOptions options, RedisClientEvents events)
    : context_(context),
      options_(std::move(options)),
      events_(std::move(events)),
      machine_(options_.backoff),
      random_(backoff_seed()),
      socket_(context.get_executor()),
      resolver_(context.get_executor()),
      timer_(context.get_executor()),
      reply_timer_(context.get_executor()) {}

void RedisClient::Link::start() {
    if (machine_.start()) connect();
}

void RedisClient::Link::stop() {
    machine_.stop();
    close();
    outstanding_.clear();
}

void RedisClient::Link::reconnect() {
    boost::asio::post(context_, guarded([this] { lose("reconnect"); }));
}

void RedisClient::Link::connect() {
    close();
    reader_ = std::make_unique<ReplyReader>();
    timer_.expires_after(options_.connect_deadline);
    timer_.async_wait(guarded([this](error_code error) {
        if (!error && !ready()) lose("connect deadline");
    }));
    // Not guarded(), which keeps this: a locator may keep what it is given for as long as it likes.
    options_.locator->locate([weak = weak_from_this(), turn = generation_](std::optional<Endpoint> endpoint) {
        const auto self = weak.lock();
        if (self && turn == self->generation_) self->located(std::move(endpoint));
    });
}

void RedisClient::Link::located(std::optional<Endpoint> endpoint) {
    if (!endpoint) return lose("nobody tells where it is");
    endpoint_ = std::move(endpoint);
    tried_ = true;
    if (endpoint_->path.empty()) return resolve();
    try_addresses({boost::asio::local::stream_protocol::endpoint(endpoint_->path)}, 0);
}

void RedisClient::Link::resolve() {
    resolver_.async_resolve(endpoint_->host, std::to_string(endpoint_->port),
                            guarded([this](error_code error, const Resolver::results_type& results) {
                                if (error) return lose(error.message());
                                std::vector<Protocol::endpoint> addresses;
                                for (const auto& entry : results) addresses.emplace_back(entry.endpoint());
                                try_addresses(std::move(addresses), 0);
                            }));
}

void RedisClient::Link::try_addresses(std::vector<Protocol::endpoint> addresses, std::size_t index) {
    if (index == addresses.size()) return lose("no address");
    const auto address = addresses[index];
    socket_.async_connect(address, guarded([this, addresses = std::move(addresses), index](error_code error) mutable {
                              if (!error) return handshake();
                              error_code ignored;
                              socket_.close(ignored);
                              if (index + 1 == addresses.size()) return lose(error.message());
                              try_addresses(std::move(addresses), index + 1);
                          }));
}

void RedisClient::Link::handshake() {
    if (!machine_.connected()) return;
    if (endpoint_->path.empty()) {
        error_code ignored;
        socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
        socket_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    }
    const auto& endpoint = *endpoint_;
    if (!endpoint.user.empty()) {
        handshake_step({{"AUTH", endpoint.user, endpoint.password}});
    } else if (!endpoint.password.empty()) {
        handshake_step({{"AUTH", endpoint.password}});
    }
    if (endpoint.database != 0) handshake_step({{"SELECT", std::to_string(endpoint.database)}});
    for (const auto& step : options_.setup) handshake_step(step);
    if (options_.identify) {
        handshake_step({{"INFO", "server", "replication"}, [this](const Reply& reply) {
                            if (info_field(reply.text(), "role") != "master") {
                                return std::string("this Redis is a replica. Let the URL name the primary");
                            }
                            const auto run = info_field(reply.text(), "run_id");
                            const auto history = info_field(reply.text(), "master_replid");
                            if (run.empty() || history.empty())
                                return std::string("this Redis does not tell its run_id and master_replid");
                            server_history_ = run;
                            server_history_ += history;
                            server_origin_ = info_field(reply.text(), "master_replid2");
                            return std::string();
                        }});
    }
    handshake_step({{"CLIENT", "SETNAME", options_.name}});
    read();
}

void RedisClient::Link::handshake_step(SetupStep step) {
    const std::vector<std::string_view> arguments(step.command.begin(), step.command.end());
    append(arguments);
    outstanding_.emplace_back([this, step = std::move(step)](const Reply* reply) { handshake_reply(reply, step); });
}

void RedisClient::Link::handshake_reply(const Reply* reply, const SetupStep& step) {
    if (reply == nullptr) return;
    if (reply->is_error()) {
        return refuse(spdlog::level::warn,
                      fmt::format("{} refused: {}", step.command.front(), error_prefix(reply->text())));
    }
    auto problem = step.problem ? step.problem(*reply) : std::string();
    if (!problem.empty())
        return refuse(step.passing ? spdlog::level::warn : spdlog::level::critical, std::move(problem));
    if (outstanding_.empty()) handshaken();
}

// The same again of the same outage is not news.
void RedisClient::Link::refuse(spdlog::level::level_enum level, std::string problem) {
    spdlog::log(problem == problem_told_ ? spdlog::level::debug : level, "redis {}: {}: {}", where(), options_.name,
                problem);
    problem_told_ = std::move(problem);
    lose("handshake refused");
}

void RedisClient::Link::handshaken() {
    if (!machine_.handshaken()) return;
    if (options_.settles) machine_.settled();
    timer_.cancel();
    problem_told_.clear();
    options_.locator->connected(*endpoint_);
    spdlog::log(std::exchange(down_told_, false) ? spdlog::level::info : spdlog::level::debug, "redis {}: {} connected",
                where(), options_.name);
    if (events_.ready) events_.ready();
}

void RedisClient::Link::lose(std::string_view reason) {
    const auto loss = machine_.lost(static_cast<std::uint32_t>(random_()));
    if (!loss.wait) return;
    const auto self = shared_from_this();
    // Further attempts of the same outage are not news.
    const auto level = loss.was_ready ? spdlog::level::warn : down_told_ ? spdlog::level::debug : spdlog::level::info;
    down_told_ = true;
    spdlog::log(level, "redis {}: {} lost ({}), again in {} ms", where(), options_.name, reason, loss.delay.count());
    if (std::exchange(tried_, false)) options_.locator->lost(*endpoint_);
    close();
    wait(loss.delay);
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

void RedisClient::Link::close() {
    ++generation_;
    error_code ignored;
    socket_.close(ignored);
    resolver_.cancel();
    timer_.cancel();
    reply_timer_.cancel();
    reply_timer_armed_ = false;
    write_under_way_ = false;
    flush_posted_ = false;
    out_.clear();
    server_history_.clear();
}

void RedisClient::Link::wait(Backoff::Delay delay) {
    timer_.expires_after(delay);
    timer_.async_wait(guarded([this](error_code error) {
        if (!error && machine_.waited()) connect();
    }));
}

}  // namespace foorumi::store
