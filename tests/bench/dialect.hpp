// How one kind of server is spoken to by the load: the post that makes it deliver, and the versions in what it
// delivers.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace foorumi::bench {

using OnVersion = std::function<void(std::uint64_t version)>;

struct Dialect {
    // The bytes of the post that gets this version; valid until the next call.
    std::function<std::string_view(std::uint64_t version)> post;
    // Calls back for each delivery in one frame's payload. Throws std::runtime_error on what is no delivery and should
    // not be there.
    std::function<void(std::string_view payload, const OnVersion& delivered)> read;
    // One frame's payload that came to the publisher. Throws std::runtime_error if it says that a post was refused.
    std::function<void(std::string_view payload)> answer;
};

// Payload of servers that pass on whatever they get: the version in eight bytes, then filling.
inline constexpr std::size_t version_bytes = 8;

inline void write_version(char* at, std::uint64_t version) { std::memcpy(at, &version, version_bytes); }
inline std::uint64_t read_version(std::string_view payload) {
    std::uint64_t version = 0;
    if (payload.size() < version_bytes) throw std::runtime_error("a delivery that is too short");
    std::memcpy(&version, payload.data(), version_bytes);
    return version;
}

// A frame of these servers: `payload` bytes behind `head`, which is written before the version.
class OpaquePost {
   public:
    // `make` builds the client's whole frame around the payload.
    template <class Make>
    OpaquePost(std::size_t payload, Make make) {
        // 'V' stands for the version until it is known where it comes to lie.
        bytes_ = make(std::string(version_bytes, 'V') + std::string(payload - version_bytes, 'x'));
        at_ = bytes_.find(std::string(version_bytes, 'V'));
    }
    std::string_view operator()(std::uint64_t version) {
        write_version(bytes_.data() + at_, version);
        return bytes_;
    }

   private:
    std::string bytes_;
    std::size_t at_ = 0;
};

}  // namespace foorumi::bench
