#include "dispatch/expiries.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>

#include "codec/entity_codec.hpp"
#include "fake_store.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

constexpr forum::Millis one_day_ms = 24LL * 3600 * 1000;

// One room's channel: its entities, the list of its threads, and those of their messages. Answers at once.
class AgedStore final : public EmptyStore {
   public:
    std::map<std::string, std::map<store::Version, std::string>> index;
    std::map<std::string, store::Value> values;
    store::Version version = 100;
    std::vector<store::Version> decided_on;
    std::vector<std::int64_t> made_at;
    std::function<void()> before_deciding = [] {};  // what comes in between
    bool fails = false;

    void put(const std::string& key, const forum::Entity& value) {
        values[key] = {version, codec::encode_value(value)};
    }
    template <class T>
    [[nodiscard]] T get(const std::string& key) const {
        return std::get<T>(*codec::decode_value(values.at(key).bytes));
    }

    void change(store::ChangeRequest request, store::Decide decide,
                std::function<void(store::ChangeOutcome)> done) override {
        store::ChangeOutcome outcome;
        if (fails) {
            outcome.failure = store::Failure::unavailable;
            return done(outcome);
        }
        before_deciding();
        FakeView view;
        for (const auto& key : request.needs) view.values[key] = values[key];
        store::Version directory = 0;
        const auto commit = decide(view, directory);
        decided_on.push_back(directory);
        made_at.push_back(request.made_at_ms);
        if (commit && !commit->puts.empty()) ++version;
        for (const auto& put : commit->puts) values[put.key] = {version, put.value};
        for (const auto& change : commit->indexes) {
            auto& rows = index[change.index];
            std::erase_if(rows, [&](const auto& row) { return row.second == change.member; });
            if (!change.remove) rows[change.score != 0 ? change.score : version] = change.member;
        }
        done(outcome);
    }
    void read_index(std::string, store::IndexRead read, store::ReadDone<store::IndexResult> done) override {
        store::ReadOutcome<store::IndexResult> outcome;
        for (const auto& [score, member] : index[read.index]) {
            if (score <= read.after) continue;
            const auto key = read.prefixes.front() + member.substr(0, member.find('.'));
            outcome.result.rows.push_back({member, score, {{key, values[key].version, values[key].bytes}}, 0});
        }
        outcome.result.more = outcome.result.rows.size() > read.limit;
        if (outcome.result.more) outcome.result.rows.resize(read.limit);
        done(std::move(outcome));
    }
};

class ExpiriesTest : public testing::Test {
   protected:
    ExpiriesTest() { set(30); }

    void set(std::uint32_t days, std::optional<forum::Id> held = std::nullopt) {
        v1::DirectoryEntity forum_entity, room;
        forum_entity.mutable_forum()->set_slug("strategia");
        room.mutable_room()->set_forum(3);
        room.mutable_room()->set_retention_days(days);
        if (held) room.mutable_room()->add_holds()->set_thread(*held);
        ++version;
        const auto forum_bytes = forum_entity.SerializeAsString();
        const auto room_bytes = room.SerializeAsString();
        const std::vector<directory::EntityChange> changes{{"forum:3", version, forum_bytes},
                                                           {"room:5", version, room_bytes}};
        directory = directory->with(changes, version);
    }
    Expiries make() {
        return Expiries({std::chrono::seconds(3600), 3, 7 * one_day_ms},
                        {[this]() -> store::ChannelStore& { return store; }, [this] { return directory; },
                         [this](std::string_view) { return at_home; }, [this] { return now; },
                         [this](std::size_t messages) { expired += messages; }});
    }
    void put_thread(forum::Id thread, std::size_t old, std::size_t young) {
        forum::Thread value;
        value.title = "Otsikko";
        store.put(forum::thread_key(thread), value);
        for (std::size_t n = 0; n < old + young; ++n) {
            const auto id = thread + n;
            forum::Message message;
            message.thread = thread;
            message.author = 7;
            message.text = "teksti";
            message.created = n < old ? now - 31 * one_day_ms : now;
            store.put(forum::message_key(id), message);
            store.index[forum::thread_index(thread)][id] = forum::thread_index_member(id, 7);
        }
        store.index[std::string(forum::threads_index)][thread + old + young - 1] = std::to_string(thread);
    }
    [[nodiscard]] std::size_t texts() const {
        return static_cast<std::size_t>(std::ranges::count_if(store.values, [](const auto& one) {
            const auto value = codec::decode_value(one.second.bytes);
            const auto* message = value ? std::get_if<forum::Message>(&*value) : nullptr;
            return message != nullptr && !message->text.empty();
        }));
    }
    // One look at everything, from its begin.
    void look(Expiries& expiries) {
        at += std::chrono::seconds(3600);
        for (int n = 0; n < 60; ++n) expiries.tick(at);
    }

    AgedStore store;
    std::shared_ptr<const directory::Snapshot> directory = std::make_shared<directory::Snapshot>();
    store::Version version = 0;
    forum::Millis now = 1'700'000'000'000;
    bool at_home = true;
    std::size_t expired = 0;
    std::chrono::steady_clock::time_point at{std::chrono::hours(5)};
};

TEST_F(ExpiriesTest, FirstLookIsOneIntervalAfterTheStart) {
    put_thread(10, 1, 1);
    auto expiries = make();
    expiries.tick(at);
    for (int n = 0; n < 20; ++n) expiries.tick(at + std::chrono::seconds(3599));
    EXPECT_EQ(texts(), 2U);
    for (int n = 0; n < 20; ++n) expiries.tick(at + std::chrono::seconds(3600));
    EXPECT_EQ(texts(), 1U);
}

TEST_F(ExpiriesTest, EachTickDoesOneStepOfTheBatch) {
    put_thread(10, 7, 1);
    auto expiries = make();
    expiries.tick(at);
    at += std::chrono::seconds(3600);
    std::vector<std::size_t> left;
    for (int n = 0; n < 6; ++n) {
        expiries.tick(at);
        left.push_back(texts());
    }
    // The list of threads, three, three, and the one that is left; then it is through.
    EXPECT_THAT(left, testing::ElementsAre(8, 5, 2, 1, 1, 1));
    EXPECT_EQ(expired, 7U);
    EXPECT_EQ(store.get<forum::Thread>("thread:10").expired_to, 16U);
}

TEST_F(ExpiriesTest, AThreadOfWhichNothingIsLeftIsLockedAndThenEnds) {
    put_thread(10, 4, 0);
    put_thread(20, 0, 2);
    auto expiries = make();
    expiries.tick(at);
    look(expiries);
    EXPECT_EQ(store.get<forum::Thread>("thread:10").title, "");
    EXPECT_TRUE(store.get<forum::Thread>("thread:10").locked);
    EXPECT_EQ(store.get<forum::Thread>("thread:20").title, "Otsikko");
    EXPECT_EQ(store.index[std::string(forum::threads_index)].size(), 1U);
    const auto before = store.version;
    look(expiries);
    EXPECT_EQ(store.version, before) << "there is nothing left to do";
}

TEST_F(ExpiriesTest, HoldsAndRoomsElsewhereAreLeftAlone) {
    put_thread(10, 4, 0);
    auto expiries = make();
    expiries.tick(at);
    for (const auto& [days, held] :
         std::vector<std::pair<std::uint32_t, std::optional<forum::Id>>>{{30, 10}, {30, 0}, {0, std::nullopt}}) {
        set(days, held);
        look(expiries);
        EXPECT_EQ(texts(), 4U);
    }
    set(30);
    at_home = false;
    look(expiries);
    EXPECT_EQ(texts(), 4U);
    at_home = true;
    look(expiries);
    EXPECT_EQ(texts(), 0U);
}

// Whatever was looked at before: what is committed is decided on the newest directory, and says on which.
TEST_F(ExpiriesTest, AHoldThatComesAmidALookCounts) {
    put_thread(10, 6, 0);
    auto expiries = make();
    expiries.tick(at);
    at += std::chrono::seconds(3600);
    expiries.tick(at);  // the list
    expiries.tick(at);
    EXPECT_EQ(texts(), 3U);
    set(30, 10);
    for (int n = 0; n < 20; ++n) expiries.tick(at);
    EXPECT_EQ(texts(), 3U);
    set(30);
    look(expiries);
    EXPECT_EQ(texts(), 0U);
    EXPECT_EQ(store.decided_on.back(), version);
    EXPECT_EQ(store.made_at.back(), now) << "so that Redis refuses a clock that is ahead";
}

// Judged by the shorter retention, decided by the longer one: it goes on where the decision has ended.
TEST_F(ExpiriesTest, ALongerRetentionThatComesBetweenTheLookAndTheCommitEndsNothingThatLives) {
    put_thread(10, 3, 0);
    for (const forum::Id id : {11U, 12U}) {
        auto message = store.get<forum::Message>(forum::message_key(id));
        message.created = now - 20 * one_day_ms;
        store.put(forum::message_key(id), message);
    }
    set(10);
    auto expiries = make();
    expiries.tick(at);
    store.before_deciding = [this] { set(30); };
    look(expiries);
    store.before_deciding = [] {};
    look(expiries);
    look(expiries);
    EXPECT_EQ(texts(), 2U);
    const auto thread = store.get<forum::Thread>("thread:10");
    EXPECT_EQ(std::tuple(thread.title, thread.locked, thread.expired_to), std::tuple("Otsikko", false, 10U));
}

TEST_F(ExpiriesTest, ThreadsInWhichNothingIsDueCostNoTick) {
    for (forum::Id n = 1; n <= 40; ++n) put_thread(10 * n, 0, 1);
    put_thread(1000, 1, 1);
    auto expiries = make();
    expiries.tick(at);
    at += std::chrono::seconds(3600);
    expiries.tick(at);  // the list
    EXPECT_EQ(texts(), 42U);
    expiries.tick(at);
    EXPECT_EQ(texts(), 41U);
}

// A post that came before the lock is not left behind it.
class ClosedTooEarly : public ExpiriesTest {
   protected:
    ClosedTooEarly() {
        put_thread(10, 1, 1);
        auto thread = store.get<forum::Thread>("thread:10");
        thread.expired_to = 10;
        thread.locked = true;
        thread.lock.at = now;
        store.put("thread:10", thread);
    }
    [[nodiscard]] bool locked() const { return store.get<forum::Thread>("thread:10").locked; }
    Expiries expiries = make();
};

TEST_F(ClosedTooEarly, IsOpenedAgainUnderAHoldToo) {
    set(30, 10);
    expiries.tick(at);
    look(expiries);
    EXPECT_FALSE(locked());
    EXPECT_EQ(texts(), 2U);
}

TEST_F(ClosedTooEarly, IsOpenedAgainWhenTheRetentionHasEnded) {
    at_home = false;
    expiries.tick(at);
    at_home = true;
    store.fails = true;
    look(expiries);
    EXPECT_TRUE(locked());
    store.fails = false;
    set(0);
    look(expiries);
    EXPECT_FALSE(locked());
    const auto version_before = store.version;
    look(expiries);
    EXPECT_EQ(store.version, version_before);
}

TEST_F(ExpiriesTest, AFailureCostsNoMoreThanTheNextLook) {
    put_thread(10, 4, 0);
    auto expiries = make();
    expiries.tick(at);
    store.fails = true;
    look(expiries);
    EXPECT_EQ(texts(), 4U);
    store.fails = false;
    look(expiries);
    EXPECT_EQ(texts(), 0U);
}

}  // namespace
}  // namespace foorumi::dispatch
