#include "store/endpoint.hpp"

#include <gtest/gtest.h>

namespace foorumi::store {
namespace {

TEST(EndpointTest, UnixSocket) {
    const auto endpoint = parse_endpoint("unix:/run/redis.sock");
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->path, "/run/redis.sock");
    EXPECT_EQ(endpoint->display(), "unix:/run/redis.sock");
    EXPECT_TRUE(parse_endpoint("unix:" + std::string(107, 'x')));
    EXPECT_EQ(parse_endpoint("unix:" + std::string(108, 'x')).error(), Errc::endpoint_path);
    EXPECT_EQ(parse_endpoint("unix:").error(), Errc::endpoint_path);
}

TEST(EndpointTest, WholeUrl) {
    const auto endpoint = parse_endpoint("redis://forum:p%40ss%2fword@redis.example:7000/3");
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->user, "forum");
    EXPECT_EQ(endpoint->password, "p@ss/word");
    EXPECT_EQ(endpoint->host, "redis.example");
    EXPECT_EQ(endpoint->port, 7000);
    EXPECT_EQ(endpoint->database, 3);
    EXPECT_EQ(endpoint->display(), "redis://forum@redis.example:7000/3");
}

TEST(EndpointTest, PartsMayBeMissing) {
    const auto endpoint = parse_endpoint("redis://localhost");
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->port, 6379);
    EXPECT_EQ(endpoint->database, 0);
    EXPECT_EQ(endpoint->user, "");
    EXPECT_EQ(parse_endpoint("redis://localhost/")->database, 0);
    const auto password = parse_endpoint("redis://:secret@localhost:1");
    EXPECT_EQ(password->user, "");
    EXPECT_EQ(password->password, "secret");
    EXPECT_EQ(password->display(), "redis://localhost:1");
}

TEST(EndpointTest, Ipv6) {
    const auto endpoint = parse_endpoint("redis://[::1]:7000");
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->host, "::1");
    EXPECT_EQ(endpoint->port, 7000);
    EXPECT_EQ(endpoint->display(), "redis://[::1]:7000");
}

struct Wrong {
    const char* url;
    Errc error;
};
class WrongEndpointTest : public testing::TestWithParam<Wrong> {};

TEST_P(WrongEndpointTest, IsRefusedWithItsReason) {
    const auto endpoint = parse_endpoint(GetParam().url);
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error(), GetParam().error);
    EXPECT_FALSE(endpoint.error().message().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Urls, WrongEndpointTest,
    testing::Values(Wrong{"", Errc::endpoint_scheme}, Wrong{"localhost:6379", Errc::endpoint_scheme},
                    Wrong{"http://localhost", Errc::endpoint_scheme}, Wrong{"redis://", Errc::endpoint_host},
                    Wrong{"redis://:7000", Errc::endpoint_host}, Wrong{"redis://[::1", Errc::endpoint_host},
                    Wrong{"redis://[[a]", Errc::endpoint_host}, Wrong{"redis://a b", Errc::endpoint_host},
                    Wrong{"redis://h:", Errc::endpoint_port}, Wrong{"redis://h:0", Errc::endpoint_port},
                    Wrong{"redis://h:65536", Errc::endpoint_port}, Wrong{"redis://h:7x", Errc::endpoint_port},
                    Wrong{"redis://[::1]7000", Errc::endpoint_port}, Wrong{"redis://h/x", Errc::endpoint_database},
                    Wrong{"redis://h/-1", Errc::endpoint_database}, Wrong{"redis://u:%4@h", Errc::endpoint_escape},
                    Wrong{"redis://u:%zz@h", Errc::endpoint_escape}, Wrong{"redis://u:%", Errc::endpoint_port}));

}  // namespace
}  // namespace foorumi::store
