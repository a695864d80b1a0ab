#include "directory/id_map.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace foorumi::directory {
namespace {

using Value = std::shared_ptr<const int>;
using Ids = IdMap<Value>;
using Numbers = std::map<std::uint64_t, int>;

constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();

Value number(int value) { return std::make_shared<const int>(value); }

Numbers numbers_of(const Ids& ids) {
    Numbers numbers;
    std::vector<std::uint64_t> order;
    ids.each([&](std::uint64_t id, const Value& value) {
        order.push_back(id);
        numbers.emplace(id, *value);
    });
    EXPECT_TRUE(std::ranges::is_sorted(order));
    for (const auto first : order) {
        std::vector<std::uint64_t> rest;
        ids.each_from(first, [&](std::uint64_t id, const Value&) {
            rest.push_back(id);
            return rest.size() < 3;
        });
        const auto expected = std::ranges::find(order, first);
        EXPECT_EQ(rest, (std::vector(expected, expected + std::min<std::ptrdiff_t>(3, order.end() - expected))));
    }
    return numbers;
}

TEST(IdMap, EmptyOneHasNothing) {
    Ids ids;
    EXPECT_EQ(ids.find(0), nullptr);
    EXPECT_EQ(ids.find(greatest), nullptr);
    ids.erase(7);
    ids.erase(greatest);
    EXPECT_EQ(ids.size(), 0U);
    EXPECT_TRUE(numbers_of(ids).empty());
}

TEST(IdMap, IdsOfEverySizeHaveTheirPlace) {
    Ids ids;
    Numbers model;
    for (unsigned bit = 0; bit < 64; ++bit)
        for (const std::uint64_t id : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1, greatest >> bit}) {
            ids.put(id, number(static_cast<int>(bit)));
            model[id] = static_cast<int>(bit);
        }
    EXPECT_EQ(numbers_of(ids), model);
    EXPECT_EQ(ids.size(), model.size());
    for (const auto& [id, value] : model) ids.erase(id);
    EXPECT_EQ(ids.size(), 0U);
    EXPECT_TRUE(numbers_of(ids).empty());
    ids.put(3, number(1));
    EXPECT_EQ(numbers_of(ids), (Numbers{{3, 1}}));
}

RC_GTEST_PROP(IdMap, IsAMapAndItsOldCopiesStay, ()) {
    const auto most = *rc::gen::element<std::uint64_t>(20, 1'000, 100'000, greatest);
    std::vector<std::pair<Ids, Numbers>> kept;
    Ids ids;
    Numbers model;
    for (const auto& [raw, value] : *rc::gen::container<std::vector<std::pair<std::uint64_t, int>>>(
             rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(-3, 10)))) {
        const auto id = raw % most;
        kept.emplace_back(ids, model);
        if (value < 0) {
            ids.erase(id);
            model.erase(id);
        } else {
            ids.put(id, number(value));
            model[id] = value;
        }
        const auto* found = ids.find(id);
        RC_ASSERT((found != nullptr) == (value >= 0));
        if (found != nullptr) RC_ASSERT(**found == value);
    }
    kept.emplace_back(ids, model);
    for (const auto& [old, numbers] : kept) {
        RC_ASSERT(numbers_of(old) == numbers);
        RC_ASSERT(old.size() == numbers.size());
    }
}

TEST(IdMap, WhatNoCopyHasAnyMoreIsFreed) {
    const auto value = number(1);
    Ids ids;
    for (std::uint64_t id = 0; id < 5'000; ++id) ids.put(id * 3, value);
    {
        const auto old = ids;
        for (std::uint64_t id = 0; id < 5'000; ++id) ids.erase(id * 3);
        EXPECT_GT(value.use_count(), 5'000);
    }
    EXPECT_EQ(value.use_count(), 1);
}

TEST(IdMap, CopyIsReadWhileAnotherChanges) {
    Ids ids;
    for (int id = 0; id < 1'000; ++id) ids.put(static_cast<std::uint64_t>(id), number(id));
    const auto model = numbers_of(ids);
    std::thread reader([copy = ids, &model] {
        for (int round = 0; round < 20; ++round) EXPECT_EQ(numbers_of(copy), model);
    });
    for (std::uint64_t id = 0; id < 2'000; ++id) {
        ids.put(id, number(-1));
        ids.erase(id / 2);
    }
    reader.join();
}

}  // namespace
}  // namespace foorumi::directory
