// Things that are not kept: PUBLISH to the partition, SUBSCRIBE for all partitions of this worker on one connection.
// What cannot be sent at once is dropped.
#pragma once

#include <optional>
#include <string>

#include "store/store_core.hpp"

namespace foorumi::store {

// A published message names its channel: two bytes of length (big endian), the name, the bytes.
[[nodiscard]] std::string encode_ephemeral(std::string_view channel, std::string_view bytes);
struct EphemeralView {
    std::string_view channel;
    std::string_view bytes;
};
[[nodiscard]] std::optional<EphemeralView> decode_ephemeral(std::string_view message);

class Ephemerals {
   public:
    Ephemerals(StoreCore& core, RedisClientOptions options);

    void start() { subscriber_.start(); }
    void stop();
    void publish(std::string_view channel, std::string_view bytes);
    [[nodiscard]] const RedisClient& client() const { return subscriber_; }

   private:
    void subscribe();
    void pushed(const Reply& reply);
    void ping();

    StoreCore& core_;
    std::size_t under_way_ = 0;
    bool stopped_ = false;
    bool heard_ = true;  // something since the last ping
    bool pinging_ = false;
    RedisClient subscriber_;
};

}  // namespace foorumi::store
