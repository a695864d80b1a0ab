#include <gmock/gmock.h>

#include <algorithm>

#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

class DirectoryHomeTest : public WorkerTest {
   protected:
    // Answers the read under way with one entity. `present`: the channel's version then; 0: that of the entity.
    void answer(const std::string& key, const std::string& bytes, store::Version version, bool more,
                store::Version present = 0) {
        store::ReadOutcome<store::SyncResult> outcome;
        outcome.result.version = version;
        outcome.result.present = std::max(version, present);
        outcome.result.entities.push_back({key, version, bytes});
        outcome.result.more = more;
        answer(std::move(outcome));
    }
    void answer(store::ReadOutcome<store::SyncResult> outcome) {
        auto sync = std::move(store->syncs.front());
        store->syncs.pop_front();
        sync.done(std::move(outcome), {});
        run();
    }
    void forgotten(store::Version version, bool more, store::Version present = 0) {
        answer("forgotten", directory::encode_forgotten(), version, more, present);
    }
    void expect_read(store::Version since, std::size_t limit) {
        ASSERT_EQ(store->syncs.size(), 1U);
        EXPECT_EQ(store->syncs.front().read.since, since);
        EXPECT_EQ(store->syncs.front().read.limit, limit);
    }
};

TEST_F(DirectoryHomeTest, PagesAreShownOnlyTogether) {
    bool loaded = false;
    worker.home().load_directory([&] { loaded = true; });
    ASSERT_EQ(store->syncs.size(), 1U);
    EXPECT_EQ(store->syncs.front().read.since, 1U);
    answer("room:3", cabinet_of({forum::Role::office_holder}), 8, true);
    EXPECT_EQ(shared.directory.version(), 1U) << "what was before version 8 may be on a later page";
    ASSERT_EQ(store->syncs.size(), 1U);
    EXPECT_EQ(store->syncs.front().read.since, 8U);
    answer("member:4", "", 9, false);
    EXPECT_TRUE(loaded);
    const auto current = shared.directory.current();
    EXPECT_EQ(current->version(), 9U);
    EXPECT_EQ(current->member(aino), nullptr);
    EXPECT_TRUE(forum::may_read(*current, *current->member(officer), {forum::ChannelKind::room, cabinet}, 0));
}

TEST_F(DirectoryHomeTest, PageThatFailsIsReadAgainBehindThoseThatCame) {
    worker.home().load_directory([] {});
    answer("room:3", cabinet_of({forum::Role::office_holder}), 8, true);
    const auto failing = std::move(store->syncs.front());
    store->syncs.pop_front();
    failing.done({store::Failure::unavailable, {}}, {});
    pass(std::chrono::seconds(1));
    ASSERT_EQ(store->syncs.size(), 1U);
    EXPECT_EQ(store->syncs.front().read.since, 8U);
    answer("member:4", "", 9, false);
    EXPECT_EQ(shared.directory.version(), 9U);
    EXPECT_FALSE(forum::may_read(*shared.directory.current(), {}, {forum::ChannelKind::room, cabinet}, 0));
}

// --- what was forgotten, of which a sync does not tell

TEST_F(DirectoryHomeTest, WhereSomethingWasForgottenSinceItIsLoadedFromNothing) {
    bool loaded = false;
    worker.home().load_directory([&] { loaded = true; });
    answer("room:3", cabinet_of({forum::Role::office_holder}), 8, true, 20);
    forgotten(9, false, 20);
    EXPECT_FALSE(loaded);
    EXPECT_EQ(shared.directory.version(), 1U) << "what was is shown until the whole is there";
    expect_read(0, 10'000);
    answer("room:3", cabinet_of({forum::Role::office_holder}), 8, true, 20);
    forgotten(9, true, 20);
    EXPECT_FALSE(loaded);
    answer("token:bb", directory::encode_token(officer, 1), 20, false);
    EXPECT_TRUE(loaded);
    const auto current = shared.directory.current();
    EXPECT_EQ(current->version(), 20U);
    EXPECT_EQ(current->session("aa"), nullptr) << "of which the store has told nothing";
    EXPECT_NE(current->session("bb"), nullptr);
}

TEST_F(DirectoryHomeTest, WhatWasForgottenBeforeIsNoReasonToLoadFromNothing) {
    write({{"forgotten", directory::encode_forgotten()}});
    bool loaded = false;
    worker.home().load_directory([&] { loaded = true; });
    expect_read(2, 5'000);
    forgotten(2, false);
    EXPECT_TRUE(loaded) << "at the version that there is already";
    EXPECT_NE(shared.directory.current()->session("aa"), nullptr);
}

// What a page has may be forgotten before the next one is read.
TEST_F(DirectoryHomeTest, WhatIsForgottenBetweenTwoPagesIsNotShown) {
    worker.home().load_directory([] {});
    forgotten(9, false);
    for (std::size_t limit = 10'000; limit <= 40'000; limit *= 2) {
        expect_read(0, limit);
        answer("token:aa", directory::encode_token(aino, 1), 8, true, 20);
        expect_read(8, limit);
        forgotten(21, false);
    }
    expect_read(0, 80'000);
    answer("token:aa", directory::encode_token(aino, 1), 8, true, 20);
    forgotten(20, false, 22);
    EXPECT_EQ(shared.directory.version(), 20U) << "before the first page was read";
}

TEST_F(DirectoryHomeTest, PageThatFailsAsItIsLoadedFromNothingIsReadAgain) {
    worker.home().load_directory([] {});
    forgotten(9, false);
    answer({store::Failure::unavailable, {}});
    pass(std::chrono::seconds(1));
    expect_read(0, 10'000);
    forgotten(9, false);
    EXPECT_EQ(shared.directory.version(), 9U);
    EXPECT_EQ(shared.directory.current()->session("aa"), nullptr);
}

TEST_F(DirectoryHomeTest, RestoredBackupIsLoadedFromNothing) {
    worker.home().load_directory([] {});
    store::ReadOutcome<store::SyncResult> behind;
    behind.result.unknown_version = true;
    answer(std::move(behind));
    EXPECT_EQ(shared.directory.version(), 0U);
    expect_read(0, 10'000);
    forgotten(1, false);
    EXPECT_EQ(shared.directory.version(), 1U);
}

TEST_F(DirectoryHomeTest, CommitThatForgetsIsMarked) {
    worker.home().write_directory({}, {{"token:aa", {}, {}, true}}, true, [](auto) {});
    store->decide(FakeView());
    ASSERT_TRUE(store->decided);
    std::vector<std::string> keys;
    for (const auto& put : store->decided->puts) keys.push_back(put.key);
    EXPECT_THAT(keys, testing::ElementsAre("token:aa", "forgotten", "fence"));
    EXPECT_TRUE(store->decided->puts.front().forget);
    EXPECT_FALSE(store->decided->puts[1].forget);
    worker.home().write_directory({}, {{"token:aa", "x", {}}}, false, [](auto) {});
    store->decide(FakeView());
    EXPECT_EQ(store->decided->puts.size(), 1U);
}

}  // namespace
}  // namespace foorumi::dispatch
