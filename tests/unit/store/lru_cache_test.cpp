#include "store/lru_cache.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

TEST(LruCacheTest, LeastRecentlyUsedLeavesFirst) {
    LruCache cache(2, 1'000'000);
    cache.put("c", "a", {1, "A"}, 1);
    cache.put("c", "b", {1, "B"}, 1);
    ASSERT_NE(cache.find("c", "a"), nullptr);
    cache.put("c", "d", {1, "D"}, 1);
    EXPECT_EQ(cache.size(), 2u);
    EXPECT_NE(cache.find("c", "a"), nullptr);
    EXPECT_EQ(cache.find("c", "b"), nullptr);
    EXPECT_NE(cache.find("c", "d"), nullptr);
}

TEST(LruCacheTest, OlderVersionsNeverReplaceNewerOnes) {
    LruCache cache(2, 1'000'000);
    cache.put("c", "a", {5, "new"}, 5);
    cache.put("c", "a", {4, "old"}, 4);
    cache.refresh("c", "a", 3, "older");
    EXPECT_EQ(cache.find("c", "a")->bytes, "new");
    cache.refresh("c", "a", 6, "newer");
    EXPECT_EQ(cache.find("c", "a")->bytes, "newer");
    EXPECT_EQ(cache.find("c", "a")->version, 6u);
}

// What is known of it counts, and not the version that it has: that of one that is forgotten is 0.
TEST(LruCacheTest, OlderKnowledgeNeverReplacesWhatIsForgotten) {
    LruCache cache(2, 1'000'000);
    cache.put("c", "a", {3, "there"}, 5);
    cache.forgotten("c", "a", 4);
    EXPECT_EQ(cache.find("c", "a")->bytes, "there") << "it was put again before 5";
    cache.forgotten("c", "a", 6);
    EXPECT_EQ(cache.find("c", "a")->version, 0u);
    EXPECT_EQ(cache.find("c", "a")->bytes, "");
    cache.refresh("c", "a", 5, "late");
    cache.put("c", "a", {5, "late"}, 5);
    EXPECT_EQ(cache.find("c", "a")->version, 0u);
    cache.put("c", "a", {7, "anew"}, 8);
    EXPECT_EQ(cache.find("c", "a")->bytes, "anew");
    cache.put("c", "a", {}, 9);
    EXPECT_EQ(cache.find("c", "a")->version, 0u) << "as a read tells that found nothing";
    EXPECT_EQ(cache.bytes(), 4 + LruCache::overhead);
}

TEST(LruCacheTest, RefreshAddsNothing) {
    LruCache cache(2, 1'000'000);
    cache.forgotten("c", "a", 1);
    cache.refresh("c", "a", 1, "A");
    EXPECT_EQ(cache.find("c", "a"), nullptr);
}

TEST(LruCacheTest, ChannelAndKeyAreKeptApart) {
    LruCache cache(8, 1'000'000);
    cache.put("a", "b:c", {1, "1"}, 1);
    cache.put("a:b", "c", {1, "2"}, 1);
    cache.put("ab", ":c", {1, "3"}, 1);
    EXPECT_EQ(cache.find("a", "b:c")->bytes, "1");
    EXPECT_EQ(cache.find("a:b", "c")->bytes, "2");
    EXPECT_EQ(cache.find("ab", ":c")->bytes, "3");
    cache.erase("a", "b:c");
    cache.erase("a", "never");
    EXPECT_EQ(cache.find("a", "b:c"), nullptr);
    EXPECT_EQ(cache.size(), 2u);
    cache.clear();
    EXPECT_EQ(cache.find("a:b", "c"), nullptr);
}

// Names are "1:ck": four bytes.
constexpr std::size_t entity_bytes(std::size_t value) { return 4 + value + LruCache::overhead; }

TEST(LruCacheTest, BytesAreBounded) {
    const auto limit = entity_bytes(100) + entity_bytes(50);
    for (const std::size_t value : {49, 50, 51}) {
        LruCache cache(8, limit);
        cache.put("c", "a", {1, std::string(100, 'x')}, 1);
        cache.put("c", "b", {1, std::string(value, 'x')}, 1);
        EXPECT_EQ(cache.find("c", "a") != nullptr, value <= 50) << value;
        EXPECT_NE(cache.find("c", "b"), nullptr) << value;
        EXPECT_LE(cache.bytes(), limit) << value;
    }
}

TEST(LruCacheTest, ValueThatGrowsPushesOthersOut) {
    LruCache cache(8, 2 * entity_bytes(10));
    cache.put("c", "a", {1, std::string(10, 'x')}, 1);
    cache.put("c", "b", {1, std::string(10, 'x')}, 1);
    cache.refresh("c", "b", 2, std::string(10, 'y'));
    EXPECT_EQ(cache.size(), 2u);
    cache.refresh("c", "b", 3, std::string(11, 'z'));
    EXPECT_EQ(cache.find("c", "a"), nullptr);
    EXPECT_EQ(cache.find("c", "b")->version, 3u);
    EXPECT_EQ(cache.bytes(), entity_bytes(11));
}

TEST(LruCacheTest, EntityThatDoesNotFitIsNotKept) {
    LruCache cache(8, entity_bytes(10));
    cache.put("c", "a", {1, std::string(11, 'x')}, 1);
    EXPECT_EQ(cache.find("c", "a"), nullptr);
    EXPECT_EQ(cache.bytes(), 0u);
    cache.put("c", "a", {1, std::string(10, 'x')}, 1);
    cache.put("c", "a", {2, std::string(11, 'x')}, 2);
    EXPECT_EQ(cache.size(), 0u);
}

TEST(LruCacheTest, BytesOfWhatLeavesAreGivenBack) {
    LruCache cache(2, 1'000'000);
    for (const auto* key : {"a", "b", "d"}) cache.put("c", key, {1, "value"}, 1);
    EXPECT_EQ(cache.bytes(), 2 * entity_bytes(5));
    cache.erase("c", "d");
    EXPECT_EQ(cache.bytes(), entity_bytes(5));
    cache.clear();
    EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace foorumi::store
