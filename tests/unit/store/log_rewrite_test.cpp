#include "store/log_rewrite.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

using LogStep = LogRewrite::Step;

LogState idle(std::uint64_t begun) { return {.known = true, .kept = true, .last_good = true, .begun = begun}; }
LogState busy(std::uint64_t begun) {
    auto state = idle(begun);
    state.under_way = true;
    return state;
}

TEST(LogRewriteTest, IsAskedForAndDoneWhenItHasEnded) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(idle(4)), LogStep::ask);
    EXPECT_EQ(rewrite.looked(busy(5)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(busy(5)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(idle(5)), LogStep::done);
}

TEST(LogRewriteTest, OneThatHadBegunBeforeDoesNotCount) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(busy(4)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(idle(4)), LogStep::ask);
    EXPECT_EQ(rewrite.looked(busy(5)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(idle(5)), LogStep::done);
}

TEST(LogRewriteTest, OneThatSomebodyElseBeganLaterDoesCount) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(busy(4)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(busy(5)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(busy(6)), LogStep::done) << "the fifth has ended, the sixth is none of ours";
}

TEST(LogRewriteTest, ScheduledOneIsWaitedFor) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(idle(0)), LogStep::ask);
    auto scheduled = idle(0);
    scheduled.scheduled = true;
    EXPECT_EQ(rewrite.looked(scheduled), LogStep::wait);
    EXPECT_EQ(rewrite.looked(busy(1)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(idle(1)), LogStep::done);
}

TEST(LogRewriteTest, OneThatDidNotBeginIsAskedForAgain) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(idle(2)), LogStep::ask);
    EXPECT_EQ(rewrite.looked(idle(2)), LogStep::ask);
    EXPECT_EQ(rewrite.looked(idle(3)), LogStep::done);
}

TEST(LogRewriteTest, RedisThatStartsAnewCountsFromNothing) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(idle(5)), LogStep::ask);
    EXPECT_EQ(rewrite.looked(busy(6)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(idle(0)), LogStep::ask);
    EXPECT_EQ(rewrite.looked(busy(1)), LogStep::wait);
    EXPECT_EQ(rewrite.looked(idle(1)), LogStep::done);
}

TEST(LogRewriteTest, FailureIsTold) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(idle(0)), LogStep::ask);
    auto failed = idle(1);
    failed.last_good = false;
    EXPECT_EQ(rewrite.looked(failed), LogStep::failed);
}

TEST(LogRewriteTest, ThreeRefusalsAreAFailure) {
    LogRewrite rewrite;
    EXPECT_EQ(rewrite.looked(idle(0)), LogStep::ask);
    EXPECT_EQ(rewrite.refused(), LogStep::wait);
    EXPECT_EQ(rewrite.refused(), LogStep::wait);
    EXPECT_EQ(rewrite.refused(), LogStep::failed);
}

TEST(LogRewriteTest, WithoutALogThereIsNothingToWrite) {
    EXPECT_EQ(LogRewrite().looked({.known = true}), LogStep::no_log);
    EXPECT_EQ(LogRewrite().looked({}), LogStep::failed);
}

TEST(LogStateTest, IsReadFromWhatRedisTells) {
    const auto state = parse_log_state(
        "# Persistence\r\nloading:0\r\naof_enabled:1\r\naof_rewrite_in_progress:1\r\naof_rewrite_scheduled:0\r\n"
        "aof_last_bgrewrite_status:ok\r\naof_rewrites:12\r\naof_rewrites_consecutive_failures:3\r\n");
    EXPECT_TRUE(state.known && state.kept && state.under_way && state.last_good);
    EXPECT_FALSE(state.scheduled);
    EXPECT_EQ(state.begun, 12U);
    EXPECT_FALSE(parse_log_state("# Persistence\r\nloading:0\r\n").known);
    EXPECT_FALSE(parse_log_state("").known);
    const auto off = parse_log_state("\r\naof_enabled:0\r\naof_rewrites:0\r\naof_last_bgrewrite_status:err\r\n");
    EXPECT_TRUE(off.known);
    EXPECT_FALSE(off.kept || off.last_good);
}

}  // namespace
}  // namespace foorumi::store
