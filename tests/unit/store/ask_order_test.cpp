#include "store/ask_order.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace foorumi::store {
namespace {

using testing::ElementsAre;

Address host(const std::string& name) { return {name, 1}; }

TEST(AskOrderTest, TheOneThatIsDeferredGoesLast) {
    AskOrder order({host("a"), host("b"), host("c")}, 8);
    order.defer(host("a"));
    EXPECT_THAT(order.all(), ElementsAre(host("b"), host("c"), host("a")));
    order.defer(host("c"));
    EXPECT_THAT(order.all(), ElementsAre(host("b"), host("a"), host("c")));
}

TEST(AskOrderTest, AnUnknownOneChangesNothing) {
    AskOrder order({host("a"), host("b")}, 8);
    order.defer(host("x"));
    EXPECT_THAT(order.all(), ElementsAre(host("a"), host("b")));
}

TEST(AskOrderTest, OthersAreLearntAndForgottenWhenNobodyTellsOfThem) {
    AskOrder order({host("a")}, 8);
    order.learn({host("b"), host("a"), host("c")});
    EXPECT_THAT(order.all(), ElementsAre(host("a"), host("b"), host("c")));
    order.defer(host("a"));
    order.learn({host("c"), host("d")});
    EXPECT_THAT(order.all(), ElementsAre(host("c"), host("a"), host("d")));
    order.learn({});
    EXPECT_THAT(order.all(), ElementsAre(host("a")));
}

TEST(AskOrderTest, AreNoMoreThanTheBound) {
    for (const std::size_t told : {1U, 2U, 3U}) {
        AskOrder order({host("a")}, 3);
        std::vector<Address> others;
        for (std::size_t i = 0; i < told; ++i) others.push_back(host("o" + std::to_string(i)));
        order.learn(others);
        EXPECT_EQ(order.all().size(), std::min<std::size_t>(1 + told, 3));
    }
}

RC_GTEST_PROP(AskOrderTest, KeepsTheGivenOnesAndHasEachOnce, ()) {
    const auto any_hosts = rc::gen::map(rc::gen::inRange(0, 1 << 7), [](int which) {
        std::vector<Address> hosts;
        for (int i = 0; i < 7; ++i) {
            if ((which >> i & 1) != 0) hosts.push_back(host(std::string(1, static_cast<char>('a' + i))));
        }
        return hosts;
    });
    const auto given = *any_hosts;
    const std::size_t most = given.size() + *rc::gen::inRange<std::size_t>(0, 4);
    AskOrder order(given, most);
    const int steps = *rc::gen::inRange(0, 20);
    for (int i = 0; i < steps; ++i) {
        const auto one = host(std::string(1, *rc::gen::inRange('a', 'h')));
        if (*rc::gen::arbitrary<bool>())
            order.defer(one);
        else
            order.learn(*any_hosts);
        const std::set<Address> once(order.all().begin(), order.all().end());
        RC_ASSERT(once.size() == order.all().size());
        RC_ASSERT(order.all().size() <= most);
        for (const auto& address : given) RC_ASSERT(once.contains(address));
    }
}

}  // namespace
}  // namespace foorumi::store
