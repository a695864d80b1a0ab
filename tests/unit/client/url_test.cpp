#include "client/url.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

TEST(Url, PartsAreFoundAndDefaultsFilledIn) {
    EXPECT_EQ(*parse_url("ws://127.0.0.1:8080"), (Url{"127.0.0.1", "8080", "/"}));
    EXPECT_EQ(*parse_url("ws://foorumi.fi"), (Url{"foorumi.fi", "80", "/"}));
    EXPECT_EQ(*parse_url("ws://foorumi.fi/ws?x=1"), (Url{"foorumi.fi", "80", "/ws?x=1"}));
    EXPECT_EQ(*parse_url("ws://[::1]:9/"), (Url{"::1", "9", "/"}));
    EXPECT_EQ(authority(*parse_url("ws://[::1]:9/")), "[::1]:9");
    EXPECT_EQ(authority(*parse_url("ws://a.fi")), "a.fi:80");
    EXPECT_EQ(*parse_url("wss://foorumi.fi"), (Url{"foorumi.fi", "443", "/", true}));
    EXPECT_EQ(*parse_url("wss://[::1]:8443/ws"), (Url{"::1", "8443", "/ws", true}));
    EXPECT_EQ(authority(*parse_url("wss://a.fi")), "a.fi:443");
}

TEST(Url, TheOwnMachineIsTold) {
    for (const char* own :
         {"ws://127.0.0.1:1", "ws://127.8.9.10", "ws://[::1]:1", "ws://localhost", "ws://LocalHost:8080"})
        EXPECT_TRUE(is_loopback(*parse_url(own))) << own;
    for (const char* other :
         {"ws://foorumi.fi", "ws://10.0.0.1", "ws://127.0.0.1.fi", "ws://[2001:db8::1]", "ws://localhost.fi"})
        EXPECT_FALSE(is_loopback(*parse_url(other))) << other;
}

TEST(Url, EveryFaultHasItsReason) {
    EXPECT_EQ(parse_url("wsss://foorumi.fi").error(), UrlError::not_websocket);
    EXPECT_EQ(parse_url("wss://").error(), UrlError::bad_host);
    EXPECT_EQ(parse_url("wss://a:0").error(), UrlError::bad_port);
    EXPECT_EQ(parse_url("http://foorumi.fi").error(), UrlError::not_websocket);
    EXPECT_EQ(parse_url("").error(), UrlError::not_websocket);
    EXPECT_EQ(parse_url("ws://").error(), UrlError::bad_host);
    EXPECT_EQ(parse_url("ws://a b").error(), UrlError::bad_host);
    EXPECT_EQ(parse_url("ws://a/\r\nX: y").error(), UrlError::bad_host);
    EXPECT_EQ(parse_url("ws://[::1").error(), UrlError::bad_host);
    EXPECT_EQ(parse_url("ws://a:").error(), UrlError::bad_port);
    EXPECT_EQ(parse_url("ws://a:0").error(), UrlError::bad_port);
    EXPECT_EQ(parse_url("ws://a:65536").error(), UrlError::bad_port);
    EXPECT_EQ(parse_url("ws://[::1]x").error(), UrlError::bad_port);
}

}  // namespace
}  // namespace foorumi::client
