#include "store/redis_keys.hpp"

#include <spdlog/fmt/fmt.h>

#include "store/channel_store.hpp"

namespace foorumi::store {
namespace {

// CRC16-CCITT (XMODEM), as Redis Cluster has it.
std::uint16_t crc16(std::string_view bytes) {
    std::uint16_t crc = 0;
    for (const char byte : bytes) {
        crc = static_cast<std::uint16_t>(crc ^ static_cast<std::uint16_t>(static_cast<unsigned char>(byte) << 8));
        for (int bit = 0; bit < 8; ++bit) {
            const bool carry = (crc & 0x8000) != 0;
            crc = static_cast<std::uint16_t>(crc << 1);
            if (carry) crc = static_cast<std::uint16_t>(crc ^ 0x1021);
        }
    }
    return crc;
}

}  // namespace

std::string partition_prefix(std::uint16_t partition) { return fmt::format("{{p{:02}}}:", partition); }

std::uint16_t slot_of_partition(std::uint16_t partition) {
    constexpr std::uint16_t slots =
        16'384;  // https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
    return static_cast<std::uint16_t>(crc16(fmt::format("p{:02}", partition)) % slots);
}

std::string installation_key(std::uint16_t partition) { return partition_prefix(partition) + "installation"; }

std::uint16_t partition_of(std::string_view channel, std::uint16_t partitions) {
    return static_cast<std::uint16_t>(crc16(channel) % partitions);
}

}  // namespace foorumi::store
