#include "store/slot_map.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "made_reply.hpp"
#include "store/redis_keys.hpp"

namespace foorumi::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string node(const std::string& host, std::uint64_t port) {
    return array(bulk(host), integer(port), bulk("0123456789abcdef"), array());
}
template <class... Nodes>
std::string range(std::uint64_t first, std::uint64_t last, const Nodes&... nodes) {
    return array(integer(first), integer(last), nodes...);
}
std::optional<SlotMap> parsed(const std::string& bytes) { return SlotMap::parse(*MadeReply(bytes), "asked"); }

TEST(SlotMapTest, TellsTheOwnersOfSlots) {
    const auto map = parsed(array(range(0, 5460, node("a", 1), node("d", 4)), range(5461, 10922, node("b", 2)),
                                  range(10923, 16383, node("c", 3), node("e", 5), node("f", 6))));
    ASSERT_TRUE(map);
    EXPECT_EQ(map->owner(0), (Address{"a", 1}));
    EXPECT_EQ(map->owner(5460), (Address{"a", 1}));
    EXPECT_EQ(map->owner(5461), (Address{"b", 2}));
    EXPECT_EQ(map->owner(16383), (Address{"c", 3}));
    EXPECT_EQ(map->owner(16384), std::nullopt);
    EXPECT_TRUE(map->covers_all());
    EXPECT_THAT(map->primaries(), ElementsAre(Address{"a", 1}, Address{"b", 2}, Address{"c", 3}));
    EXPECT_EQ(map->nodes().size(), 6u);
}

TEST(SlotMapTest, OnePrimaryMayHaveSeveralRanges) {
    const auto map = parsed(array(range(0, 9, node("a", 1)), range(10, 10, node("b", 2)), range(11, 20, node("a", 1))));
    ASSERT_TRUE(map);
    EXPECT_THAT(map->primaries(), ElementsAre(Address{"a", 1}, Address{"b", 2}));
    EXPECT_EQ(map->owner(10), (Address{"b", 2}));
    EXPECT_EQ(map->owner(21), std::nullopt);
    EXPECT_FALSE(map->covers_all());
}

TEST(SlotMapTest, AnUnknownHostIsTheOneThatWasAsked) {
    for (const auto& host : {bulk(""), bulk("?"), std::string("$-1\r\n")}) {
        const auto map = parsed(array(range(0, 1, array(host, integer(7000), bulk("id")))));
        ASSERT_TRUE(map);
        EXPECT_EQ(map->owner(1), (Address{"asked", 7000}));
    }
}

TEST(SlotMapTest, NobodyHasAnySlotAtFirst) {
    const auto map = parsed(array());
    ASSERT_TRUE(map);
    EXPECT_EQ(map->owner(0), std::nullopt);
    EXPECT_THAT(map->primaries(), IsEmpty());
    EXPECT_FALSE(map->covers_all());
}

TEST(SlotMapTest, MalformedAnswersAreNone) {
    for (const auto& bytes :
         {std::string("-ERR This instance has cluster support disabled\r\n"), std::string("+OK\r\n"),
          array(range(0, 16384, node("a", 1))), array(range(5, 4, node("a", 1))), array(array(integer(0), integer(1))),
          array(range(0, 1, node("a", 0))), array(range(0, 1, node("a", 65536))), array(range(0, 1, bulk("a"))),
          array(bulk("x"))}) {
        EXPECT_FALSE(parsed(bytes)) << bytes;
    }
}

TEST(SlotMapTest, MovedSlotHasItsNewOwner) {
    auto map = *parsed(array(range(0, 16383, node("a", 1))));
    map.move(7, {"b", 2});
    EXPECT_EQ(map.owner(6), (Address{"a", 1}));
    EXPECT_EQ(map.owner(7), (Address{"b", 2}));
    EXPECT_EQ(map.owner(8), (Address{"a", 1}));
    EXPECT_THAT(map.primaries(), ElementsAre(Address{"a", 1}, Address{"b", 2}));
    map.move(16384, {"c", 3});
    EXPECT_EQ(map.nodes().size(), 2u);
}

RC_GTEST_PROP(SlotMapTest, TellsOfEachSlotWhatItWasTold, ()) {
    // Ranges with gaps, in ascending order.
    std::vector<std::optional<Address>> expected(SlotMap::slots);
    std::string ranges;
    int count = 0;
    for (std::uint32_t slot = *rc::gen::inRange(0, 2000); slot < SlotMap::slots; slot += *rc::gen::inRange(1, 4000)) {
        const auto last = std::min<std::uint32_t>(slot + *rc::gen::inRange(0, 3000), SlotMap::slots - 1);
        const Address owner{"h" + std::to_string(*rc::gen::inRange(0, 3)), 7000};
        std::fill(expected.begin() + slot, expected.begin() + last + 1, owner);
        ranges += range(slot, last, node(owner.host, owner.port));
        slot = last;
        ++count;
    }
    const auto map = parsed("*" + std::to_string(count) + "\r\n" + ranges);
    RC_ASSERT(map.has_value());
    for (std::uint16_t slot = 0; slot < SlotMap::slots; ++slot) RC_ASSERT(map->owner(slot) == expected[slot]);
    RC_ASSERT(map->covers_all() == std::ranges::all_of(expected, [](const auto& owner) { return owner.has_value(); }));
}

TEST(MovedTest, TellsSlotAndOwner) {
    const auto moved = parse_moved("MOVED 3999 127.0.0.1:6381", "asked");
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->slot, 3999);
    EXPECT_EQ(moved->owner, (Address{"127.0.0.1", 6381}));
    EXPECT_EQ(parse_moved("MOVED 0 2001:db8::1:7000", "asked")->owner, (Address{"2001:db8::1", 7000}));
    EXPECT_EQ(parse_moved("MOVED 16383 :6381", "asked")->owner, (Address{"asked", 6381}));
    EXPECT_EQ(parse_moved("MOVED 1 ?:6381", "asked")->owner, (Address{"asked", 6381}));
}

TEST(MovedTest, OtherErrorsAreNone) {
    for (const auto* error :
         {"", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 1 h", "MOVED 1 h:", "MOVED 1 h:0", "MOVED 1 h:65536",
          "MOVED 16384 h:1", "MOVED x h:1", "ASK 1 h:1", "moved 1 h:1", "MOVED 1 h:1 more"}) {
        EXPECT_FALSE(parse_moved(error, "asked")) << error;
    }
}

// As redis-cli CLUSTER KEYSLOT tells.
TEST(SlotOfPartitionTest, IsThatOfTheHashTag) {
    EXPECT_EQ(slot_of_partition(0), 11214);
    EXPECT_EQ(slot_of_partition(3), 7085);
    EXPECT_EQ(slot_of_partition(15), 2138);
    EXPECT_EQ(slot_of_partition(100), 806);
    EXPECT_EQ(slot_of_partition(1023), 10169);
}

}  // namespace
}  // namespace foorumi::store
