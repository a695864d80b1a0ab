// Other servers of their kind, where they are installed: mosquitto (MQTT over WebSocket) and nginx with nchan.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "child.hpp"
#include "dialect.hpp"
#include "plain_client.hpp"

namespace foorumi::bench {

class Mosquitto {
   public:
    [[nodiscard]] static bool installed() { return is_installed("mosquitto"); }
    Mosquitto(int core, const std::filesystem::path& directory);
    // Connected and, with a topic, subscribed to it.
    [[nodiscard]] PlainClient client(const std::string& name, const std::string& topic) const;
    [[nodiscard]] pid_t pid() const { return child_->pid(); }
    [[nodiscard]] static Dialect dialect(const std::string& topic, std::size_t payload_bytes);

   private:
    std::uint16_t port_;
    std::optional<Child> child_;
};

class Nchan {
   public:
    [[nodiscard]] static bool installed();
    // Keeps its messages in memory, or in a Redis of its own that does not sync them to disk.
    Nchan(int core, const std::filesystem::path& directory, bool redis);
    [[nodiscard]] PlainClient subscriber(const std::string& channel) const;
    [[nodiscard]] PlainClient publisher(const std::string& channel) const;
    [[nodiscard]] pid_t pid() const { return child_->pid(); }
    [[nodiscard]] static Dialect dialect(std::size_t payload_bytes);

   private:
    void await_channel() const;

    std::uint16_t port_;
    std::optional<Child> redis_;
    std::optional<Child> child_;
};

}  // namespace foorumi::bench
