#include "store/sentinel_locator.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "store/sentinel_replies.hpp"

namespace foorumi::store {
namespace {

// For the handshake with one sentinel, and again for its answer: that they answer within some hundred milliseconds is
// what the guidelines count on.
constexpr std::chrono::milliseconds sentinel_deadline{500};

}  // namespace

Endpoint sentinel_endpoint(const Topology& topology, const Address& sentinel) {
    Endpoint endpoint;
    endpoint.host = sentinel.host;
    endpoint.port = sentinel.port;
    endpoint.user = topology.sentinel_user;
    endpoint.password = topology.sentinel_password;
    return endpoint;
}

SentinelLocator::SentinelLocator(boost::asio::io_context& context, Topology topology, std::string name)
    : context_(context),
      topology_(std::move(topology)),
      name_(std::move(name)),
      sentinels_(topology_.hosts, most_sentinels) {}

void SentinelLocator::locate(Found found) {
    waiting_.push_back(std::move(found));
    if (waiting_.size() > 1) return;
    left_.assign(sentinels_.all().rbegin(), sentinels_.all().rend());
    ask_next();
}

void SentinelLocator::ask_next() {
    drop_query();
    if (left_.empty()) return end(std::nullopt);
    const auto sentinel = left_.back();
    left_.pop_back();
    const auto& name = topology_.primary_name;
    RedisQuery::Commands commands{{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name}, {"SENTINEL", "SENTINELS", name}};
    query_ = std::make_unique<RedisQuery>(
        context_, sentinel_endpoint(topology_, sentinel), name_, std::move(commands), sentinel_deadline,
        [this, sentinel](std::size_t index, const Reply* reply) { answered(sentinel, index, reply); });
}

void SentinelLocator::answered(const Address& asked, std::size_t index, const Reply* reply) {
    // The answer to the second question is good to have, and nobody waits for it.
    if (index == 1) {
        if (reply != nullptr && !reply->is_error()) sentinels_.learn(parse_sentinels(*reply));
        return;
    }
    const auto primary = reply == nullptr ? std::nullopt : parse_primary_address(*reply);
    if (!primary) {
        sentinels_.defer(asked);
        if (reply != nullptr && !std::exchange(unknown_told_, true)) {
            spdlog::warn("sentinel {} tells no primary of the name {}", asked.display(), topology_.primary_name);
        }
        return ask_next();
    }
    unknown_told_ = false;
    answered_by_ = asked;
    told_ = primary;
    end(primary);
}

// One that is cut off from the others may tell what was, for as long as it likes: so another one is asked first then.
void SentinelLocator::lost(const Endpoint& endpoint) {
    if (told_ == endpoint.address() && answered_by_) sentinels_.defer(*std::exchange(answered_by_, std::nullopt));
}

void SentinelLocator::end(const std::optional<Address>& primary) {
    const auto waiting = std::exchange(waiting_, {});
    std::optional<Endpoint> endpoint;
    if (primary) endpoint = topology_.endpoint.at(*primary);
    for (const auto& found : waiting) found(endpoint);
}

// It may be that it is calling.
void SentinelLocator::drop_query() {
    if (!query_) return;
    query_->cancel();
    boost::asio::post(context_, [query = std::shared_ptr<RedisQuery>(std::move(query_))] {});
}

}  // namespace foorumi::store
