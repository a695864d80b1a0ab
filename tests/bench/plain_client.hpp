// A WebSocket client for servers that are not Foorumi, while it is set up: blocking. Its socket then goes into a load.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foorumi::bench {

class PlainClient {
   public:
    // Connects and upgrades. Throws std::runtime_error or std::system_error on whatever goes wrong.
    PlainClient(std::uint16_t port, std::string_view path, std::string_view subprotocol);
    PlainClient(PlainClient&& other) noexcept;
    PlainClient& operator=(PlainClient&&) = delete;
    ~PlainClient();

    void send(std::string_view payload);
    // The payload of the next frame with data.
    [[nodiscard]] std::string receive();
    // Gives the socket away.
    [[nodiscard]] int release();

   private:
    void read_some();

    int fd_ = -1;
    std::string received_;
};

}  // namespace foorumi::bench
