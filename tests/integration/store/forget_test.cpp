// Entities that are forgotten: nothing of them stays, and nothing is decided on what was.
#include <gmock/gmock.h>

#include <random>

#include "store_fixture.hpp"

namespace foorumi::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ForgetTest : public StoreTest {
   protected:
    static std::string prefix() { return "{p0" + std::to_string(partition_of("room:1", 2)) + "}:"; }
    std::string size(const char* command, const char* key) { return redis.command({command, prefix() + key}); }

    // Puts `key` as it was read, with an 'x' behind; keeps what each decision saw.
    Answer<ChangeOutcome> add_x(Worker& worker, const std::string& key, std::vector<Value>& seen) {
        return change(worker, request("room:1", {key}), [key, &seen](const View& view, Version&) {
            seen.push_back(view.at(key));
            return putting(key, view.at(key).bytes + "x", {{key, view.at(key).version}});
        });
    }
};

TEST_F(ForgetTest, NeitherKeyNorVersionStays) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    wait_for(put(worker, "room:1", "b", "1"));
    const auto both = wait_for(change(worker, request("room:1"), always(forgetting({"a", "b"}))));
    EXPECT_EQ(both.committed.version, 3U) << "a commit of nothing else";
    EXPECT_EQ(size("HLEN", "e:room:1"), "0");
    EXPECT_EQ(size("ZCARD", "x:room:1"), "0");
    EXPECT_THAT(state(worker, "room:1"), IsEmpty());
    const auto read = wait_for(sync(worker, "room:1")).result;
    EXPECT_EQ(read.version, 3U);
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(forgetting({"never"})))).committed.version, 4U);
    Commit mixed = putting("c", "1");
    mixed.puts.push_back({"a", {}, {}, true});
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(mixed))).committed.version, 5U);
    EXPECT_THAT(state(worker, "room:1"), ElementsAre(std::pair("c", "1")));
}

TEST_F(ForgetTest, FollowersAreToldThatItIsGone) {
    Worker worker(context, options());
    Worker other(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    Commit commit = forgetting({"a"});
    commit.puts.push_back({"b", "2", {}});
    wait_for(change(worker, request("room:1"), always(commit)));
    run_until([&] { return other.released.size() == 2; });
    const auto& entities = other.released.back()->entities;
    ASSERT_EQ(entities.size(), 2U);
    EXPECT_EQ(entities[0].key, "b");
    EXPECT_FALSE(entities[0].forgotten);
    EXPECT_EQ(entities[1].key, "a");
    EXPECT_EQ(entities[1].bytes, "");
    EXPECT_EQ(entities[1].version, 2U);
    EXPECT_TRUE(entities[1].forgotten);
}

TEST_F(ForgetTest, ExpectationOfNothingHoldsAgainAndThatOfBeforeDoesNot) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    wait_for(change(worker, request("room:1"), always(forgetting({"a"}))));
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(putting("b", "1", {{"a", 1}})))).failure,
              Failure::contended);
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(putting("a", "2", {{"a", 0}})))).committed.version, 3U);
    EXPECT_EQ(wait_for(change(worker, request("room:1"), always(putting("b", "1", {{"a", 1}})))).failure,
              Failure::contended)
        << "made again, it has another version";
    EXPECT_FALSE(wait_for(change(worker, request("room:1"), always(putting("b", "1", {{"a", 3}})))).failure);
}

TEST_F(ForgetTest, RepeatedForgettingIsAnsweredAsTheFirst) {
    Worker worker(context, options());
    wait_for(put(worker, "room:1", "a", "1"));
    const auto made = request("room:1");
    EXPECT_EQ(wait_for(change(worker, made, always(forgetting({"a"})))).committed.version, 2U);
    wait_for(put(worker, "room:1", "a", "2"));
    const auto again = wait_for(change(worker, made, always(forgetting({"a"}))));
    EXPECT_TRUE(again.committed.repeated);
    EXPECT_EQ(again.committed.version, 2U);
    EXPECT_THAT(state(worker, "room:1"), ElementsAre(std::pair("a", "2")));
}

// What is cached on the deciding node is 0 at once, and the older commits that its tail meets only then change nothing.
TEST_F(ForgetTest, DecidingNodeNeedsOneTryHoweverFarBehindItsTailIs) {
    Worker worker(context, options());
    worker.may_release = false;
    worker.on_release = [&](const Released& commit) { worker.may_release = commit.version != 2; };
    std::vector<Value> seen;
    std::vector<Answer<ChangeOutcome>> answers{add_x(worker, "a", seen), add_x(worker, "a", seen)};
    answers.push_back(change(worker, request("room:1", {"a"}), [](const View& view, Version&) {
        return forgetting({"a"}, {{"a", view.at("a").version}});
    }));
    const auto look = [&] {
        return change(worker, request("room:1", {"a"}), [&seen](const View& view, Version&) {
            seen.push_back(view.at("a"));
            return putting("b", "", {{"a", view.at("a").version}});
        });
    };
    answers.push_back(look());
    run_until([&] { return redis.command({"HGET", prefix() + "meta", "n"}) == "4"; });
    worker.may_release = true;
    worker->resume_tails();
    run_until([&] { return answers[1]->has_value(); });
    EXPECT_EQ(worker.released.size(), 2U);
    answers.push_back(look());
    run_until([&] { return redis.command({"HGET", prefix() + "meta", "n"}) == "5"; });
    worker.may_release = true;
    worker->resume_tails();
    for (const auto& answer : answers) EXPECT_FALSE(wait_for(answer).failure);
    std::vector<std::pair<Version, std::string>> got;
    for (const auto& value : seen) got.emplace_back(value.version, value.bytes);
    EXPECT_THAT(got, ElementsAre(std::pair(0, ""), std::pair(1, "x"), std::pair(0, ""), std::pair(0, "")));
}

TEST_F(ForgetTest, FollowingNodeNeedsOneTryOnceItHasHeardOfIt) {
    Worker worker(context, options());
    Worker other(context, options());
    std::vector<Value> seen;
    wait_for(add_x(other, "a", seen));  // and cached
    wait_for(change(worker, request("room:1"), always(forgetting({"a"}))));
    run_until([&] { return other.released.size() == 2; });
    EXPECT_FALSE(wait_for(add_x(other, "a", seen)).failure);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.back().version, 0U);
}

TEST_F(ForgetTest, FollowingNodeNeedsOneMoreTryBeforeItHasHeardOfIt) {
    Worker worker(context, options());
    Worker other(context, options());
    std::vector<Value> seen;
    wait_for(add_x(other, "a", seen));
    other.may_release = false;
    wait_for(change(worker, request("room:1"), always(forgetting({"a"}))));
    const auto late = add_x(other, "a", seen);
    const auto later = add_x(other, "a", seen);
    run_until([&] { return seen.size() == 4; });
    other.may_release = true;
    other->resume_tails();
    EXPECT_FALSE(wait_for(late).failure);
    EXPECT_FALSE(wait_for(later).failure);
    std::vector<Version> versions;
    for (const auto& value : seen) versions.push_back(value.version);
    EXPECT_THAT(versions, ElementsAre(0, 1, 0, 3)) << "the refusal tells what is there now";
}

TEST_F(ForgetTest, RandomHistoriesAreAsTheModelHasThem) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Worker here(context, options());
    Worker there(context, options());
    std::map<std::string, Value> model;  // of what is there, or emptied
    const auto version_of = [&](const std::string& key) { return model.contains(key) ? model[key].version : 0; };
    Version version = 0;
    for (int round = 0; round < 400; ++round) {
        auto& worker = random() % 2 == 0 ? here : there;
        std::vector<std::string> keys{"a", "b", "c", "d", "e", "f"};
        std::ranges::shuffle(keys, random);
        keys.resize(1 + random() % 3);
        Commit commit;
        for (const auto& key : keys) {
            const auto what = random() % 4;
            if (what == 0)
                commit.puts.push_back({key, {}, {}});
            else if (what == 1)
                commit.puts.push_back({key, {}, {}, true});
            else
                commit.puts.push_back({key, std::to_string(round), {}});
        }
        // Some of the decisions of each kind are made on nodes that have not heard of the last commits.
        const auto needs = keys;
        const auto outcome = wait_for(change(worker, request("room:1", needs), [&](const View& view, Version&) {
            auto decided = commit;
            for (const auto& key : needs) decided.expectations.push_back({key, view.at(key).version});
            return decided;
        }));
        ASSERT_FALSE(outcome.failure);
        ASSERT_EQ(outcome.committed.version, ++version) << "none is used twice";
        for (const auto& put : commit.puts) {
            if (put.forget)
                model.erase(put.key);
            else
                model[put.key] = {version, put.value};
        }
        // What is expected otherwise than the model has it is refused, by both.
        if (round % 20 == 0) {
            const auto& key = keys.front();
            auto strict = putting("z", "never", {{key, version_of(key) + 1}});
            ASSERT_EQ(wait_for(change(worker, request("room:1"), always(strict))).failure, Failure::contended);
        }
        const Version since = random() % (version + 1);
        const auto read = wait_for(sync(random() % 2 == 0 ? here : there, "room:1", {since, 1'000})).result;
        ASSERT_EQ(read.version, version);
        ASSERT_EQ(read.present, version);
        std::map<std::string, std::pair<Version, std::string>> got, expected;
        for (const auto& entity : read.entities) got[entity.key] = {entity.version, entity.bytes};
        for (const auto& [key, value] : model) {
            if (value.version > since) expected[key] = {value.version, value.bytes};
        }
        ASSERT_EQ(got, expected);
        ASSERT_EQ(size("HLEN", "e:room:1"), std::to_string(model.size()));
        ASSERT_EQ(size("ZCARD", "x:room:1"), std::to_string(model.size()));
    }
    // Who follows the feed comes to the same.
    run_until([&] { return here.released.size() == version && there.released.size() == version; });
    for (const auto* worker : {&here, &there}) {
        std::map<std::string, std::string> followed;
        for (const auto& commit : worker->released)
            for (const auto& entity : commit->entities) {
                if (entity.forgotten)
                    followed.erase(entity.key);
                else
                    followed[entity.key] = entity.bytes;
            }
        EXPECT_EQ(followed, state(here, "room:1"));
    }
}

}  // namespace
}  // namespace foorumi::test
