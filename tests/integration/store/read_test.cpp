// Reads: pages, indexes, and the hand-over to the sink.
#include <gmock/gmock.h>

#include <random>

#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;

class ReadTest : public StoreTest {
   protected:
    Answer<ReadOutcome<IndexResult>> index(Worker& worker, const std::string& channel, IndexRead read) {
        auto answer = std::make_shared<std::optional<ReadOutcome<IndexResult>>>();
        worker->read_index(channel, std::move(read),
                           [answer](ReadOutcome<IndexResult> outcome) { *answer = std::move(outcome); });
        return answer;
    }
    static std::vector<std::string> members(const IndexResult& result) {
        std::vector<std::string> all;
        for (const auto& row : result.rows) all.push_back(row.member);
        return all;
    }
    static std::vector<std::string> keys(const SyncResult& result) {
        std::vector<std::string> all;
        for (const auto& entity : result.entities) all.push_back(entity.key);
        return all;
    }
};

TEST_F(ReadTest, SyncTellsEachEntityOnceInItsPresentState) {
    Worker worker(context, options());
    for (const auto* key : {"a", "b", "c", "a"}) wait_for(put(worker, "room:1", key, std::string(key) + "!"));
    const auto all = wait_for(sync(worker, "room:1")).result;
    EXPECT_THAT(keys(all), ElementsAre("b", "c", "a"));
    EXPECT_EQ(all.version, 4u);
    EXPECT_FALSE(all.more);
    EXPECT_EQ(all.entities[2].version, 4u);
    EXPECT_EQ(all.entities[2].bytes, "a!");
    EXPECT_THAT(keys(wait_for(sync(worker, "room:1", {3, 10})).result), ElementsAre("a"));
    EXPECT_TRUE(keys(wait_for(sync(worker, "room:1", {4, 10})).result).empty());
    EXPECT_TRUE(wait_for(sync(worker, "room:1", {5, 10})).result.unknown_version);
    EXPECT_EQ(wait_for(sync(worker, "room:9")).result.version, 0u);
}

TEST_F(ReadTest, PagesOfASyncNeverSplitACommit) {
    Worker worker(context, options());
    for (int i = 0; i < 3; ++i) {
        Commit commit;
        for (const auto* key : {"x:@", "y:@", "z:@"}) commit.puts.push_back({key, "v", ""});
        wait_for(change(worker, request("room:1"), always(commit)));
    }
    const auto first = wait_for(sync(worker, "room:1", {0, 4})).result;
    EXPECT_THAT(keys(first), ElementsAre("x:1", "y:1", "z:1"));
    EXPECT_TRUE(first.more);
    EXPECT_EQ(first.version, 1u);
    const auto second = wait_for(sync(worker, "room:1", {1, 2})).result;  // a commit larger than the page comes whole
    EXPECT_THAT(keys(second), ElementsAre("x:2", "y:2", "z:2"));
    EXPECT_TRUE(second.more);
    const auto last = wait_for(sync(worker, "room:1", {2, 1})).result;
    EXPECT_EQ(last.entities.size(), 3u);
    EXPECT_FALSE(last.more);
    EXPECT_EQ(last.version, 3u);
}

TEST_F(ReadTest, PageOfASyncTakesACommitThatIsLargerThanItsBudget) {
    Worker worker(context, options());
    Commit commit;
    for (int n = 0; n < 250; ++n) commit.puts.push_back({"a:" + std::to_string(n), std::string(100, 'x'), ""});
    wait_for(change(worker, request("room:1"), always(commit)));
    wait_for(put(worker, "room:1", "b", "x"));
    const auto page = wait_for(sync(worker, "room:1", {0, 1'000, 5'000})).result;
    EXPECT_EQ(page.entities.size(), 250U);
    EXPECT_EQ(page.version, 1U);
    EXPECT_TRUE(page.more);
}

TEST_F(ReadTest, PagesAreBoundedInBytesToo) {
    Worker worker(context, options());
    const std::string text(10'000, 'x');
    for (int i = 0; i < 6; ++i) {
        Commit commit = putting("message:@", text);
        commit.indexes.push_back({"t:1", "@.7", 0, false});
        wait_for(change(worker, request("room:1"), always(commit)));
    }
    const auto page = wait_for(sync(worker, "room:1", {0, 1'000, 25'000})).result;
    EXPECT_THAT(keys(page), ElementsAre("message:1", "message:2"));
    EXPECT_TRUE(page.more);
    EXPECT_EQ(page.version, 2u);
    const auto rest = wait_for(sync(worker, "room:1", {2, 1'000, 45'000})).result;
    EXPECT_EQ(rest.entities.size(), 4u);
    EXPECT_FALSE(rest.more);
    EXPECT_EQ(rest.version, 6u);
    const auto one = wait_for(sync(worker, "room:1", {0, 1'000, 100})).result;
    EXPECT_THAT(keys(one), ElementsAre("message:1")) << "at least one commit";

    IndexRead read;
    read.index = "t:1";
    read.descending = true;
    read.limit = 100;
    read.bytes = 15'000;
    read.prefixes = {"message:"};
    auto answer = std::make_shared<std::optional<ReadOutcome<IndexResult>>>();
    worker->read_index("room:1", read, [answer](ReadOutcome<IndexResult> outcome) { *answer = std::move(outcome); });
    const auto slice = wait_for(answer).result;
    ASSERT_EQ(slice.rows.size(), 2u);
    EXPECT_EQ(slice.rows[0].member, "6.7");
    EXPECT_TRUE(slice.more);
}

// Entities are fetched many at a time, which shows in no answer: the budget cuts between two scores, also far behind
// the first fetch, and never within one.
TEST_F(ReadTest, LargeSliceIsCutByItsBudgetBetweenTwoScores) {
    Worker worker(context, options());
    constexpr Version rows = 150;  // with two entities each; forty of them of one score
    const auto score_of = [](Version n) { return n <= 100 || n > 140 ? n : 101; };
    Commit commit;
    for (Version n = 1; n <= rows; ++n) {
        const auto name = std::to_string(n);
        commit.puts.push_back({"a:" + name, std::string(100, 'a'), ""});
        if (n % 2 == 0) commit.puts.push_back({"b:" + name, name, ""});
        commit.indexes.push_back({"t", name, score_of(n), false});
    }
    wait_for(change(worker, request("room:1"), always(commit)));
    const auto read = [&](std::size_t budget) {
        IndexRead slice{.index = "t", .limit = 1'000, .bytes = budget, .prefixes = {"a:", "b:"}, .counts = {}};
        return wait_for(index(worker, "room:1", std::move(slice))).result;
    };
    const auto bytes_of = [](Version n) {  // of a row's keys and values, and 32 beside each
        const auto digits = std::to_string(n).size();
        return 2 * (2 + digits + 32) + 100 + (n % 2 == 0 ? digits : 0);
    };
    for (const std::size_t budget : {1, 2'000, 8'600, 13'000, 17'500, 20'000, 24'000, 1'000'000, 0}) {
        SCOPED_TRACE(budget);
        std::size_t expected = 0, bytes = 0;
        while (expected < rows) {
            if (budget > 0 && bytes > budget && score_of(expected + 1) != score_of(expected)) break;
            bytes += bytes_of(++expected);
        }
        const auto slice = read(budget);
        ASSERT_EQ(slice.rows.size(), expected);
        EXPECT_EQ(slice.more, expected < rows);
        std::map<std::string, int> seen;
        for (const auto& row : slice.rows) {
            EXPECT_EQ(++seen[row.member], 1);
            ASSERT_EQ(row.entities.size(), 2U);
            EXPECT_EQ(row.entities[0].key, "a:" + row.member);
            EXPECT_EQ(row.entities[0].bytes, std::string(100, 'a'));
            EXPECT_EQ(row.entities[1].key, "b:" + row.member);
            const bool even = (row.member.back() - '0') % 2 == 0;
            EXPECT_EQ(row.entities[1].bytes, even ? row.member : "");
        }
    }
}

TEST_F(ReadTest, IndexIsSlicedWithItsEntitiesAndCounts) {
    Worker worker(context, options());
    for (int i = 0; i < 5; ++i) {
        Commit commit;
        commit.puts = {{"thread:@", "t", ""}, {"message:@", "m", ""}};
        commit.indexes = {{"threads", "@.7", 0, false}, {"t:@", "first", 0, false}, {"t:@", "second", 0, false}};
        wait_for(change(worker, request("room:1"), always(commit)));
    }
    const auto last =
        wait_for(
            index(
                worker, "room:1",
                {.index = "threads", .descending = true, .limit = 2, .prefixes = {"thread:", "none:"}, .counts = "t:"}))
            .result;
    EXPECT_THAT(members(last), ElementsAre("5.7", "4.7"));
    EXPECT_TRUE(last.more);
    EXPECT_EQ(last.version, 5u);
    EXPECT_EQ(last.rows[0].score, 5u);
    EXPECT_EQ(last.rows[0].count, 2u);
    ASSERT_EQ(last.rows[0].entities.size(), 2u);
    EXPECT_EQ(last.rows[0].entities[0].key, "thread:5");
    EXPECT_EQ(last.rows[0].entities[0].bytes, "t");
    EXPECT_EQ(last.rows[0].entities[1].version, 0u);
    EXPECT_THAT(
        members(
            wait_for(index(worker, "room:1", {.index = "threads", .limit = 2, .prefixes = {}, .counts = {}})).result),
        ElementsAre("1.7", "2.7"));
    EXPECT_THAT(
        members(
            wait_for(
                index(worker, "room:1",
                      {.index = "threads", .before = 4, .descending = true, .limit = 9, .prefixes = {}, .counts = {}}))
                .result),
        ElementsAre("3.7", "2.7", "1.7"));
    const auto tail =
        wait_for(index(worker, "room:1", {.index = "threads", .after = 3, .limit = 9, .prefixes = {}, .counts = {}}))
            .result;
    EXPECT_THAT(members(tail), ElementsAre("4.7", "5.7"));
    EXPECT_FALSE(tail.more);
    Commit removal = putting("room", "x");
    removal.indexes = {{"threads", "2.7", 0, true}, {"threads", "1.7", 99, false}};
    wait_for(change(worker, request("room:1"), always(removal)));
    EXPECT_THAT(
        members(
            wait_for(index(worker, "room:1", {.index = "threads", .limit = 9, .prefixes = {}, .counts = {}})).result),
        ElementsAre("3.7", "4.7", "5.7", "1.7"));
}

// For random indexes and ranges: what a script counts is what a look at each member tells.
TEST_F(ReadTest, CountsAreThoseOfALookAtEachMember) {
    const auto seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
    Worker worker(context, options());
    std::map<std::string, std::map<Version, std::string>> indexes;  // name -> score -> part behind '.'
    const std::vector<std::string> parts{"0", "7", "77", "7.0", ""};
    Commit commit = putting("room", "x");
    for (unsigned n = 0; n < 400; ++n) {
        const auto name = "t:" + std::to_string(below(5));
        const Version score = 1 + below(300);
        if (!indexes[name].emplace(score, parts[below(5)]).second) continue;
        const auto& part = indexes[name][score];
        auto member = std::to_string(score) + (part.empty() ? "" : "." + part);
        commit.indexes.push_back({name, std::move(member), score, false});
    }
    const auto version = wait_for(change(worker, request("room:1"), always(commit))).committed.version;
    for (int round = 0; round < 50; ++round) {
        CountRead read;
        read.before = below(4) == 0 ? 0 : below(320);
        read.limit = 1 + below(40);
        for (const auto& part : parts)
            if (below(3) == 0) read.excluded.push_back(part);
        for (unsigned n = below(8); n > 0; --n) read.ranges.push_back({"t:" + std::to_string(below(6)), below(300)});
        std::vector<std::uint64_t> expected;
        for (const auto& range : read.ranges) {
            std::size_t seen = 0;
            std::uint64_t counted = 0;
            for (const auto& [score, part] : indexes[range.index]) {
                if (score <= range.after || (read.before != 0 && score >= read.before)) continue;
                if (++seen > read.limit) break;
                if (std::ranges::find(read.excluded, part) == read.excluded.end()) ++counted;
            }
            expected.push_back(counted);
        }
        auto answer = std::make_shared<std::optional<ReadOutcome<CountResult>>>();
        worker->count_indexes("room:1", read, [answer](auto outcome) { *answer = std::move(outcome); });
        const auto result = wait_for(answer).result;
        EXPECT_EQ(result.counts, expected);
        EXPECT_EQ(result.version, version);
    }
}

TEST_F(ReadTest, CountsOfManyIndexesAreOneCall) {
    Worker worker(context, options());
    Commit commit = putting("room", "x");
    for (int n = 0; n < 3; ++n) commit.indexes.push_back({"t:999", std::to_string(n) + ".7", 0, false});
    wait_for(change(worker, request("room:1"), always(commit)));
    CountRead read;
    read.limit = 100;
    for (int n = 0; n < 1'000; ++n) read.ranges.push_back({"t:" + std::to_string(n), 0});
    auto answer = std::make_shared<std::optional<ReadOutcome<CountResult>>>();
    worker->count_indexes("room:1", read, [answer](auto outcome) { *answer = std::move(outcome); });
    const auto counts = wait_for(answer).result.counts;
    ASSERT_EQ(counts.size(), 1'000U);
    EXPECT_EQ(counts.front(), 0U);
    EXPECT_EQ(counts.back(), 3U);
}

TEST_F(ReadTest, EntitiesComeInTheOrderAsked) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    wait_for(put(worker, "room:1", "b", "2"));
    auto answer = std::make_shared<std::optional<ReadOutcome<EntitiesResult>>>();
    worker->read_entities("room:1", {"b", "none", "a"}, [answer](auto outcome) { *answer = std::move(outcome); });
    const auto result = wait_for(answer).result;
    EXPECT_EQ(result.version, 2u);
    ASSERT_EQ(result.entities.size(), 3u);
    EXPECT_EQ(result.entities[0].bytes, "2");
    EXPECT_EQ(result.entities[1].version, 0u);
    EXPECT_EQ(result.entities[2].version, 1u);
}

TEST_F(ReadTest, WaitForTheReleaseOfWhatTheyRead) {
    Worker writer(context, options());
    Worker reader(context, options());
    reader.may_release = false;
    wait_for(put(writer, "room:1", "a", "1"));
    const auto read = sync(reader, "room:1");
    wait_for(put(writer, "room:1", "a", "2"));
    wait_for(sync(writer, "room:1"));
    EXPECT_FALSE(read->has_value());
    EXPECT_TRUE(reader.released.empty());
    reader.may_release = true;
    reader->resume_tails();
    EXPECT_FALSE(wait_for(read).failure);
    EXPECT_FALSE(reader.released.empty());
}

// For random histories by two nodes and opens at random moments: snapshot, what came later and what the sink got after
// it are, together, the channel's final state, and no version is missing or twice behind the snapshot.
TEST_F(ReadTest, OpenHandsOverWithoutGapOrRepetition) {
    const auto seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
    Worker first(context, options());
    Worker second(context, options());
    Worker* const workers[] = {&first, &second};

    struct Reader {
        Worker* worker;
        std::string channel;
        Answer<Opened> opened;
    };
    std::vector<Reader> readers;
    std::vector<Answer<ChangeOutcome>> answers;
    for (int step = 0; step < 1'500; ++step) {
        auto& worker = *workers[below(2)];
        const auto channel = "room:" + std::to_string(below(3));
        if (below(10) == 0) {
            readers.push_back({&worker, channel, open(worker, channel, {0, 100'000})});
        } else if (below(4) == 0) {
            answers.push_back(increment(worker, channel, "n"));
        } else {
            answers.push_back(
                put(worker, channel, below(2) == 0 ? "k" + std::to_string(below(20)) : "new:@", std::to_string(step)));
        }
        if (below(5) == 0) {
            context.restart();
            for (unsigned turn = below(30); turn > 0; --turn) context.poll_one();
        }
    }
    for (const auto& answer : answers) {
        const auto outcome = wait_for(answer);
        EXPECT_TRUE(!outcome.failure || outcome.failure == Failure::contended);
    }
    std::map<std::string, std::map<std::string, std::string>> final_states;
    for (int c = 0; c < 3; ++c) {
        final_states["room:" + std::to_string(c)] = state(first, "room:" + std::to_string(c));
        EXPECT_EQ(state(second, "room:" + std::to_string(c)), final_states["room:" + std::to_string(c)]);
    }
    for (const auto& reader : readers) {
        const auto opened = wait_for(reader.opened);
        ASSERT_FALSE(opened.outcome.failure);
        std::map<std::string, std::string> replayed;
        for (const auto& entity : opened.outcome.result.entities) replayed[entity.key] = entity.bytes;
        auto version = opened.outcome.result.version;
        auto following = opened.later;
        following.insert(following.end(),
                         reader.worker->released.begin() + static_cast<std::ptrdiff_t>(opened.released_before),
                         reader.worker->released.end());
        for (const auto& commit : following) {
            if (commit->channel != reader.channel) continue;
            ASSERT_EQ(commit->version, ++version);
            for (const auto& entity : commit->entities) replayed[entity.key] = entity.bytes;
        }
        EXPECT_EQ(replayed, final_states[reader.channel]);
    }
    EXPECT_GT(readers.size(), 50u);
}

TEST_F(ReadTest, PublishedThingsReachEveryNodeAndNobodyElse) {
    Worker first(context, options());
    Worker second(context, options());
    const auto bytes = std::string("\0typing", 7);
    run_until([&] {  // a node hears from the moment that it has subscribed
        first->publish("room:1", bytes);
        context.restart();
        context.run_one_for(std::chrono::milliseconds(5));
        return !first.ephemerals.empty() && !second.ephemerals.empty();
    });
    EXPECT_EQ(first.ephemerals[0], std::pair(std::string("room:1"), bytes));
    EXPECT_EQ(second.ephemerals[0], std::pair(std::string("room:1"), bytes));
    EXPECT_TRUE(first.released.empty());
}

}  // namespace
}  // namespace foorumi::test
