#include "fanout/topic_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <map>
#include <set>

namespace foorumi::fanout {
namespace {

using net::Priority;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class Listening final : public Subscriber {
   public:
    std::size_t deliver(std::span<const ItemRef> items, net::Priority) override {
        for (const auto& item : items) heard.emplace_back(item->view());
        if (then) then();
        return takes ? items.size() : 0;
    }
    std::vector<std::string> heard;
    bool takes = true;
    std::function<void()> then;
};

std::size_t deliver(TopicRegistry& topics, std::string_view channel, std::string text) {
    const ItemRef item = make_item(std::move(text));
    return topics.deliver(channel, std::span(&item, 1), Priority::reliable);
}

TEST(TopicRegistry, ItemReachesTheSubscribersOfItsChannelOnly) {
    TopicRegistry topics;
    Listening a, b, other;
    EXPECT_TRUE(topics.add("room:1", a));
    EXPECT_FALSE(topics.add("room:1", b));
    EXPECT_TRUE(topics.add("room:2", other));
    EXPECT_EQ(deliver(topics, "room:1", "x"), 2U);
    EXPECT_EQ(deliver(topics, "room:3", "y"), 0U);
    EXPECT_THAT(a.heard, ElementsAre("x"));
    EXPECT_THAT(b.heard, ElementsAre("x"));
    EXPECT_THAT(other.heard, ElementsAre());
}

TEST(TopicRegistry, RefusedItemIsNotCounted) {
    TopicRegistry topics;
    Listening a;
    a.takes = false;
    topics.add("room:1", a);
    EXPECT_EQ(deliver(topics, "room:1", "x"), 0U);
}

TEST(TopicRegistry, AddingAgainOnlyChangesTheGeneration) {
    TopicRegistry topics;
    Listening a;
    topics.add("room:1", a, 1);
    EXPECT_FALSE(topics.add("room:1", a, 2));
    EXPECT_EQ(topics.generation("room:1", a), 2U);
    EXPECT_EQ(topics.generation("room:2", a), std::nullopt);
    EXPECT_EQ(deliver(topics, "room:1", "x"), 1U);
}

TEST(TopicRegistry, ChannelIsForgottenWithItsLastSubscriber) {
    TopicRegistry topics;
    Listening a, b;
    topics.add("room:1", a);
    topics.add("room:1", b);
    EXPECT_FALSE(topics.remove("room:1", a));
    EXPECT_TRUE(topics.remove("room:1", b));
    EXPECT_FALSE(topics.remove("room:1", b));
    EXPECT_EQ(topics.channels(), 0U);
    EXPECT_EQ(topics.generation("room:1", b), std::nullopt);
}

TEST(TopicRegistry, RemoveAllNamesTheChannelsThatEmptied) {
    TopicRegistry topics;
    Listening a, b;
    for (const char* channel : {"room:1", "room:2", "room:3"}) topics.add(channel, a);
    topics.add("room:2", b);
    EXPECT_THAT(topics.remove_all(a), UnorderedElementsAre("room:1", "room:3"));
    EXPECT_THAT(topics.remove_all(a), UnorderedElementsAre());
    EXPECT_EQ(deliver(topics, "room:2", "x"), 1U);
}

TEST(TopicRegistry, SubscriberRemovedDuringDeliveryGetsNothingMore) {
    TopicRegistry topics;
    Listening first, second, third;
    for (auto* s : {&first, &second, &third}) topics.add("room:1", *s);
    first.then = [&] {
        topics.remove("room:1", first);
        topics.remove("room:1", second);
    };
    EXPECT_EQ(deliver(topics, "room:1", "x"), 2U);
    EXPECT_THAT(second.heard, ElementsAre());
    EXPECT_THAT(third.heard, ElementsAre("x"));
    EXPECT_EQ(topics.subscribers("room:1"), 1U);
    EXPECT_EQ(deliver(topics, "room:1", "y"), 1U);
    EXPECT_THAT(third.heard, ElementsAre("x", "y"));
}

TEST(TopicRegistry, ChannelMayEmptyAndFillAgainDuringDelivery) {
    TopicRegistry topics;
    Listening a;
    topics.add("room:1", a);
    bool emptied = false;
    bool first_again = false;
    a.then = [&] {
        emptied = topics.remove("room:1", a);
        first_again = topics.add("room:1", a);
    };
    EXPECT_EQ(deliver(topics, "room:1", "x"), 1U);  // who comes during the delivery is not meant
    EXPECT_TRUE(emptied);
    EXPECT_TRUE(first_again);
    EXPECT_EQ(topics.channels(), 1U);
}

TEST(TopicRegistry, DeliveryFromWithinADelivery) {
    TopicRegistry topics;
    Listening a, b;
    topics.add("room:1", a);
    topics.add("room:1", b);
    a.then = [&] {
        if (a.heard.size() > 1) return;
        topics.remove("room:1", b);
        deliver(topics, "room:1", "inner");
    };
    EXPECT_EQ(deliver(topics, "room:1", "outer"), 1U);
    EXPECT_THAT(a.heard, ElementsAre("outer", "inner"));
    EXPECT_THAT(b.heard, ElementsAre());
}

TEST(TopicRegistry, AnyHistoryOfAddRemoveDeliverIsAsInTheModel) {
    ASSERT_TRUE(rc::check([] {
        constexpr int subscriber_count = 8;
        TopicRegistry topics;
        std::vector<Listening> subscribers(subscriber_count);
        std::map<std::string, std::set<int>> model;
        const auto steps = *rc::gen::inRange(1, 150);
        for (int step = 0; step < steps; ++step) {
            const std::string channel = "room:" + std::to_string(*rc::gen::inRange(0, 4));
            const int who = *rc::gen::inRange(0, subscriber_count);
            Listening& subscriber = subscribers[static_cast<std::size_t>(who)];
            switch (*rc::gen::inRange(0, 6)) {
                case 0:
                case 1:
                    RC_ASSERT(topics.add(channel, subscriber) == model[channel].empty());
                    model[channel].insert(who);
                    break;
                case 2: {
                    const bool was_there = model[channel].erase(who) > 0;
                    RC_ASSERT(topics.remove(channel, subscriber) == (was_there && model[channel].empty()));
                    break;
                }
                case 3: {
                    std::set<std::string> emptied;
                    for (auto& [name, members] : model) {
                        if (members.erase(who) > 0 && members.empty()) emptied.insert(name);
                    }
                    const auto told = topics.remove_all(subscriber);
                    RC_ASSERT(std::set<std::string>(told.begin(), told.end()) == emptied);
                    break;
                }
                default: {
                    // One of them, when it hears, removes another.
                    const int victim = *rc::gen::inRange(0, subscriber_count);
                    bool victim_heard_before = false;
                    subscriber.then = [&] {
                        auto& other = subscribers[static_cast<std::size_t>(victim)];
                        victim_heard_before = !other.heard.empty();
                        topics.remove(channel, other);
                    };
                    const bool acts = model[channel].contains(who);
                    const bool victim_there = model[channel].contains(victim);
                    const std::size_t taken = deliver(topics, channel, "x");
                    subscriber.then = nullptr;
                    const bool victim_missed = acts && victim_there && !victim_heard_before;
                    RC_ASSERT(taken == model[channel].size() - (victim_missed ? 1U : 0U));
                    for (int i = 0; i < subscriber_count; ++i) {
                        auto& heard = subscribers[static_cast<std::size_t>(i)].heard;
                        const bool should = model[channel].contains(i) && !(victim_missed && i == victim);
                        RC_ASSERT(heard.size() == (should ? 1U : 0U));
                        heard.clear();
                    }
                    if (acts) model[channel].erase(victim);
                }
            }
            std::erase_if(model, [](const auto& entry) { return entry.second.empty(); });
            RC_ASSERT(topics.channels() == model.size());
            for (const auto& [name, members] : model) RC_ASSERT(topics.subscribers(name) == members.size());
        }
    }));
}

}  // namespace
}  // namespace foorumi::fanout
