// Partitions, key names and the form of published messages.
#include <gtest/gtest.h>

#include "store/channel_store.hpp"
#include "store/ephemerals.hpp"
#include "store/redis_keys.hpp"

namespace foorumi::store {
namespace {

TEST(PartitionTest, IsRedisClustersHashOfTheName) {
    EXPECT_EQ(partition_of("123456789", 16384), 0x31c3 % 16384);  // the check value of CRC16/XMODEM
    EXPECT_EQ(partition_of("", 16), 0);
    for (std::uint16_t partitions = 1; partitions < 40; ++partitions) {
        EXPECT_LT(partition_of("room:12", partitions), partitions);
    }
}

TEST(RedisKeysTest, CarryTheHashTagOfTheirPartition) {
    const RedisKeys keys(7);
    EXPECT_EQ(keys.meta(), "{p07}:meta");
    EXPECT_EQ(keys.feed(), "{p07}:feed");
    EXPECT_EQ(keys.change_ids(), "{p07}:d:");
    EXPECT_EQ(keys.version("room:1"), "{p07}:v:room:1");
    EXPECT_EQ(keys.entities("room:1"), "{p07}:e:room:1");
    EXPECT_EQ(keys.versions("room:1"), "{p07}:x:room:1");
    EXPECT_EQ(keys.indexes("room:1"), "{p07}:i:room:1:");
    EXPECT_EQ(RedisKeys(123).meta(), "{p123}:meta");
}

TEST(EphemeralTest, ChannelAndBytesComeBack) {
    const std::string bytes("\0\xff", 2);
    for (const auto& channel : {std::string(), std::string("room:1"), std::string(300, 'c')}) {
        const auto message = encode_ephemeral(channel, bytes);
        const auto decoded = decode_ephemeral(message);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->channel, channel);
        EXPECT_EQ(decoded->bytes, bytes);
    }
}

TEST(EphemeralTest, TruncatedMessageIsNothing) {
    const auto message = encode_ephemeral("room:1", "");
    for (std::size_t length = 0; length < message.size(); ++length) {
        EXPECT_FALSE(decode_ephemeral(std::string_view(message).substr(0, length))) << length;
    }
}

}  // namespace
}  // namespace foorumi::store
