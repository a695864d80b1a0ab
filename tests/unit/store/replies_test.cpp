#include "store/replies.hpp"

#include <gtest/gtest.h>

#include <set>

namespace foorumi::store {
namespace {

TEST(RepliesTest, FirstWordDecides) {
    EXPECT_EQ(reaction_to("LOADING Redis is loading the dataset in memory"), Reaction::retry);
    EXPECT_EQ(reaction_to("BUSY Redis is busy running a script."), Reaction::retry);
    EXPECT_EQ(reaction_to("TRYAGAIN Multiple keys request during rehashing of slot"), Reaction::retry);
    EXPECT_EQ(reaction_to("CLUSTERDOWN Hash slot not served"), Reaction::reconnect);
    EXPECT_EQ(reaction_to("NOSCRIPT No matching script. Please use EVAL."), Reaction::load_script);
    EXPECT_EQ(reaction_to("READONLY You can't write against a read only replica."), Reaction::reconnect);
    EXPECT_EQ(reaction_to("MASTERDOWN Link with MASTER is down"), Reaction::reconnect);
    EXPECT_EQ(reaction_to("UNBLOCKED force unblock from blocking operation"), Reaction::reconnect);
    EXPECT_EQ(reaction_to("MOVED 3999 127.0.0.1:6381"), Reaction::reconnect);
    EXPECT_EQ(reaction_to("ASK 3999 127.0.0.1:6381"), Reaction::retry);
    EXPECT_EQ(reaction_to("NOAUTH Authentication required."), Reaction::reconnect);
    EXPECT_EQ(reaction_to("MISCONF Redis is configured to save RDB snapshots"), Reaction::refuse_writes);
    EXPECT_EQ(reaction_to("OOM command not allowed when used memory > 'maxmemory'."), Reaction::refuse_writes);
    EXPECT_EQ(reaction_to("NOREPLICAS Not enough good replicas to write."), Reaction::refuse_writes);
    EXPECT_EQ(reaction_to("WRONGTYPE Operation against a key holding the wrong kind of value"), Reaction::internal);
}

TEST(RepliesTest, WhatIsNotInTheTableIsInternal) {
    EXPECT_EQ(reaction_to(""), Reaction::internal);
    EXPECT_EQ(reaction_to("LOADINGS x"), Reaction::internal);
    EXPECT_EQ(reaction_to("BUSYGROUP Consumer Group name already exists"), Reaction::internal);
    EXPECT_EQ(reaction_to("loading x"), Reaction::internal);
}

TEST(RepliesTest, EveryPrefixIsThereOnceAndIsOneWord) {
    std::set<std::string_view> seen;
    for (const auto& row : error_replies()) {
        EXPECT_TRUE(seen.insert(row.prefix).second) << row.prefix;
        EXPECT_EQ(error_prefix(row.prefix), row.prefix);
        EXPECT_EQ(reaction_to(row.prefix), row.reaction);
    }
}

TEST(RepliesTest, OnlyTheFirstWordIsForTheLog) {
    EXPECT_EQ(error_prefix("ERR unknown command 'secret'"), "ERR");
    EXPECT_EQ(error_prefix("OOM"), "OOM");
}

}  // namespace
}  // namespace foorumi::store
