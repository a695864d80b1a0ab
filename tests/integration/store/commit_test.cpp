// One commit: what it writes, and every answer that writes nothing.
#include <gmock/gmock.h>

#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;
using CommitTest = StoreTest;

TEST_F(CommitTest, IsReleasedToTheSinkBeforeItsAuthorIsAnswered) {
    Worker worker(context, options());
    Commit commit = putting("room", "hello");
    commit.effects = "effects@";
    std::size_t released_when_answered = 0;
    bool answered = false;
    worker->change(request("room:1"), always(commit), [&](ChangeOutcome outcome) {
        EXPECT_FALSE(outcome.failure);
        EXPECT_EQ(outcome.committed.version, 1u);
        EXPECT_FALSE(outcome.committed.repeated);
        released_when_answered = worker.released.size();
        answered = true;
    });
    run_until([&] { return answered; });
    ASSERT_EQ(released_when_answered, 1u);
    const auto& released = *worker.released[0];
    EXPECT_EQ(released.channel, "room:1");
    EXPECT_EQ(released.version, 1u);
    EXPECT_EQ(released.effects, "effects@");
    EXPECT_EQ(released.partition, partition_of("room:1", 2));
    EXPECT_EQ(released.position, 1u);
    ASSERT_EQ(released.entities.size(), 1u);
    EXPECT_EQ(released.entities[0].key, "room");
    EXPECT_EQ(released.entities[0].version, 1u);
    EXPECT_EQ(released.entities[0].bytes, "hello");
}

TEST_F(CommitTest, ReplacesAtByTheVersionAndFillsInTheSelfField) {
    Worker worker(context, options());
    for (int i = 0; i < 299; ++i) put(worker, "room:1", "room", "x");
    Commit commit;
    commit.puts.push_back({"thread:@", std::string("a\0b", 3), "\x12\x08"});
    commit.puts.push_back({"message:@", "text", ""});
    commit.indexes.push_back({"threads", "@", 0, false});
    commit.indexes.push_back({"t:@", "@.7", 0, false});
    const auto outcome = wait_for(change(worker, request("room:1"), always(commit)));
    ASSERT_FALSE(outcome.failure);
    ASSERT_EQ(outcome.committed.version, 300u);
    const auto& released = *worker.released.back();
    ASSERT_EQ(released.entities.size(), 2u);
    EXPECT_EQ(released.entities[0].key, "thread:300");
    // Field 2, three bytes: field 1 with the varint of 300.
    EXPECT_EQ(released.entities[0].bytes, std::string("a\0b\x12\x03\x08\xac\x02", 8));
    EXPECT_EQ(released.entities[1].key, "message:300");
    const auto key = "{p0" + std::to_string(partition_of("room:1", 2)) + "}:i:room:1:t:300";
    EXPECT_EQ(redis.command({"ZRANGE", key, "0", "-1", "WITHSCORES"}), "300.7\n300");
    EXPECT_EQ(state(worker, "room:1").at("thread:300"), released.entities[0].bytes);
}

TEST_F(CommitTest, WithTheSameIdAgainGetsTheFirstAnswerFromAnyNode) {
    Worker first(context, options());
    Worker second(context, options());
    const auto same = request("room:1");
    EXPECT_EQ(wait_for(change(first, same, always(putting("a", "1")))).committed.version, 1u);
    EXPECT_EQ(wait_for(put(first, "room:1", "b", "2")).committed.version, 2u);
    const auto outcome = wait_for(change(second, same, always(putting("a", "3"))));
    ASSERT_FALSE(outcome.failure);
    EXPECT_TRUE(outcome.committed.repeated);
    EXPECT_EQ(outcome.committed.version, 1u);
    EXPECT_EQ(state(first, "room:1").at("a"), "1");
}

TEST_F(CommitTest, WithTheSameIdAgainGetsTheFirstAnswerEvenWhereItWouldBeRefusedNow) {
    Worker worker(context, options());
    const auto same = request("room:1", {"lock"});
    const Decide decide = [](const View& view, Version&) -> std::optional<Commit> {
        const auto& lock = view.at("lock");
        if (!lock.bytes.empty()) return std::nullopt;
        return putting("message:@", "text", {{"lock", lock.version}});
    };
    EXPECT_EQ(wait_for(change(worker, same, decide)).committed.version, 1u);
    wait_for(put(worker, "room:1", "lock", "locked"));
    const auto repeated = wait_for(change(worker, same, decide));
    ASSERT_FALSE(repeated.failure);
    EXPECT_TRUE(repeated.committed.repeated);
    EXPECT_EQ(repeated.committed.version, 1u);
    EXPECT_EQ(wait_for(change(worker, request("room:1", {"lock"}), decide)).failure, Failure::refused);
}

TEST_F(CommitTest, WithTheSameIdAndAnotherFingerprintIsAConflict) {
    Worker worker(context, options());
    auto same = request("room:1");
    wait_for(change(worker, same, always(putting("a", "1"))));
    same.fingerprint[0] ^= 1;
    EXPECT_EQ(wait_for(change(worker, same, always(putting("a", "2")))).failure, Failure::conflict);
    same.author = 8;  // an id is its author's
    EXPECT_FALSE(wait_for(change(worker, same, always(putting("a", "3")))).failure);
    EXPECT_EQ(state(worker, "room:1").at("a"), "3");
}

TEST_F(CommitTest, WhatIsSetAsideIsRememberedWithoutAVersionAndTellsNobody) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    const auto released = worker.released.size();
    Commit aside;
    aside.set_aside = true;
    for (const bool from_feed : {false, true}) {
        auto same = request("room:1");
        same.from_feed = from_feed;
        const auto first = wait_for(change(worker, same, always(aside)));
        EXPECT_FALSE(first.failure);
        EXPECT_EQ(first.committed.version, 0u);
        EXPECT_FALSE(first.committed.repeated);
        const auto again = wait_for(change(worker, same, always(putting("a", "2"))));
        EXPECT_TRUE(again.committed.repeated);
        EXPECT_EQ(again.committed.version, 0u);
    }
    EXPECT_EQ(state(worker, "room:1").at("a"), "1");
    EXPECT_EQ(worker.released.size(), released);
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "3")).committed.version, 2u);
}

TEST_F(CommitTest, ChangeThatHadNothingToChangeIsNotDecidedAnewWhenRepeated) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    const auto same = request("room:1");
    const auto first = wait_for(change(worker, same, always(Commit{})));
    EXPECT_FALSE(first.failure);
    EXPECT_EQ(first.committed.version, 1u);
    wait_for(put(worker, "room:1", "a", "2"));
    const auto again = wait_for(change(worker, same, always(putting("a", "1"))));
    EXPECT_TRUE(again.committed.repeated);
    EXPECT_EQ(again.committed.version, 1u);
    EXPECT_EQ(state(worker, "room:1").at("a"), "2");
    auto other = same;
    other.fingerprint[0] ^= 1;
    EXPECT_EQ(wait_for(change(worker, other, always(putting("a", "3")))).failure, Failure::conflict);
}

TEST_F(CommitTest, RefusedChangeMayBeDoneLater) {
    Worker worker(context, options());
    const auto same = request("room:1");
    const auto refuse = [](const View&, Version&) { return std::optional<Commit>(); };
    EXPECT_EQ(wait_for(change(worker, same, refuse)).failure, Failure::refused);
    const auto done = wait_for(change(worker, same, always(putting("a", "1"))));
    EXPECT_FALSE(done.failure);
    EXPECT_FALSE(done.committed.repeated);
}

TEST_F(CommitTest, WhatDrainsTheFeedIsDoneThoughItIsFull) {
    auto bounded = options();
    bounded.feed_backlog = 3;
    Worker worker(context, bounded);
    for (int i = 0; i < 3; ++i) wait_for(put(worker, "room:1", "a", std::to_string(i)));
    EXPECT_EQ(wait_for(put(worker, "room:1", "a", "x")).failure, Failure::overloaded);
    Commit aside;
    aside.set_aside = true;
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(aside))).failure, Failure::overloaded);
    auto effect = request("room:1");
    effect.from_feed = true;
    EXPECT_FALSE(wait_for(change(worker, effect, always(aside))).failure);
    effect = request("room:1");
    effect.from_feed = true;
    EXPECT_FALSE(wait_for(change(worker, effect, always(putting("b", "1")))).failure);
}

TEST_F(CommitTest, OnAChangedEntityIsDecidedAgainOnItsPresentState) {
    Worker first(context, options());
    Worker second(context, options());
    for (int i = 0; i < 30; ++i) {
        const auto a = increment(first, "room:1", "n");
        const auto b = increment(second, "room:1", "n");
        EXPECT_FALSE(wait_for(a).failure);
        EXPECT_FALSE(wait_for(b).failure);
    }
    EXPECT_EQ(state(first, "room:1").at("n"), "60");
}

TEST_F(CommitTest, ThatAlwaysFailsItsExpectationIsContendedAndLeavesNothing) {
    Worker worker(context, options());
    std::size_t decisions = 0;
    const auto outcome = wait_for(change(worker, request("room:1"), [&](const View&, Version&) {
        ++decisions;
        return putting("a", "1", {{"b", 99}});
    }));
    EXPECT_EQ(outcome.failure, Failure::contended);
    EXPECT_EQ(decisions, options().max_tries);
    EXPECT_GT(outcome.retry_after_ms, 0u);
    EXPECT_TRUE(state(worker, "room:1").empty());
}

TEST_F(CommitTest, RefusalOnAStaleCacheIsDecidedAgain) {
    Worker first(context, options());
    Worker second(context, options());
    const Decide if_open = [](const View& view, Version&) -> std::optional<Commit> {
        if (view.at("lock").bytes == "locked") return std::nullopt;
        return putting("message:@", "text", {{"lock", view.at("lock").version}});
    };
    wait_for(put(first, "room:1", "lock", "locked"));
    EXPECT_EQ(wait_for(change(second, request("room:1", {"lock"}), if_open)).failure, Failure::refused);
    // The second node's cache cannot follow: its tail is paused.
    second.may_release = false;
    ASSERT_FALSE(wait_for(put(first, "room:1", "lock", "open")).failure);
    const auto accepted = change(second, request("room:1", {"lock"}), if_open);
    const auto committed = [&] { return first.versions("room:1").size() == 3; };
    run_until(committed);
    second.may_release = true;
    second->resume_tails();
    EXPECT_FALSE(wait_for(accepted).failure);
}

Commit needing(const std::string& key) {
    Commit undecided;
    undecided.further = {key};
    return undecided;
}

TEST_F(CommitTest, DecisionThatNeedsMoreIsMadeAgainWithItInItsPlace) {
    for (const std::size_t cached : {0, 1'000}) {
        auto with_cache = options();
        with_cache.cache_entities = cached;
        with_cache.max_tries = 1;
        Worker worker(context, with_cache);
        const std::string channel = cached == 0 ? "room:1" : "room:2";
        wait_for(put(worker, channel, "slow", "yes"));
        std::size_t decisions = 0;
        const Decide once = [&decisions](const View& view, Version&) -> std::optional<Commit> {
            ++decisions;
            if (!view.has("pace")) return needing("pace");
            if (!view.at("pace").bytes.empty()) return std::nullopt;
            return putting("pace", "now", {{"pace", view.at("pace").version}});
        };
        const auto first = change(worker, request(channel, {"slow"}), once);
        const auto second = change(worker, request(channel, {"slow"}), once);
        const auto behind = put(worker, channel, "other", "1");
        EXPECT_EQ(wait_for(first).committed.version, 2u);
        EXPECT_EQ(wait_for(second).failure, Failure::refused) << "it waits for the first one";
        EXPECT_EQ(wait_for(behind).committed.version, 3u) << "nothing overtakes";
        EXPECT_EQ(decisions, 4u);
    }
}

TEST_F(CommitTest, DecisionThatNeedsWhatItHasIsNone) {
    Worker worker(context, options());
    const auto outcome = wait_for(change(worker, request("room:1", {"a"}), always(needing("a"))));
    EXPECT_EQ(outcome.failure, Failure::refused);
}

TEST_F(CommitTest, WithoutPutsAnswersTheChannelsVersion) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    wait_for(put(worker, "room:1", "a", "2"));
    const auto outcome = wait_for(change(worker, request("room:1", {"a"}), always(Commit{})));
    ASSERT_FALSE(outcome.failure);
    EXPECT_EQ(outcome.committed.version, 2u);
    EXPECT_EQ(worker.released.size(), 2u);
}

TEST_F(CommitTest, IsRefusedWhileTheFeedIsFullOfWhatIsNotConsumed) {
    auto bounded = options();
    bounded.feed_backlog = 10;
    Worker worker(context, bounded);
    std::vector<Answer<ChangeOutcome>> answers;
    for (int i = 0; i < 12; ++i) answers.push_back(put(worker, "room:1", "a", std::to_string(i)));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(wait_for(answers[i]).failure);
    EXPECT_EQ(wait_for(answers[10]).failure, Failure::overloaded);
    EXPECT_GT(wait_for(answers[11]).retry_after_ms, 0u);
    worker->consumed(worker.released.back()->partition, worker.released.back()->position);
    const auto meta = "{p0" + std::to_string(partition_of("room:1", 2)) + "}:meta";
    run_until([&] { return redis.command({"HGET", meta, "done"}) == "10"; });
    EXPECT_FALSE(wait_for(put(worker, "room:1", "a", "more")).failure);
}

TEST_F(CommitTest, ErasedEntityStaysKnownAsGone) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    wait_for(put(worker, "room:1", "a", ""));
    const auto never = change(worker, request("room:1", {"a"}), [](const View& view, Version&) {
        EXPECT_EQ(view.at("a").version, 2u);
        EXPECT_EQ(view.at("a").bytes, "");
        return putting("b", "1", {{"a", view.at("a").version}});
    });
    EXPECT_FALSE(wait_for(never).failure);
    EXPECT_EQ(state(worker, "room:1").at("a"), "");
}

}  // namespace
}  // namespace foorumi::test
