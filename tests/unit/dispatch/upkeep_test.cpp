#include "dispatch/upkeep.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "codec/entity_codec.hpp"
#include "directory/codec.hpp"
#include "fake_store.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Channels with indexes, answering at once. Members of an index are entity keys.
class FakeStore final : public EmptyStore {
   public:
    std::map<std::pair<std::string, std::string>, std::map<store::Version, std::string>> index;  // channel, name
    std::map<std::string, std::string> values;                                                   // key -> bytes
    store::Version version = 0;
    std::vector<std::string> emptied;
    store::Version last_decided_on = 0;
    bool one_page = false;      // as where all rows have one score
    std::size_t most_puts = 0;  // of one commit

    static std::string index_of(const std::string& key) {
        if (key.starts_with("inbox:")) return "inbox";
        if (key.starts_with("report:")) return "closed";
        return key.starts_with("purged:") ? "purges" : "earlier";
    }
    void put(const std::string& channel, const std::string& key, std::string bytes) {
        index[{channel, index_of(key)}][++version] = key;
        values[key] = std::move(bytes);
    }
    [[nodiscard]] std::vector<std::string> keys(const std::string& channel, std::string name = {}) {
        if (name.empty()) name = channel.starts_with("member:") ? "inbox" : "earlier";
        std::vector<std::string> all;
        for (const auto& [score, key] : index[{channel, name}]) all.push_back(key);
        return all;
    }

    void change(store::ChangeRequest request, store::Decide decide,
                std::function<void(store::ChangeOutcome)> done) override {
        FakeView view;
        for (const auto& key : request.needs) view.values[key] = {1, values[key]};
        store::Version decided_on = 0;
        const auto commit = decide(view, decided_on);
        last_decided_on = decided_on;
        most_puts = std::max(most_puts, commit->puts.size());
        for (const auto& put : commit->puts)
            if (put.value.empty()) emptied.push_back(put.key);
        for (const auto& change : commit->indexes) {
            auto& rows = index[{request.channel, change.index}];
            std::erase_if(rows, [&](const auto& row) { return row.second == change.member; });
            if (!change.remove) rows[++version] = change.member;
        }
        done({});
    }
    void read_entities(std::string, std::vector<std::string> keys,
                       store::ReadDone<store::EntitiesResult> done) override {
        store::ReadOutcome<store::EntitiesResult> outcome;
        for (const auto& key : keys) outcome.result.entities.push_back({key, 1, values[key]});
        done(std::move(outcome));
    }
    void read_index(std::string channel, store::IndexRead read, store::ReadDone<store::IndexResult> done) override {
        store::ReadOutcome<store::IndexResult> outcome;
        for (const auto& [score, key] : index[{channel, read.index}]) {
            if (score <= read.after) continue;
            store::IndexRow row{key, score, {}, 0};
            for (const auto& prefix : read.prefixes)
                row.entities.push_back({prefix + key, score, values[prefix + key]});
            outcome.result.rows.push_back(std::move(row));
        }
        if (read.descending) std::ranges::reverse(outcome.result.rows);
        outcome.result.more = !one_page && outcome.result.rows.size() > read.limit;
        if (outcome.result.more) outcome.result.rows.resize(read.limit);
        done(std::move(outcome));
    }
};

class UpkeepTest : public testing::Test {
   protected:
    UpkeepTest() {
        forum::ForumCard card;
        card.slug = "strategia";
        const auto bytes = directory::encode(card);
        const auto member = directory::encode(forum::MemberCard{0, "aino", "Aino", "091", {}, {}});
        const std::vector<directory::EntityChange> changes{{"forum:3", 3, bytes}, {"member:7", 3, member}};
        directory = directory::Snapshot().with(changes, 3);
    }
    Upkeep make(std::size_t inbox_entries) {
        return Upkeep({inbox_entries, std::chrono::minutes(60)},
                      {[this]() -> store::ChannelStore& { return store; },
                       [this]() -> const directory::Snapshot& { return *directory; }, [] { return store::Version{3}; },
                       [](std::string_view) { return true; }, [this] { return now; },
                       [this](const std::function<void(bool)>& done) { purges.push_back(done); },
                       [this] { return newest ? newest : directory; }});
    }
    void put_earlier(const std::string& key, forum::Millis keep_until) {
        forum::EarlierText text;
        text.text = "aiempi teksti";
        text.keep_until = keep_until;
        store.put("moderation:3", key, codec::encode_value(text));
    }
    void sweep_once() {
        auto upkeep = make(3);
        upkeep.tick(start);
        upkeep.tick(start + std::chrono::minutes(60));
    }
    const std::chrono::steady_clock::time_point start{std::chrono::hours(5)};
    FakeStore store;
    std::shared_ptr<const directory::Snapshot> directory;
    std::shared_ptr<const directory::Snapshot> newest;  // null: the same
    forum::Millis now = 1'000;
    std::vector<std::function<void(bool)>> purges;  // of the feeds, to be answered
};

TEST_F(UpkeepTest, InboxAtItsBoundKeepsEverything) {
    for (int n = 1; n <= 3; ++n) store.put("member:7", forum::inbox_key(1, static_cast<forum::Id>(n)), "x");
    make(3).trim_inbox("member:7");
    EXPECT_EQ(store.keys("member:7").size(), 3U);
}

TEST_F(UpkeepTest, InboxOverItsBoundLosesTheOldest) {
    for (int n = 1; n <= 5; ++n) store.put("member:7", forum::inbox_key(1, static_cast<forum::Id>(n)), "x");
    make(3).trim_inbox("member:7");
    EXPECT_THAT(store.keys("member:7"), ElementsAre("inbox:1:3", "inbox:1:4", "inbox:1:5"));
}

// Behind the sweep that has emptied it for good.
TEST_F(UpkeepTest, InboxOfAMemberWhoWasErasedIsNotWrittenToAnyMore) {
    for (int n = 1; n <= 5; ++n) store.put("member:8", forum::inbox_key(1, static_cast<forum::Id>(n)), "x");
    make(3).trim_inbox("member:8");
    EXPECT_EQ(store.keys("member:8").size(), 5U);
}

TEST_F(UpkeepTest, EarlierTextsGoWhenTheirRetentionIsOver) {
    put_earlier("earlier:1:2:1", 999);
    put_earlier("earlier:1:2:2", 1'000);
    put_earlier("earlier:1:9:1", 5'000);
    auto upkeep = make(3);
    upkeep.tick(start);
    upkeep.tick(start + std::chrono::minutes(60));
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("earlier:1:2:2", "earlier:1:9:1"));
    now = 6'000;
    upkeep.tick(start + std::chrono::minutes(119));
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("earlier:1:2:2", "earlier:1:9:1")) << "before the next sweep";
    upkeep.tick(start + std::chrono::minutes(120));
    EXPECT_THAT(store.keys("moderation:3"), IsEmpty());
}

// --- legal holds

class HeldUpkeepTest : public UpkeepTest {
   protected:
    void put_in(forum::Id thread, const std::string& key) {
        forum::EarlierText text;
        text.room = 5;
        text.thread = thread;
        text.text = "aiempi teksti";
        text.keep_until = 999;
        store.put("moderation:3", key, codec::encode_value(text));
    }
    [[nodiscard]] std::shared_ptr<const directory::Snapshot> with_hold(std::optional<forum::Id> thread,
                                                                       store::Version version) const {
        v1::DirectoryEntity entity;
        entity.mutable_room()->set_forum(3);
        if (thread) entity.mutable_room()->add_holds()->set_thread(*thread);
        const auto bytes = entity.SerializeAsString();
        const std::vector<directory::EntityChange> changes{{"room:5", version, bytes}};
        return directory->with(changes, version);
    }
};

// A message may be in another thread than what is kept of it says: while one is held all of the room's stays.
TEST_F(HeldUpkeepTest, NothingOfARoomWithAHeldThreadGoesUntilTheHoldIsLifted) {
    put_in(12, "earlier:5:12:1");
    put_in(13, "earlier:5:13:1");
    forum::Report report;
    report.room = 5;
    report.thread = 13;
    report.state = forum::ReportState::resolved;
    report.keep_until = 999;
    store.put("moderation:3", "report:1", codec::encode_value(report));
    directory = with_hold(12, 4);
    auto upkeep = make(3);
    upkeep.tick(start);
    upkeep.tick(start + std::chrono::minutes(60));
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("earlier:5:12:1", "earlier:5:13:1"));
    EXPECT_THAT(store.keys("moderation:3", "closed"), ElementsAre("report:1"));
    directory = with_hold(std::nullopt, 5);
    upkeep.tick(start + std::chrono::minutes(120));
    EXPECT_THAT(store.keys("moderation:3"), IsEmpty());
    EXPECT_THAT(store.keys("moderation:3", "closed"), IsEmpty());
}

// What it is about may be where the hold is.
TEST_F(HeldUpkeepTest, AReportOfAMessageThatHasLeftTheRoomStaysWhileAHoldStandsAnywhere) {
    forum::Report report;
    report.room = 4;
    report.thread = 12;
    report.state = forum::ReportState::resolved;
    report.keep_until = 999;
    for (const forum::Id message : {13U, 14U, 15U}) {
        report.message = message;
        store.put("moderation:3", "report:" + std::to_string(message), codec::encode_value(report));
    }
    store.values["message:13"] = codec::encode_value(forum::Redirect{1, 5, 20, 21});
    store.values["message:14"] = codec::encode_value(forum::Message{});
    directory = with_hold(20, 4);
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3", "closed"), ElementsAre("report:13", "report:15"));
    directory = with_hold(std::nullopt, 5);
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3", "closed"), IsEmpty());
}

TEST_F(HeldUpkeepTest, AHoldOfTheRoomKeepsAllOfIt) {
    put_in(12, "earlier:5:12:1");
    put_in(13, "earlier:5:13:1");
    directory = with_hold(0, 4);
    sweep_once();
    EXPECT_EQ(store.keys("moderation:3").size(), 2U);
}

// What is decided on is the newest directory, whatever was looked at before.
TEST_F(HeldUpkeepTest, AHoldThatComesBetweenTheLookAndTheCommitCounts) {
    put_in(12, "earlier:5:12:1");
    directory = with_hold(std::nullopt, 4);
    newest = with_hold(12, 5);
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("earlier:5:12:1"));
    EXPECT_EQ(store.last_decided_on, 5U);
}

// Those of one erased member all end at one moment, so they come in one page however many they are.
TEST_F(UpkeepTest, ManyTextsThatEndAtOneMomentGoInCommitsOfABoundedSize) {
    store.one_page = true;
    for (int n = 0; n < 1000; ++n) put_earlier("earlier:1:2:" + std::to_string(n), 10);
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3"), IsEmpty());
    EXPECT_EQ(store.emptied.size(), 1000U);
    EXPECT_EQ(store.most_puts, 256U);
}

// Or the rest would stay behind, with nothing that leads to it.
TEST_F(UpkeepTest, AReportGoesWithAllThatWasSaidInOneCommit) {
    store.one_page = true;
    forum::Report report;
    report.state = forum::ReportState::resolved;
    report.reporters = 90;
    report.notes = 9;
    report.keep_until = 999;
    for (int n = 0; n < 3; ++n)
        store.put("moderation:3", "report:" + std::to_string(n + 1), codec::encode_value(report));
    sweep_once();
    EXPECT_EQ(store.emptied.size(), 300U);
    EXPECT_EQ(store.most_puts, 200U);
}

TEST_F(UpkeepTest, ClosedReportsGoWithAllThatWasSaid) {
    const auto put = [this](const std::string& key, forum::ReportState state, forum::Millis keep_until) {
        forum::Report report;
        report.state = state;
        report.reporters = 2;
        report.notes = 1;
        report.keep_until = keep_until;
        store.put("moderation:3", key, codec::encode_value(report));
    };
    put("report:1", forum::ReportState::resolved, 999);
    put("report:2", forum::ReportState::fresh, 0);
    put("report:3", forum::ReportState::rejected, 1'000);
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3", "closed"), ElementsAre("report:2", "report:3"));
    EXPECT_THAT(store.emptied,
                testing::UnorderedElementsAre("report:1", ".report:1:by:1", ".report:1:by:2", ".report:1:note:1"));
}

// They came later than texts that stay longer, and are looked at in the order of their end.
TEST_F(UpkeepTest, TextsThatCameWithAMoveGoWhenTheRestOfTheirRetentionIsOver) {
    put_earlier("earlier:1:2:1", 5'000);
    for (const forum::Millis keep_until : {999, 1'001}) {
        forum::EarlierText text;
        text.keep_until = keep_until;
        const auto key = "earlier:1:9:" + std::to_string(keep_until);
        store.index[{"moderation:3", "earlier-moved"}][static_cast<store::Version>(keep_until)] = key;
        store.values[key] = codec::encode_value(text);
    }
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3", "earlier-moved"), ElementsAre("earlier:1:9:1001"));
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("earlier:1:2:1"));
}

TEST_F(UpkeepTest, ClockThatWasWrongAtTheStartCostsNothing) {
    put_earlier("earlier:1:2:1", 5'000);
    auto upkeep = make(3);
    now = 1'000'000;
    upkeep.tick(start);
    upkeep.tick(start + std::chrono::minutes(59));
    now = 1'000;
    upkeep.tick(start + std::chrono::minutes(60));
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("earlier:1:2:1"));
}

TEST_F(UpkeepTest, WhatCannotBeReadStaysAndHoldsNothingUp) {
    std::vector<std::string> unreadable;
    for (int n = 0; n < 100; ++n) {  // more than one batch
        unreadable.push_back("earlier:1:1:" + std::to_string(n));
        store.put("moderation:3", unreadable.back(), n % 2 == 0 ? "\x62\xff" : codec::encode_value(forum::ReadMark{1}));
        if (n % 3 == 0) put_earlier("earlier:1:2:" + std::to_string(n), 10);
    }
    store.put("moderation:3", "earlier:1:3:1", "");  // gone, but for its row in the index
    put_earlier("earlier:1:4:1", 5'000);
    sweep_once();
    unreadable.emplace_back("earlier:1:4:1");
    EXPECT_EQ(store.keys("moderation:3"), unreadable);
}

TEST_F(UpkeepTest, WhatWasPurgedLeavesTheFeedsBeforeItIsNoted) {
    store.put("moderation:3", "purged:1:2:1", "mark");
    store.put("moderation:3", "purged:1:3:1", "");  // of somebody who was erased meanwhile
    auto upkeep = make(3);
    upkeep.tick(start);
    ASSERT_EQ(purges.size(), 1U) << "also what a node has left behind that stopped";
    EXPECT_EQ(store.keys("moderation:3", "purges").size(), 2U);
    upkeep.tick(start + std::chrono::seconds(1));
    EXPECT_EQ(purges.size(), 1U) << "one at a time";
    purges.back()(true);
    EXPECT_THAT(store.keys("moderation:3", "purges"), IsEmpty());
    EXPECT_THAT(store.keys("moderation:3"), ElementsAre("purged:1:2:1")) << "kept as long as the text would have been";
}

TEST_F(UpkeepTest, APurgeThatFailsIsTriedAgain) {
    store.put("moderation:3", "purged:1:2:1", "mark");
    auto upkeep = make(3);
    upkeep.tick(start);
    purges.back()(false);
    upkeep.tick(start + std::chrono::seconds(29));
    EXPECT_EQ(purges.size(), 1U);
    upkeep.tick(start + std::chrono::seconds(30));
    EXPECT_EQ(purges.size(), 2U);
}

TEST_F(UpkeepTest, APurgeIsLookedForWhenToldAndWithEachSweep) {
    auto upkeep = make(3);
    upkeep.tick(start);
    store.put("moderation:3", "purged:1:2:1", "mark");
    upkeep.tick(start + std::chrono::minutes(59));
    EXPECT_THAT(purges, IsEmpty());
    upkeep.tick(start + std::chrono::minutes(60));
    ASSERT_EQ(purges.size(), 1U) << "of another node that has stopped";
    upkeep.purge_soon();
    purges.back()(true);
    store.put("moderation:3", "purged:1:5:1", "mark");
    upkeep.tick(start + std::chrono::minutes(60) + std::chrono::seconds(1));
    EXPECT_EQ(purges.size(), 2U);
}

// Each purge is a rewrite of Redis' file.
TEST_F(UpkeepTest, OnePurgeIsForAllThatIsThereAndNoneForWhatComesMeanwhileUntold) {
    for (int n = 0; n < 200; ++n) store.put("moderation:3", "purged:1:2:" + std::to_string(n), "mark");
    auto upkeep = make(3);
    upkeep.tick(start);
    store.put("moderation:3", "purged:1:9:1", "mark");
    purges.back()(true);
    EXPECT_THAT(store.keys("moderation:3", "purges"), ElementsAre("purged:1:9:1"));
    for (int n = 1; n < 60; ++n) upkeep.tick(start + std::chrono::minutes(n));
    EXPECT_EQ(purges.size(), 1U);
    upkeep.tick(start + std::chrono::minutes(60));
    EXPECT_EQ(purges.size(), 2U);
}

TEST_F(UpkeepTest, SweepGoesOnOverMoreThanOneBatch) {
    for (int n = 0; n < 200; ++n) put_earlier("earlier:1:2:" + std::to_string(n), 10);
    sweep_once();
    EXPECT_THAT(store.keys("moderation:3"), IsEmpty());
}

}  // namespace
}  // namespace foorumi::dispatch
