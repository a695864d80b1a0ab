#include "client/connection_news.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

class ConnectionNewsTest : public testing::Test {
   protected:
    Catalogue texts{"en"};
    ConnectionNews news{texts};
};

TEST_F(ConnectionNewsTest, ALossIsToldWithItsReason) {
    EXPECT_EQ(news.on_lost("End of file\x1b", 200, 0),
              "Connection lost (End of file<U+001B>); connecting again at once");
    EXPECT_EQ(news.on_back(), "Connected again");
    EXPECT_EQ(news.on_lost("1001", 4'600, 0), "Connection lost (1001); trying again in 5 s");
}

TEST_F(ConnectionNewsTest, AnOrderlyStopIsToldAsSuchEvenIfNobodySaidWhy) {
    foorumi::v1::Notice notice;
    notice.mutable_draining()->set_within_ms(500);
    news.on_notice(notice);
    EXPECT_EQ(news.on_lost("", 0, 0), "Connection lost (the server is stopping); connecting again at once");
    static_cast<void>(news.on_back());
    EXPECT_EQ(news.on_lost("", 0, 0), "Connection lost (the server does not answer); connecting again at once");
}

TEST_F(ConnectionNewsTest, WhatTheServerSaidAtTheEndIsTheReason) {
    foorumi::v1::Notice notice;
    notice.mutable_closing()->mutable_error()->set_reason("slow_reader");
    notice.mutable_closing()->mutable_error()->set_text("The connection is too slow.");
    news.on_notice(notice);
    EXPECT_EQ(news.on_lost("1008", 0, 0), "Connection lost (The connection is too slow); connecting again at once");
}

TEST_F(ConnectionNewsTest, FurtherAttemptsAreToldNowAndThen) {
    EXPECT_TRUE(news.on_lost("a", 0, 1'000));
    EXPECT_EQ(news.on_lost("b", 0, 30'999), std::nullopt);
    EXPECT_EQ(news.on_lost("b", 15'000, 31'000), "No connection for 30 seconds (b); still trying");
    EXPECT_EQ(news.on_lost("b", 15'000, 46'000), std::nullopt);
    EXPECT_EQ(news.on_lost("b", 15'000, 61'000), "No connection for 60 seconds (b); still trying");
}

}  // namespace
}  // namespace foorumi::client
