#include "fanout/broadcaster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <map>

namespace foorumi::fanout {
namespace {

using net::Priority;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

// The way between the workers: messages wait until the test lets a worker process them.
struct Workers {
    explicit Workers(std::uint16_t count, std::size_t window = 8)
        : waiting(count),
          broadcaster([this](std::uint16_t worker, Message message) { waiting[worker].push_back(std::move(message)); },
                      count, [this] { ++room_told; }, window) {}

    std::vector<std::string> process(std::uint16_t worker) {
        std::vector<std::string> texts;
        for (; !waiting[worker].empty(); waiting[worker].pop_front()) {
            texts.push_back(waiting[worker].front().bytes);
            if (const auto step = waiting[worker].front().acknowledge) broadcaster.acknowledged(worker, step);
        }
        return texts;
    }

    std::vector<std::deque<Message>> waiting;
    int room_told = 0;
    Broadcaster broadcaster;
};

TEST(Broadcaster, EachInterestedWorkerGetsOneCopy) {
    Workers w(3);
    w.broadcaster.add_interest("room:1", 0);
    w.broadcaster.add_interest("room:1", 2);
    w.broadcaster.add_interest("room:1", 2);
    w.broadcaster.broadcast("room:1", "x", Priority::reliable);
    w.broadcaster.broadcast("room:2", "y", Priority::reliable);
    EXPECT_THAT(w.process(0), ElementsAre("x"));
    EXPECT_THAT(w.process(1), ElementsAre());
    EXPECT_THAT(w.process(2), ElementsAre("x"));
}

TEST(Broadcaster, InterestEndsWithItsLastSubscription) {
    Workers w(2);
    w.broadcaster.add_interest("room:1", 1);
    w.broadcaster.add_interest("room:1", 1);
    w.broadcaster.remove_interest("room:1", 1);
    EXPECT_TRUE(w.broadcaster.interested("room:1"));
    w.broadcaster.remove_interest("room:1", 0);  // never had one
    w.broadcaster.remove_interest("room:1", 1);
    w.broadcaster.remove_interest("room:1", 1);  // one too many
    EXPECT_FALSE(w.broadcaster.interested("room:1"));
    w.broadcaster.broadcast("room:1", "x", Priority::reliable);
    EXPECT_THAT(w.process(1), ElementsAre());
}

TEST(Broadcaster, ChannelsWithInterestAreListed) {
    Workers w(1);
    w.broadcaster.add_interest("room:1", 0);
    w.broadcaster.add_interest("member:2", 0);
    w.broadcaster.remove_interest("room:1", 0);
    EXPECT_THAT(w.broadcaster.channels(), UnorderedElementsAre("member:2"));
}

TEST(Broadcaster, AudienceCountsTheSubscriptionsOfAllWorkers) {
    Workers w(2);
    EXPECT_EQ(w.broadcaster.audience("room:1"), 0U);
    w.broadcaster.add_interest("room:1", 0);
    w.broadcaster.add_interest("room:1", 0);
    w.broadcaster.add_interest("room:1", 1);
    w.broadcaster.add_interest("room:2", 1);
    EXPECT_EQ(w.broadcaster.audience("room:1"), 3U);
    w.broadcaster.remove_interest("room:1", 0);
    EXPECT_EQ(w.broadcaster.audience("room:1"), 2U);
}

TEST(Broadcaster, HasNoRoomWhileOneWorkerIsAWindowBehind) {
    Workers w(2, 8);
    w.broadcaster.add_interest("room:1", 0);
    w.broadcaster.add_interest("room:1", 1);
    for (int i = 0; i < 7; ++i) w.broadcaster.broadcast("room:1", "x", Priority::reliable);
    EXPECT_TRUE(w.broadcaster.has_room());
    w.broadcaster.broadcast("room:1", "x", Priority::reliable);
    EXPECT_FALSE(w.broadcaster.has_room());
    w.process(0);
    EXPECT_FALSE(w.broadcaster.has_room());
    EXPECT_EQ(w.room_told, 0);
    w.process(1);
    EXPECT_TRUE(w.broadcaster.has_room());
    EXPECT_EQ(w.room_told, 1);
}

TEST(Broadcaster, WithoutRoomReliableGoesOutAndEphemeralIsDropped) {
    Workers w(1, 4);
    w.broadcaster.add_interest("room:1", 0);
    for (int i = 0; i < 4; ++i) w.broadcaster.broadcast("room:1", "r", Priority::reliable);
    w.broadcaster.broadcast("room:1", "e", Priority::ephemeral);
    w.broadcaster.broadcast("room:1", "last", Priority::reliable);
    EXPECT_EQ(w.broadcaster.dropped(), 1U);
    EXPECT_THAT(w.process(0), ElementsAre("r", "r", "r", "r", "last"));
}

TEST(Broadcaster, MessagesReachTheTargetsSubscribersInRuns) {
    struct Recording final : Subscriber {
        std::size_t deliver(std::span<const ItemRef> items, net::Priority priority) override {
            std::string run = priority == Priority::ephemeral ? "~" : "";
            for (const auto& item : items) run += item->view();
            runs.push_back(std::move(run));
            return items.size();
        }
        std::vector<std::string> runs;
    } first, second;
    TopicRegistry topics;
    topics.add("room:1", first);
    topics.add("room:2", second);
    const std::vector<Message> messages{
        {"room:1", "a", Priority::reliable, 0},  {"room:1", "b", Priority::reliable, 4},
        {"room:2", "c", Priority::reliable, 0},  {"room:1", "d", Priority::reliable, 8},
        {"room:1", "e", Priority::ephemeral, 0}, {"room:3", "f", Priority::reliable, 0}};
    EXPECT_EQ(deliver(topics, messages), 8U) << "the last that is to be acknowledged";
    EXPECT_THAT(first.runs, ElementsAre("ab", "d", "~e"));
    EXPECT_THAT(second.runs, ElementsAre("c"));
    EXPECT_EQ(deliver(topics, {}), 0U);
}

TEST(Broadcaster, SmallMessagesOfARunAreJoinedUpToTheLimit) {
    struct Recording final : Subscriber {
        std::size_t deliver(std::span<const ItemRef> items, net::Priority /*priority*/) override {
            for (const auto& item : items) {
                counts.push_back(item->items());
                bytes += item->view();
                EXPECT_TRUE(item->frame().ends_with(item->view()));
            }
            return items.size();
        }
        std::vector<std::uint32_t> counts;
        std::string bytes;
    };
    const auto counts_of = [](const std::vector<std::size_t>& sizes, Priority priority) {
        Recording recording;
        TopicRegistry topics;
        topics.add("room:1", recording);
        std::vector<Message> messages;
        std::string all;
        for (const auto size : sizes) {
            messages.push_back({"room:1", std::string(size, static_cast<char>('a' + messages.size())), priority, 0});
            all += messages.back().bytes;
        }
        deliver(topics, messages);
        EXPECT_EQ(recording.bytes, all) << "all of it, in order";
        return recording.counts;
    };
    EXPECT_THAT(counts_of({1, 2, 3}, Priority::reliable), ElementsAre(3));
    EXPECT_THAT(counts_of({1, 2, 3}, Priority::ephemeral), ElementsAre(1, 1, 1));
    EXPECT_THAT(counts_of({joined_bytes - 2, 1}, Priority::reliable), ElementsAre(2)) << "under";
    EXPECT_THAT(counts_of({joined_bytes - 1, 1}, Priority::reliable), ElementsAre(2)) << "at";
    EXPECT_THAT(counts_of({joined_bytes, 1}, Priority::reliable), ElementsAre(1, 1)) << "over";
    EXPECT_THAT(counts_of({1, 2 * joined_bytes, 1, 1}, Priority::reliable), ElementsAre(1, 1, 2));
}

// Whatever the order of broadcasts and processing: nothing reliable is lost or reordered, room comes back once a worker
// has processed everything, and never more than the window is outstanding while there is room.
TEST(Broadcaster, AnyHistoryKeepsOrderAndComesToRest) {
    ASSERT_TRUE(rc::check([] {
        const auto window = *rc::gen::inRange<std::size_t>(1, 20);
        Workers w(3, window);
        std::map<std::uint16_t, int> interest;
        std::vector<std::vector<std::string>> sent(3), seen(3);
        const auto steps = *rc::gen::inRange(1, 200);
        for (int step = 0; step < steps; ++step) {
            const auto worker = *rc::gen::inRange<std::uint16_t>(0, 3);
            switch (*rc::gen::inRange(0, 8)) {
                case 0:
                    w.broadcaster.add_interest("room:1", worker);
                    ++interest[worker];
                    break;
                case 1:
                    w.broadcaster.remove_interest("room:1", worker);
                    if (interest[worker] > 0) --interest[worker];
                    break;
                case 2:
                    for (auto& text : w.process(worker)) seen[worker].push_back(text);
                    break;
                default: {
                    const bool room = w.broadcaster.has_room();
                    for (std::uint16_t i = 0; i < 3; ++i) {
                        if (room) RC_ASSERT(w.waiting[i].size() < std::max<std::size_t>(window, 4));
                        if (interest[i] > 0) sent[i].push_back(std::to_string(step));
                    }
                    w.broadcaster.broadcast("room:1", std::to_string(step), Priority::reliable);
                }
            }
        }
        for (std::uint16_t i = 0; i < 3; ++i) {
            for (auto& text : w.process(i)) seen[i].push_back(text);
            RC_ASSERT(seen[i] == sent[i]);
        }
        RC_ASSERT(w.broadcaster.has_room());
    }));
}

}  // namespace
}  // namespace foorumi::fanout
