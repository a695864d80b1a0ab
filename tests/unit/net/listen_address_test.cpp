#include "net/listen_address.hpp"

#include <gtest/gtest.h>

namespace foorumi::net {
namespace {

TEST(ListenAddressText, IsANumericAddressAndAPort) {
    EXPECT_EQ(parse_listen_address("127.0.0.1:9464"), (ListenAddress{"127.0.0.1", 9464}));
    EXPECT_EQ(parse_listen_address("[::1]:0"), (ListenAddress{"::1", 0}));
    EXPECT_EQ(parse_listen_address("0.0.0.0:65535"), (ListenAddress{"0.0.0.0", 65535}));
    EXPECT_EQ(parse_listen_address("[::]:1"), (ListenAddress{"::", 1}));
}

TEST(ListenAddressText, IsNothingElse) {
    for (const auto* text : {"",
                             ":",
                             "9464",
                             ":9464",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:65536",
                             "127.0.0.1:-1",
                             "127.0.0.1:+1",
                             "127.0.0.1: 1",
                             "127.0.0.1:1x",
                             " 127.0.0.1:1",
                             "127.0.0:x",
                             "localhost:9464",
                             "::1:9464",
                             "::1",
                             "[::1]",
                             "[::1]9464",
                             "[127.0.0.1]:9464",
                             "[]:1",
                             "[::1:1",
                             "::1]:1",
                             "http://127.0.0.1:9464",
                             "127.0.0.1:9464/metrics"}) {
        EXPECT_EQ(parse_listen_address(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace foorumi::net
