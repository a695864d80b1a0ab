#include "store/recent_changes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace foorumi::store {
namespace {

constexpr std::size_t plenty = 1'000'000;

Released commit_of(std::string channel, Version version, std::vector<KeyedValue> entities,
                   std::uint16_t partition = 1) {
    Released commit;
    commit.channel = std::move(channel);
    commit.version = version;
    commit.entities = std::move(entities);
    for (auto& entity : commit.entities) entity.version = version;
    commit.partition = partition;
    return commit;
}

bool reaches(const RecentChanges& recent, std::string_view channel, Version since) {
    return recent.know(channel, {since, 1'000});
}

using Told = std::vector<std::tuple<std::string, Version, std::string>>;

Told told(const std::vector<KeyedValue>& entities) {
    Told all;
    for (const auto& entity : entities) all.emplace_back(entity.key, entity.version, entity.bytes);
    return all;
}

TEST(RecentChangesTest, TellsEachEntityOnceAsItIsNow) {
    RecentChanges recent(plenty);
    recent.released(commit_of("room:1", 5, {{"message:5", 0, "first"}, {"thread:5", 0, "T"}}));
    recent.released(commit_of("room:1", 6, {{"message:6", 0, "second"}}));
    recent.released(commit_of("room:1", 7, {{"message:5", 0, ""}}));
    const auto all = recent.since("room:1", {4, 100});
    ASSERT_TRUE(all);
    EXPECT_EQ(told(all->entities), (Told{{"thread:5", 5, "T"}, {"message:6", 6, "second"}, {"message:5", 7, ""}}));
    EXPECT_EQ(all->version, 7U);
    EXPECT_EQ(all->present, 7U);
    EXPECT_FALSE(all->more);
    EXPECT_FALSE(all->unknown_version);
    EXPECT_EQ(told(recent.since("room:1", {6, 100})->entities), (Told{{"message:5", 7, ""}}));
    EXPECT_TRUE(recent.since("room:1", {7, 100})->entities.empty());
}

TEST(RecentChangesTest, KnowsNothingOfWhatItHasNotSeen) {
    RecentChanges recent(plenty);
    EXPECT_FALSE(reaches(recent, "room:1", 0));
    recent.released(commit_of("room:1", 5, {{"a", 0, "1"}}));
    EXPECT_FALSE(recent.since("room:1", {3, 100})) << "4 is not here";
    EXPECT_FALSE(recent.since("room:1", {6, 100})) << "another node may have shown it already";
    EXPECT_FALSE(recent.since("room:2", {5, 100}));
    EXPECT_TRUE(reaches(recent, "room:1", 4));
}

TEST(RecentChangesTest, BeginsWithAVersionThatWasRead) {
    RecentChanges recent(plenty);
    recent.begin(1, "room:1", 9);
    EXPECT_TRUE(recent.since("room:1", {9, 100})->entities.empty());
    EXPECT_EQ(recent.since("room:1", {9, 100})->version, 9U);
    EXPECT_FALSE(reaches(recent, "room:1", 8));
    recent.released(commit_of("room:1", 10, {{"a", 0, "1"}}));
    recent.begin(1, "room:1", 9);
    EXPECT_EQ(told(recent.since("room:1", {9, 100})->entities), (Told{{"a", 10, "1"}}));
}

TEST(RecentChangesTest, AMissingVersionBeginsAnew) {
    RecentChanges recent(plenty);
    recent.released(commit_of("room:1", 5, {{"a", 0, "1"}}));
    recent.released(commit_of("room:1", 7, {{"b", 0, "2"}}));
    EXPECT_FALSE(reaches(recent, "room:1", 5));
    EXPECT_EQ(told(recent.since("room:1", {6, 100})->entities), (Told{{"b", 7, "2"}}));
    recent.released(commit_of("room:1", 7, {{"c", 0, "3"}}));  // as if Redis had come back with less
    EXPECT_EQ(told(recent.since("room:1", {6, 100})->entities), (Told{{"c", 7, "3"}}));
}

TEST(RecentChangesTest, WhatIsForgottenOrReplacedIsNotHereAnyMore) {
    RecentChanges recent(plenty);
    recent.released(commit_of("room:1", 5, {{"a", 0, std::string(1'000, 'x')}, {"b", 0, "kept"}}));
    const auto before = recent.bytes();
    recent.released(commit_of("room:1", 6, {{"a", 0, ""}}));
    EXPECT_EQ(recent.bytes(), before - 1'000 + RecentChanges::commit_overhead);
    EXPECT_EQ(told(recent.since("room:1", {4, 100})->entities), (Told{{"b", 5, "kept"}, {"a", 6, ""}}));
    KeyedValue gone{"a", 0, ""};
    gone.forgotten = true;
    recent.released(commit_of("room:1", 7, {gone}));
    EXPECT_EQ(told(recent.since("room:1", {4, 100})->entities), (Told{{"b", 5, "kept"}}));
    EXPECT_EQ(recent.since("room:1", {4, 100})->version, 7U);
}

TEST(RecentChangesTest, APartitionIsForgottenAlone) {
    RecentChanges recent(plenty);
    recent.released(commit_of("room:1", 5, {{"a", 0, "1"}}, 1));
    recent.released(commit_of("room:2", 5, {{"a", 0, "1"}}, 2));
    const auto both = recent.bytes();
    recent.forget(1);
    EXPECT_FALSE(reaches(recent, "room:1", 5));
    EXPECT_TRUE(reaches(recent, "room:2", 4));
    EXPECT_EQ(2 * recent.bytes(), both);
    recent.forget(2);
    EXPECT_EQ(recent.bytes(), 0U);
    EXPECT_EQ(recent.channels(), 0U);
}

TEST(RecentChangesTest, LimitsOfTheReadAtUnderAndOver) {
    RecentChanges recent(plenty);
    recent.released(commit_of("room:1", 1, {{"ab", 0, "12345678"}, {"cd", 0, "12345678"}}));
    recent.released(commit_of("room:1", 2, {{"ab", 0, "12345678"}}));
    const std::size_t each = 2 + 8 + 32;
    EXPECT_FALSE(recent.since("room:1", {0, 1}));
    EXPECT_TRUE(recent.since("room:1", {0, 2}));
    EXPECT_TRUE(recent.since("room:1", {0, 3}));
    EXPECT_TRUE(recent.since("room:1", {0, 9, 2 * each + 1}));
    EXPECT_TRUE(recent.since("room:1", {0, 9, 2 * each}));
    EXPECT_FALSE(recent.since("room:1", {0, 9, 2 * each - 1}));
}

TEST(RecentChangesTest, OldestOfAllLeaveFirst) {
    const auto fill = [](RecentChanges& recent) {
        recent.released(commit_of("room:1", 1, {{"a", 0, "1"}}));
        recent.released(commit_of("room:2", 1, {{"a", 0, "1"}}));
        recent.released(commit_of("room:1", 2, {{"b", 0, "2"}}));
    };
    RecentChanges whole(plenty);
    fill(whole);
    for (const std::size_t most : {whole.bytes() + 1, whole.bytes(), whole.bytes() - 1}) {
        RecentChanges recent(most);
        fill(recent);
        EXPECT_EQ(reaches(recent, "room:1", 0), most >= whole.bytes());
        EXPECT_EQ(told(recent.since("room:1", {1, 100})->entities), (Told{{"b", 2, "2"}}));
        EXPECT_TRUE(reaches(recent, "room:2", 0));
        for (Version version = 3; version <= 4; ++version)
            recent.released(commit_of("room:1", version, {{"c", 0, "3"}}));
        EXPECT_FALSE(reaches(recent, "room:1", 0));
        EXPECT_LE(recent.bytes(), most);
    }
}

TEST(RecentChangesTest, WithoutMemoryNothingIsKept) {
    RecentChanges recent(0);
    recent.begin(1, "room:1", 1);
    recent.released(commit_of("room:1", 2, {{"a", 0, "1"}}));
    EXPECT_EQ(recent.channels(), 0U);
    EXPECT_EQ(recent.bytes(), 0U);
}

// What Redis has of a channel.
struct Kept {
    Version version = 0;
    std::map<std::string, std::pair<Version, std::string>> entities;

    [[nodiscard]] Told since(Version since) const {
        std::set<std::pair<Version, std::string>> order;
        for (const auto& [key, value] : entities)
            if (value.first > since) order.emplace(value.first, key);
        Told all;
        for (const auto& [at, key] : order) all.emplace_back(key, at, entities.at(key).second);
        return all;
    }
};

// A few channels with random commits, losses and reads, beside what Redis would have.
class Model {
   public:
    explicit Model(std::size_t most) : most_(most), recent_(most) {}

    void step() {
        const auto number = *rc::gen::inRange(1, 5);
        const auto channel = "room:" + std::to_string(number);
        auto& kept = channels_[channel];
        const auto what = *rc::gen::inRange(0, 20);
        if (what == 0) return lose(channel, kept, partition(number));
        if (what == 1) return recent_.begin(partition(number), channel, kept.version);
        if (what > 12) return look(channel, kept);
        commit(channel, kept, partition(number));
    }

   private:
    [[nodiscard]] static std::uint16_t partition(int number) { return static_cast<std::uint16_t>(number % 2); }

    void commit(const std::string& channel, Kept& kept, std::uint16_t partition) {
        Released released;
        released.channel = channel;
        released.version = ++kept.version;
        released.partition = partition;
        const auto changed = *rc::gen::inRange(1, 16);
        for (int bit = 0; bit < 4; ++bit) {
            if ((changed >> bit & 1) == 0) continue;
            const std::string key(1, static_cast<char>('a' + bit));
            KeyedValue value{key, kept.version, *rc::gen::element<std::string>("", "x", "a longer text")};
            value.forgotten = *rc::gen::inRange(0, 30) == 0;
            if (value.forgotten)
                value.bytes.clear(), kept.entities.erase(key);
            else
                kept.entities[key] = {kept.version, value.bytes};
            released.entities.push_back(std::move(value));
        }
        std::ranges::reverse(released.entities);  // a commit's own order is any
        recent_.released(released);
        RC_ASSERT(recent_.bytes() <= most_);
    }

    // Redis has come back with less.
    void lose(const std::string& channel, Kept& kept, std::uint16_t partition) {
        recent_.forget(partition);
        kept.version = *rc::gen::inRange<Version>(0, kept.version + 1);
        std::erase_if(kept.entities, [&](const auto& entity) { return entity.second.first > kept.version; });
        RC_ASSERT(!reaches(recent_, channel, kept.version));
    }

    void look(const std::string& channel, const Kept& kept) {
        const auto since = *rc::gen::inRange<Version>(0, kept.version + 2);
        const auto known = recent_.since(channel, {since, 1'000});
        RC_ASSERT(known.has_value() == recent_.know(channel, {since, 1'000}));
        if (!known) return;
        RC_ASSERT(known->version == kept.version);
        RC_ASSERT(told(known->entities) == kept.since(since));
    }

    std::size_t most_;
    RecentChanges recent_;
    std::map<std::string, Kept> channels_;
};

RC_GTEST_PROP(RecentChanges, TellWhatAReadWould, ()) {
    Model model(*rc::gen::element<std::size_t>(2'000, 10'000, plenty));
    for (auto steps = *rc::gen::inRange(1, 200); steps > 0; --steps) model.step();
}

}  // namespace
}  // namespace foorumi::store
