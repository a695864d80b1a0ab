// Who resumes from what was released lately is answered without a read, and as a read would answer.
#include <random>

#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using State = std::map<std::string, std::string>;

void apply(State& state, const std::vector<KeyedValue>& entities) {
    for (const auto& entity : entities) {
        if (entity.forgotten)
            state.erase(entity.key);
        else
            state[entity.key] = entity.bytes;
    }
}

class RecentTest : public StoreTest {
   protected:
    [[nodiscard]] Options remembering() const {
        auto made = options();
        made.recent_bytes = Options{}.recent_bytes;
        return made;
    }
    // Script calls, of which a read is one.
    [[nodiscard]] std::string calls() {
        const auto stats = redis.command({"INFO", "commandstats"});
        std::string all;
        for (std::size_t at = 0; (at = stats.find("cmdstat_eval", at)) != std::string::npos; ++at)
            all += stats.substr(at, stats.find(',', at) - at) + ' ';
        return all;
    }

    void expect_the_same(Worker& worker, const SyncResult& known, const SyncRead& read) {
        const auto outcome = wait_for(sync(worker, "room:1", read));
        const auto& result = outcome.result;
        EXPECT_EQ(known.version, result.version);
        EXPECT_EQ(known.present, result.present);
        EXPECT_EQ(known.more, result.more);
        EXPECT_EQ(known.unknown_version, result.unknown_version);
        EXPECT_EQ(known.epoch, result.epoch);
        ASSERT_EQ(known.entities.size(), result.entities.size());
        for (std::size_t i = 0; i < result.entities.size(); ++i) {
            EXPECT_EQ(known.entities[i].key, result.entities[i].key);
            EXPECT_EQ(known.entities[i].version, result.entities[i].version);
            EXPECT_EQ(known.entities[i].bytes, result.entities[i].bytes);
        }
    }
};

TEST_F(RecentTest, WhoResumesIsAnsweredWithoutARead) {
    Worker writer(context, remembering());
    Worker worker(context, remembering());
    Commit many;
    for (const auto* key : {"message:@", "thread:@", "b", "a"})
        many.puts.push_back({key, "of " + std::string(key), {}});
    wait_for(change(writer, request("room:1"), always(many)));
    wait_for(put(writer, "room:1", "a", "2"));
    wait_for(put(writer, "room:1", "c", ""));
    run_until([&] { return worker.versions("room:1").size() == 3; });
    for (const Version since : {0, 1, 2, 3}) {
        const SyncRead read{since, 1'000, 0, 0};
        EXPECT_TRUE(worker->remembers("room:1", read));
        const auto before = calls();
        const auto opened = wait_for(open(worker, "room:1", read));
        EXPECT_EQ(calls(), before);
        ASSERT_FALSE(opened.outcome.failure);
        EXPECT_TRUE(opened.later.empty());
        expect_the_same(worker, opened.outcome.result, read);
    }
    EXPECT_EQ(worker->figures().remembered, 4U);
    EXPECT_GT(worker->figures().recent_bytes, 0U);
}

TEST_F(RecentTest, WhatCannotBeRememberedIsRead) {
    Worker worker(context, remembering());
    wait_for(put(worker, "room:1", "a", "1"));
    wait_for(put(worker, "room:1", "b", "1"));
    EXPECT_FALSE(worker->remembers("room:1", {3, 1'000, 0, 0})) << "of the future";
    EXPECT_FALSE(worker->remembers("room:1", {1, 1'000, 0, 7})) << "of another epoch";
    EXPECT_TRUE(worker->remembers("room:1", {0, 1'000, 0, 7})) << "from the beginning";
    EXPECT_TRUE(wait_for(open(worker, "room:1", {3, 1'000, 0, 0})).outcome.result.unknown_version);
    EXPECT_TRUE(wait_for(open(worker, "room:1", {1, 1'000, 0, 7})).outcome.result.unknown_version);
    const auto page = wait_for(open(worker, "room:1", {0, 1, 0, 0}));  // over the limit
    EXPECT_TRUE(page.outcome.result.more);
    EXPECT_EQ(page.outcome.result.version, 1U);
    EXPECT_EQ(worker->figures().remembered, 0U);
}

TEST_F(RecentTest, OneReadIsEnoughForAllWhoHaveMissedNothing) {
    {
        Worker earlier(context, remembering());
        wait_for(put(earlier, "room:1", "a", "1"));
        stop(earlier);
    }
    auto consumed = remembering();
    Worker first(context, consumed);
    first.consume = true;
    run_until([&] { return first.versions("room:1").size() == 1; });
    wait_for(put(first, "room:3", "a", "1"));
    stop(first);
    Worker worker(context, consumed);  // begins behind what was consumed
    const SyncRead read{1, 1'000, 0, 0};
    EXPECT_FALSE(wait_for(open(worker, "room:1", read)).outcome.failure);
    EXPECT_EQ(worker->figures().remembered, 0U);
    EXPECT_TRUE(worker->remembers("room:1", read));
    const auto before = calls();
    const auto opened = wait_for(open(worker, "room:1", read));
    EXPECT_EQ(calls(), before);
    EXPECT_TRUE(opened.outcome.result.entities.empty());
    EXPECT_EQ(opened.outcome.result.version, 1U);
}

TEST_F(RecentTest, NothingIsRememberedOfTheDirectoryNorWithoutMemory) {
    Worker worker(context, remembering());
    wait_for(put(worker, "directory", "a", "1"));
    EXPECT_FALSE(worker->remembers("directory", {0, 1'000, 0, 0}));
    auto without = options();
    without.recent_bytes = 0;
    Worker other(context, without);
    wait_for(put(other, "room:1", "a", "1"));
    EXPECT_FALSE(other->remembers("room:1", {0, 1'000, 0, 0}));
    EXPECT_EQ(wait_for(open(other, "room:1", {0, 1'000, 0, 0})).outcome.result.entities.size(), 1U);
    EXPECT_EQ(other->figures().remembered, 0U);
}

TEST_F(RecentTest, NothingIsRememberedWhileTheFeedIsNotCompared) {
    Worker worker(context, remembering());
    wait_for(put(worker, "room:1", "a", "1"));
    ASSERT_TRUE(worker->remembers("room:1", {1, 1'000, 0, 0}));
    redis.kill();
    run_until([&] { return !worker->remembers("room:1", {1, 1'000, 0, 0}); });
    redis.start();
    run_until([&] { return worker->remembers("room:1", {1, 1'000, 0, 0}); });
}

TEST_F(RecentTest, ACommitThatIsUnderWayIsToldOnce) {
    Worker worker(context, remembering());
    wait_for(put(worker, "room:1", "a", "1"));
    Answer<Opened> opened;
    // Amid the call of the sink, of which the fan-out may know already or not.
    worker.on_release = [&](const Released& commit) {
        if (commit.version == 2) opened = open(worker, "room:1", {1, 1'000, 0, 0});
    };
    wait_for(put(worker, "room:1", "a", "2"));
    wait_for(put(worker, "room:1", "a", "3"));
    run_until([&] { return opened && opened->has_value(); });
    const auto& result = **opened;
    const auto total =
        result.outcome.result.version + result.later.size() + worker.released.size() - result.released_before;
    EXPECT_EQ(total, 3U);
}

// For random histories by two nodes, and resumes from random versions at random moments with little memory: what a
// client has, what it is told, what came later and what the sink got after it are, together, the final state.
TEST_F(RecentTest, ResumesHandOverWithoutGapOrRepetition) {
    const auto seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
    auto small = remembering();
    small.recent_bytes = 6'000;
    Worker first(context, small);
    Worker second(context, small);
    Worker* const workers[] = {&first, &second};
    struct Reader {
        Worker* worker;
        Version since;
        Answer<Opened> opened;
    };
    std::vector<Reader> readers;
    std::vector<Answer<ChangeOutcome>> answers;
    for (int step = 0; step < 1'500; ++step) {
        auto& worker = *workers[below(2)];
        if (below(3) == 0) {
            const auto seen = workers[below(2)]->versions("room:1");  // a client may come from the other node
            const Version last = seen.empty() ? 0 : seen.back();
            const Version since = last - std::min<Version>(last, below(100));
            readers.push_back({&worker, since, open(worker, "room:1", {since, 100'000, 0, 0})});
        } else {
            Commit commit;
            for (auto puts = 1 + below(3); puts > 0; --puts)
                commit.puts.push_back({"k" + std::to_string(10 * puts + below(9)), std::to_string(step), {}});
            answers.push_back(change(worker, request(below(5) == 0 ? "room:2" : "room:1"), always(commit)));
        }
        context.restart();
        for (auto turn = below(20); turn > 0; --turn) context.poll_one();
        if (below(20) == 0 && !answers.empty()) wait_for(answers.back());
    }
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    for (const auto& reader : readers) EXPECT_FALSE(wait_for(reader.opened).outcome.failure);
    const auto last = std::max(first.versions("room:1").back(), second.versions("room:1").back());
    run_until([&] { return first.versions("room:1").back() == last && second.versions("room:1").back() == last; });
    std::map<Version, State> states{{0, {}}};
    for (const auto& commit : first.released) {
        if (commit->channel != "room:1") continue;
        auto next = states.rbegin()->second;
        apply(next, commit->entities);
        states[commit->version] = std::move(next);
    }
    for (const auto& reader : readers) {
        const auto& opened = **reader.opened;
        auto version = opened.outcome.result.version;
        State replayed = states.at(reader.since);
        apply(replayed, opened.outcome.result.entities);
        ASSERT_EQ(replayed, states.at(version));
        auto following = opened.later;
        following.insert(following.end(),
                         reader.worker->released.begin() + static_cast<std::ptrdiff_t>(opened.released_before),
                         reader.worker->released.end());
        for (const auto& commit : following) {
            if (commit->channel != "room:1") continue;
            ASSERT_EQ(commit->version, ++version);
            apply(replayed, commit->entities);
        }
        EXPECT_EQ(replayed, states.rbegin()->second);
    }
    const auto remembered = first->figures().remembered + second->figures().remembered;
    EXPECT_GT(remembered, 20U);
    EXPECT_LT(remembered, readers.size()) << "some reach back too far";
}

}  // namespace
}  // namespace foorumi::test
