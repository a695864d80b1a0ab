#include "net/deadline_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>

namespace foorumi::net {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

const TimePoint start{};
TimePoint at(int ms) { return start + milliseconds(ms); }

struct Noting final : Deadline {
    Noting(int name_, std::vector<int>& log_) : name(name_), log(log_) {}
    void on_deadline(TimePoint) override {
        log.push_back(name);
        if (then) then();
    }
    int name;
    std::vector<int>& log;
    std::function<void()> then;
};

TEST(DeadlineList, CallsWhatIsDueInOrderOfTime) {
    DeadlineList list;
    std::vector<int> log;
    Noting a(1, log), b(2, log), c(3, log);
    list.arm(c, at(30));
    list.arm(a, at(10));
    list.arm(b, at(20));
    EXPECT_EQ(list.next(), at(10));
    list.run(at(20));
    EXPECT_THAT(log, ElementsAre(1, 2));
    EXPECT_EQ(list.next(), at(30));
    EXPECT_FALSE(a.armed());
}

TEST(DeadlineList, ArmingAgainMovesIt) {
    DeadlineList list;
    std::vector<int> log;
    Noting a(1, log);
    list.arm(a, at(10));
    list.arm(a, at(50));
    list.run(at(10));
    EXPECT_THAT(log, ElementsAre());
    a.disarm();
    list.run(at(100));
    EXPECT_THAT(log, ElementsAre());
    EXPECT_TRUE(list.empty());
}

TEST(DeadlineList, OneThatArmsItselfAtOnceWaitsForTheNextRun) {
    DeadlineList list;
    std::vector<int> log;
    Noting a(1, log);
    a.then = [&] { list.arm(a, at(0)); };
    list.arm(a, at(0));
    list.run(at(5));
    EXPECT_THAT(log, ElementsAre(1));
    EXPECT_TRUE(a.armed());
}

TEST(DeadlineList, OneMayDestroyAnotherThatIsDue) {
    DeadlineList list;
    std::vector<int> log;
    Noting a(1, log);
    auto b = std::make_unique<Noting>(2, log);
    a.then = [&] { b.reset(); };
    list.arm(a, at(1));
    list.arm(*b, at(2));
    list.run(at(10));
    EXPECT_THAT(log, ElementsAre(1));
}

TEST(DeadlineList, AnyDeadlinesRunOnceInOrder) {
    ASSERT_TRUE(rc::check([] {
        DeadlineList list;
        std::vector<int> log;
        std::vector<std::unique_ptr<Noting>> all;
        const auto times = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
        for (std::size_t i = 0; i < times.size(); ++i) {
            all.push_back(std::make_unique<Noting>(times[i], log));
            list.arm(*all.back(), at(times[i]));
        }
        for (int now = 0; now <= 100; now += *rc::gen::inRange(1, 20)) list.run(at(now));
        list.run(at(100));
        auto sorted = times;
        std::ranges::sort(sorted);
        RC_ASSERT(log == sorted);
        RC_ASSERT(list.empty());
    }));
}

}  // namespace
}  // namespace foorumi::net
