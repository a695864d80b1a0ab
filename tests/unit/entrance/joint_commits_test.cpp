#include "entrance/joint_commits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace foorumi::entrance {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

struct JointCommitsTest : testing::Test {
    void add(const std::string& name) {
        joint.add([this, name] { done.push_back(name); },
                  [this](milliseconds delay, JointCommits::Task task) {
                      delays.push_back(delay);
                      timers.push_back(std::move(task));
                  });
    }

    JointCommits joint{milliseconds(500)};
    std::vector<std::string> done;
    std::vector<milliseconds> delays;
    std::vector<JointCommits::Task> timers;
};

TEST_F(JointCommitsTest, GoTogetherInTheirOrder) {
    add("a");
    add("b");
    EXPECT_THAT(done, IsEmpty());
    joint.go();
    EXPECT_THAT(done, ElementsAre("a", "b"));
    EXPECT_EQ(joint.size(), 0U);
}

TEST_F(JointCommitsTest, TheFirstOneSetsTheTimeForAll) {
    add("a");
    add("b");
    EXPECT_THAT(delays, ElementsAre(milliseconds(500)));
    timers.front()();
    EXPECT_THAT(done, ElementsAre("a", "b"));
}

TEST_F(JointCommitsTest, TheTimeOfARoundThatIsOverMovesNothing) {
    add("a");
    joint.go();
    add("b");
    timers.front()();
    EXPECT_THAT(done, ElementsAre("a"));
    timers.back()();
    EXPECT_THAT(done, ElementsAre("a", "b"));
}

TEST_F(JointCommitsTest, WhatIsAddedByOneThatGoesIsOfTheNextRound) {
    joint.add([this] { add("later"); }, [](milliseconds, const JointCommits::Task&) {});
    joint.go();
    EXPECT_THAT(done, IsEmpty());
    joint.go();
    EXPECT_THAT(done, ElementsAre("later"));
}

TEST_F(JointCommitsTest, WithoutATimeNoneWaits) {
    joint = JointCommits(milliseconds(0));
    add("a");
    EXPECT_THAT(done, ElementsAre("a"));
    EXPECT_THAT(delays, IsEmpty());
}

}  // namespace
}  // namespace foorumi::entrance
