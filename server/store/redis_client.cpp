#include "store/redis_client.hpp"

#include <spdlog/spdlog.h>

#include "store/redis_link.hpp"

namespace foorumi::store {

std::uint32_t backoff_seed() { return std::random_device{}(); }

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
