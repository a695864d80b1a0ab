#include "store/lru_cache.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

TEST(LruCacheTest, LeastRecentlyUsedLeavesFirst) {
    LruCache cache(2);
    cache.put("c", "a", {1, "A"});
    cache.put("c", "b", {1, "B"});
    ASSERT_NE(cache.find("c", "a"), nullptr);
    cache.put("c", "d", {1, "D"});
    EXPECT_EQ(cache.size(), 2u);
    EXPECT_NE(cache.find("c", "a"), nullptr);
    EXPECT_EQ(cache.find("c", "b"), nullptr);
    EXPECT_NE(cache.find("c", "d"), nullptr);
}

TEST(LruCacheTest, OlderVersionsNeverReplaceNewerOnes) {
    LruCache cache(2);
    cache.put("c", "a", {5, "new"});
    cache.put("c", "a", {4, "old"});
    cache.refresh("c", "a", 3, "older");
    EXPECT_EQ(cache.find("c", "a")->bytes, "new");
    cache.refresh("c", "a", 6, "newer");
    EXPECT_EQ(cache.find("c", "a")->bytes, "newer");
    EXPECT_EQ(cache.find("c", "a")->version, 6u);
}

TEST(LruCacheTest, RefreshAddsNothing) {
    LruCache cache(2);
    cache.refresh("c", "a", 1, "A");
    EXPECT_EQ(cache.find("c", "a"), nullptr);
}

TEST(LruCacheTest, ChannelAndKeyAreKeptApart) {
    LruCache cache(8);
    cache.put("a", "b:c", {1, "1"});
    cache.put("a:b", "c", {1, "2"});
    cache.put("ab", ":c", {1, "3"});
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

}  // namespace
}  // namespace foorumi::store
