// What people are told of a connection that comes and goes. Pure; the texts are fit for a terminal.
#pragma once

#include <optional>
#include <string>

#include "client/backoff.hpp"
#include "client/catalogue.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

class ConnectionNews {
   public:
    // While there is no connection, it is told again after so long.
    static constexpr Millis again_ms = 30'000;

    explicit ConnectionNews(const Catalogue& texts) : texts_(texts) {}

    // The server tells why the connection will end.
    void on_notice(const foorumi::v1::Notice& notice);
    // `why` is the system's or the other side's word for it; it may be empty. Nothing: this was told not long ago.
    [[nodiscard]] std::optional<std::string> on_lost(const std::string& why, Millis retry_in_ms, Millis now);
    [[nodiscard]] std::string on_back();

   private:
    [[nodiscard]] std::string reason(const std::string& why);

    const Catalogue& texts_;
    std::string announced_;  // by the server, before the end
    std::optional<Millis> lost_at_;
    Millis told_at_ = 0;
};

}  // namespace foorumi::client
