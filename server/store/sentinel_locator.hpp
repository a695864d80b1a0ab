// Finds the primary that sentinels watch, as Redis' guidelines for clients say:
// https://redis.io/docs/latest/develop/reference/sentinel-clients/
//
// All connections that look for it at one time share one search. Thread: the one that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <vector>

#include "store/ask_order.hpp"
#include "store/locator.hpp"
#include "store/redis_query.hpp"
#include "store/topology.hpp"

namespace foorumi::store {

// Given and learnt together.
inline constexpr std::size_t most_sentinels = 64;

class SentinelLocator final : public Locator {
   public:
    SentinelLocator(boost::asio::io_context& context, Topology topology, std::string name);

    void locate(Found found) override;
    void connected(const Endpoint& endpoint) override { primary_ = endpoint.address(); }
    [[nodiscard]] bool elsewhere(const Endpoint& endpoint) const override { return primary_ != endpoint.address(); }
    void lost(const Endpoint& endpoint) override;
    [[nodiscard]] std::string display() const override { return topology_.display(); }

   private:
    void ask_next();
    void answered(const Address& asked, std::size_t index, const Reply* reply);
    void end(const std::optional<Address>& primary);
    void drop_query();

    boost::asio::io_context& context_;
    Topology topology_;
    std::string name_;  // of the connections
    AskOrder sentinels_;
    std::optional<Address> answered_by_;  // the sentinel, in the latest search
    std::optional<Address> told_;         // what it told
    Address primary_;                     // that proved to be one, latest
    std::vector<Address> left_;           // to ask in this search, the next one last
    std::vector<Found> waiting_;
    bool unknown_told_ = false;  // that a sentinel does not know the name, since one did
    std::unique_ptr<RedisQuery> query_;
};

// How to sign in at the sentinels.
[[nodiscard]] Endpoint sentinel_endpoint(const Topology& topology, const Address& sentinel);

}  // namespace foorumi::store
