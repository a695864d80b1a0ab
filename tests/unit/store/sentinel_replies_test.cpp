#include "store/sentinel_replies.hpp"

#include <gmock/gmock.h>

#include "made_reply.hpp"

namespace foorumi::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SentinelRepliesTest, AddressOfThePrimary) {
    EXPECT_EQ(parse_primary_address(*MadeReply(array(bulk("10.0.0.1"), bulk("6379")))), (Address{"10.0.0.1", 6379}));
    EXPECT_EQ(parse_primary_address(*MadeReply(array(bulk("redis.example"), bulk("65535")))),
              (Address{"redis.example", 65535}));
}

TEST(SentinelRepliesTest, WhatIsNoAddressIsNothing) {
    for (const auto& bytes :
         {std::string("*-1\r\n"), std::string("$-1\r\n"), std::string("-IDONTKNOW No such master\r\n"),
          array(bulk("h")), array(bulk("h"), bulk("0")), array(bulk("h"), bulk("65536")), array(bulk("h"), bulk("x")),
          array(bulk(""), bulk("1")), array(bulk("h"), bulk("1"), bulk("2")), array()}) {
        EXPECT_EQ(parse_primary_address(*MadeReply(bytes)), std::nullopt) << bytes;
    }
}

TEST(SentinelRepliesTest, OtherSentinels) {
    const auto first = array(bulk("name"), bulk("abc"), bulk("ip"), bulk("10.0.0.2"), bulk("port"), bulk("26379"));
    const auto second = array(bulk("port"), bulk("26380"), bulk("flags"), bulk("sentinel"), bulk("ip"), bulk("::1"));
    EXPECT_THAT(parse_sentinels(*MadeReply(array(first, second))),
                ElementsAre(Address{"10.0.0.2", 26379}, Address{"::1", 26380}));
}

TEST(SentinelRepliesTest, SentinelsWithoutAnAddressAreLeftOut) {
    const auto no_port = array(bulk("ip"), bulk("10.0.0.2"));
    const auto odd = array(bulk("ip"), bulk("10.0.0.2"), bulk("port"));
    const auto good = array(bulk("ip"), bulk("h"), bulk("port"), bulk("1"));
    EXPECT_THAT(parse_sentinels(*MadeReply(array(no_port, odd, bulk("x"), good))), ElementsAre(Address{"h", 1}));
    EXPECT_THAT(parse_sentinels(*MadeReply("-ERR No such master with that name\r\n")), IsEmpty());
    EXPECT_THAT(parse_sentinels(*MadeReply(array())), IsEmpty());
}

TEST(SentinelRepliesTest, OnlyAPrimaryMayBeUsed) {
    EXPECT_EQ(role_problem(*MadeReply(array(bulk("master"), integer(7), array()))), "");
    EXPECT_THAT(role_problem(*MadeReply(array(bulk("slave"), bulk("10.0.0.1"), integer(6379)))),
                HasSubstr("no primary"));
    EXPECT_THAT(role_problem(*MadeReply(array(bulk("sentinel"), array()))), HasSubstr("no primary"));
    EXPECT_THAT(role_problem(*MadeReply(array())), HasSubstr("no primary"));
}

}  // namespace
}  // namespace foorumi::store
