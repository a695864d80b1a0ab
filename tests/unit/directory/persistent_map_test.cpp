#include "directory/persistent_map.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "directory/name_key.hpp"

namespace foorumi::directory {
namespace {

using Tree = PersistentMap<std::uint64_t, std::string>;
using Model = std::map<std::uint64_t, std::string>;

Model entries_of(const Tree& tree) {
    Model entries;
    std::uint64_t before = 0;
    tree.each([&](std::uint64_t key, const std::string& value) {
        EXPECT_TRUE(entries.empty() || before < key) << "not ascending";
        before = key;
        entries.emplace(key, value);
        return true;
    });
    return entries;
}

Model entries_from(const Tree& tree, std::uint64_t first) {
    Model entries;
    tree.each_from(first, [&](std::uint64_t key, const std::string& value) {
        entries.emplace(key, value);
        return true;
    });
    return entries;
}

TEST(PersistentMap, EmptyOneHasNothing) {
    Tree tree;
    EXPECT_EQ(tree.size(), 0U);
    EXPECT_EQ(tree.find(std::uint64_t{1}), nullptr);
    EXPECT_FALSE(tree.erase(std::uint64_t{1}));
    EXPECT_TRUE(entries_of(tree).empty());
    EXPECT_TRUE(entries_from(tree, 0).empty());
}

struct Kept {
    Tree tree;
    Model model;
};

// Of few keys the same ones come back; of many the tree gets some levels.
void check_history(std::uint64_t keys, std::size_t steps) {
    Kept now;
    std::vector<Kept> kept;
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    std::uint64_t random = seed * 2 + 1;
    const auto next = [&] { return (random = random * 6364136223846793005U + 1442695040888963407U) >> 33; };
    const auto shape = next() % 3;  // of the new keys: any, ascending, descending
    for (std::size_t step = 0; step < steps; ++step) {
        if (step % (steps / 8 + 1) == 0) kept.push_back(now);
        const bool erases = next() % 100 < (step > steps / 2 ? 70U : 20U);
        const auto at = step * keys / steps;
        const auto key = erases || shape == 0 ? next() % keys : shape == 1 ? at : keys - at;
        if (erases) {
            RC_ASSERT(now.tree.erase(key) == (now.model.erase(key) > 0));
        } else {
            const auto value = std::to_string(step);
            now.tree.put(key, value);
            now.model[key] = value;
        }
        const auto looked_up = next() % keys;
        const auto* found = now.tree.find(looked_up);
        RC_ASSERT((found != nullptr) == now.model.contains(looked_up));
        if (found != nullptr) RC_ASSERT(*found == now.model.at(looked_up));
    }
    kept.push_back(now);
    for (const auto& each : kept) {
        RC_ASSERT(each.tree.size() == each.model.size());
        RC_ASSERT(entries_of(each.tree) == each.model);
        const auto first = next() % (keys + 1);
        RC_ASSERT(entries_from(each.tree, first) == Model(each.model.lower_bound(first), each.model.end()));
    }
}

RC_GTEST_PROP(PersistentMap, IsAMapAndItsOldCopiesStay, ()) { check_history(*rc::gen::inRange(1, 300), 500); }
RC_GTEST_PROP(PersistentMap, IsAMapAtEveryHeight, ()) {
    if (*rc::gen::inRange(0, 10) == 0) check_history(1'000'000, 20'000);
}

TEST(PersistentMap, EveryEntryCanGo) {
    Tree tree;
    constexpr std::uint64_t count = 5'000;
    for (std::uint64_t key = 0; key < count; ++key) tree.put(key * 7 % count, "x");
    EXPECT_EQ(tree.size(), count);
    for (std::uint64_t key = 0; key < count; ++key) EXPECT_TRUE(tree.erase(key * 11 % count));
    EXPECT_EQ(tree.size(), 0U);
    EXPECT_TRUE(entries_of(tree).empty());
    tree.put(1, "again");
    EXPECT_EQ(entries_of(tree), (Model{{1, "again"}}));
}

TEST(PersistentMap, VisitEndsWhenTheVisitorHasEnough) {
    Tree tree;
    for (std::uint64_t key = 0; key < 2'000; ++key) tree.put(key, "");
    std::vector<std::uint64_t> seen;
    tree.each_from(std::uint64_t{990}, [&](std::uint64_t key, const std::string&) {
        seen.push_back(key);
        return seen.size() < 3;
    });
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{990, 991, 992}));
}

TEST(PersistentMap, WhatNoCopyHasAnyMoreIsFreed) {
    const auto value = std::make_shared<int>(1);
    PersistentMap<std::uint64_t, std::shared_ptr<int>> tree;
    for (std::uint64_t key = 0; key < 1'000; ++key) tree.put(key, value);
    {
        const auto old = tree;
        for (std::uint64_t key = 0; key < 1'000; ++key) tree.erase(key);
        EXPECT_GT(value.use_count(), 1'000);
    }
    EXPECT_EQ(value.use_count(), 1);
}

// To be run under the thread sanitizer: readers take no part in counting, and what they read nobody writes.
TEST(PersistentMap, CopyIsReadWhileAnotherChanges) {
    Tree tree;
    for (std::uint64_t key = 0; key < 1'000; ++key) tree.put(key, std::to_string(key));
    const auto old = tree;
    const auto model = entries_of(old);
    std::thread reader([copy = old, &model] {
        for (int round = 0; round < 20; ++round) EXPECT_EQ(entries_of(copy), model);
    });
    for (std::uint64_t key = 0; key < 2'000; ++key) {
        tree.put(key, "changed");
        tree.erase(key / 2);
    }
    reader.join();
    EXPECT_EQ(entries_of(old), model);
}

TEST(NameKey, EntriesOfOneNameDifferById) {
    const auto key = [](const char* name, forum::Id id) {
        return NameKey(std::make_shared<const std::string>(name), id);
    };
    PersistentMap<NameKey, int, NameOrder> names;
    names.put(key("a", 7), 7);
    names.put(key("a", 3), 3);
    names.put(key("b", 5), 5);
    std::vector<int> seen;
    names.each_from(NameView("a"), [&](const NameKey& found, int value) {
        if (found.name() == "a") seen.push_back(value);
        return found.name() == "a";
    });
    EXPECT_EQ(seen, (std::vector<int>{3, 7}));
    EXPECT_EQ(names.find(NameView("a")), nullptr);
    EXPECT_EQ(*names.find(NameView("b", 5)), 5);
    EXPECT_TRUE(names.erase(NameView("a", 3)));
    EXPECT_EQ(names.size(), 2U);
}

}  // namespace
}  // namespace foorumi::directory
