#include "store/change_queue.hpp"

#include <gmock/gmock.h>

#include "store/store_core.hpp"

namespace foorumi::store {
namespace {

using testing::ElementsAre;

class ChangeQueueTest : public testing::Test {
   protected:
    ChangePtr add(std::vector<std::string> needs, std::vector<std::string> puts,
                  std::vector<Expectation> expectations = {}) {
        auto change = std::make_shared<Change>();
        change->request.needs = std::move(needs);
        change->commit.emplace();
        for (auto& key : puts) change->commit->puts.push_back({std::move(key), "v", {}});
        change->commit->expectations = expectations;
        change->expectations = std::move(expectations);
        change->order = next_order++;
        queue.add(change);
        return change;
    }

    std::uint64_t next_order = 0;
    Partition partition{0};
    ChangeQueue queue{"room:1", partition};
};

TEST_F(ChangeQueueTest, ChangesThatShareNothingNeedNotWait) {
    add({"thread:1"}, {"message:@"}, {{"thread:1", 3}});
    const auto second = add({"thread:1"}, {"message:@"}, {{"thread:1", 3}});
    queue.sent();
    EXPECT_FALSE(queue.needs_landing(*second));
    EXPECT_FALSE(queue.commit_needs_landing(*second));
}

TEST_F(ChangeQueueTest, NeedExpectationAndPutOfAKeyUnderWayWait) {
    const auto first = add({}, {"reactions:1"});
    const auto need = add({"reactions:1"}, {"x"});
    const auto expects = add({}, {"y"}, {{"reactions:1", 0}});
    const auto writes = add({}, {"reactions:1"});
    const auto other = add({"reactions:2"}, {"reactions:2"});
    queue.sent();
    EXPECT_TRUE(queue.needs_landing(*need));
    EXPECT_TRUE(queue.commit_needs_landing(*expects));
    EXPECT_TRUE(queue.commit_needs_landing(*writes));
    EXPECT_FALSE(queue.needs_landing(*other));
    EXPECT_FALSE(queue.commit_needs_landing(*other));
    queue.landed(first);
    EXPECT_FALSE(queue.needs_landing(*need));
    EXPECT_FALSE(queue.commit_needs_landing(*expects));
    queue.landed(first);  // once is enough
    EXPECT_FALSE(queue.is_writing("reactions:1"));
}

TEST_F(ChangeQueueTest, WhatComesBackTakesItsPlaceAgain) {
    const auto a = add({}, {"a"});
    const auto b = add({}, {"b"});
    const auto c = add({}, {"c"});
    queue.sent();
    queue.sent();
    queue.landed(b);
    queue.add_again(b);
    queue.landed(a);
    queue.add_again(a);
    EXPECT_THAT(queue.waiting(), ElementsAre(a, b, c));
}

TEST_F(ChangeQueueTest, ForeignChangeOfWhatIsExpectedHoldsTheRest) {
    const auto a = add({"thread:1"}, {"message:@"}, {{"thread:1", 3}});
    queue.sent();
    queue.entity_changed({"thread:2", 9, {}});
    queue.entity_changed({"thread:1", 3, {}});
    EXPECT_FALSE(queue.drains());
    queue.entity_changed({"thread:1", 4, {}});
    EXPECT_TRUE(queue.drains());
    queue.landed(a);
    EXPECT_FALSE(queue.drains());
    queue.directory_changed();
    EXPECT_FALSE(queue.drains());
}

TEST_F(ChangeQueueTest, ForgettingHoldsTheRestUnlessItIsExpected) {
    const auto a = add({}, {"message:@"}, {{"thread:1", 3}, {"thread:2", 0}});
    queue.sent();
    queue.entity_changed({"thread:2", 9, {}, true});
    EXPECT_FALSE(queue.drains());
    queue.entity_changed({"thread:1", 9, {}, true});
    EXPECT_TRUE(queue.drains());
    queue.landed(a);
    EXPECT_FALSE(queue.drains());
}

TEST_F(ChangeQueueTest, OwnChangeOfWhatIsExpectedHoldsNothing) {
    add({"n"}, {"n"}, {{"n", 3}});
    queue.sent();
    queue.entity_changed({"n", 4, {}});
    EXPECT_FALSE(queue.drains());
}

TEST(ChangeViewTest, UnnamedEntityIsABug) {
    ChangeView view;
    view.add("a", {3, "x"});
    EXPECT_EQ(view.at("a").version, 3u);
    EXPECT_THROW(static_cast<void>(view.at("b")), std::logic_error);
    ASSERT_EQ(view.expectations().size(), 1u);
    EXPECT_EQ(view.expectations()[0].version, 3u);
}

}  // namespace
}  // namespace foorumi::store
