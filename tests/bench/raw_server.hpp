// What the figures stand beside: one thread, epoll, and frames made once. It serves the same load without protocol,
// limits or fairness.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "child.hpp"
#include "dialect.hpp"

namespace foorumi::bench {

enum class RawMode : std::uint8_t {
    write,    // one write() for each delivery: the limit of servers that write each delivery by itself
    writev,   // all frames of a turn of the loop with one writev() for each subscriber
    durable,  // as writev, behind an fdatasync() of all that is delivered: shown only when it is on disk
};

// What its publisher sends, without a frame: how large the delivery is to be, and its version.
struct RawPost {
    std::uint32_t frame_bytes;
    std::uint32_t version;
};

// The WebSocket frame that its subscribers get for it: a change with this version, as of Foorumi.
[[nodiscard]] std::string raw_frame(const RawPost& post);

class RawServer {
   public:
    RawServer(int core, RawMode mode, const std::filesystem::path& directory);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return child_.pid(); }

   private:
    std::uint16_t port_ = 0;
    int listening_;
    Child child_;
};

// Deliveries are those of Foorumi: frames of this size.
[[nodiscard]] Dialect raw_dialect(std::size_t frame_bytes);

}  // namespace foorumi::bench
