#include <gmock/gmock.h>

#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

class DirectoryHomeTest : public WorkerTest {
   protected:
    // Answers the read under way with one entity.
    void answer(const std::string& key, const std::string& bytes, store::Version version, bool more) {
        auto sync = std::move(store->syncs.front());
        store->syncs.pop_front();
        store::ReadOutcome<store::SyncResult> outcome;
        outcome.result.version = version;
        outcome.result.entities.push_back({key, version, bytes});
        outcome.result.more = more;
        sync.done(std::move(outcome), {});
        run();
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
    EXPECT_TRUE(forum::may_read(*current, *current->member(officer), {forum::ChannelKind::room, cabinet}));
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
    EXPECT_FALSE(forum::may_read(*shared.directory.current(), {}, {forum::ChannelKind::room, cabinet}));
}

}  // namespace
}  // namespace foorumi::dispatch
