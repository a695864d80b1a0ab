#include "store/topology.hpp"

#include <gmock/gmock.h>

#include "store/url_parts.hpp"

namespace foorumi::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(TopologyTest, OneServerIsAsBefore) {
    const auto redis = parse_topology("redis://forum:secret@redis.example:7000/3");
    ASSERT_TRUE(redis);
    EXPECT_EQ(redis->kind, Topology::Kind::standalone);
    EXPECT_EQ(redis->endpoint, *parse_endpoint("redis://forum:secret@redis.example:7000/3"));
    EXPECT_EQ(redis->display(), "redis://forum@redis.example:7000/3");
    const auto socket = parse_topology("unix:/run/redis.sock");
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket->endpoint.path, "/run/redis.sock");
    EXPECT_EQ(socket->display(), "unix:/run/redis.sock");
}

TEST(TopologyTest, Sentinels) {
    const auto topology = parse_topology(
        "redis+sentinel://forum:p%40ss@s1.example:1234,s2.example,[::1]:7/my-forum.1/2"
        "?sentinel_user=watch&sentinel_password=%25x");
    ASSERT_TRUE(topology);
    EXPECT_EQ(topology->kind, Topology::Kind::sentinel);
    EXPECT_THAT(topology->hosts,
                ElementsAre(Address{"s1.example", 1234}, Address{"s2.example", 26379}, Address{"::1", 7}));
    EXPECT_EQ(topology->primary_name, "my-forum.1");
    EXPECT_EQ(topology->endpoint.user, "forum");
    EXPECT_EQ(topology->endpoint.password, "p@ss");
    EXPECT_EQ(topology->endpoint.database, 2);
    EXPECT_EQ(topology->sentinel_user, "watch");
    EXPECT_EQ(topology->sentinel_password, "%x");
    EXPECT_EQ(topology->display(), "redis+sentinel://forum@s1.example:1234,s2.example:26379,[::1]:7/my-forum.1/2");
}

TEST(TopologyTest, SentinelsNeedNoMoreThanAHostAndAName) {
    const auto topology = parse_topology("redis+sentinel://h/m");
    ASSERT_TRUE(topology);
    EXPECT_THAT(topology->hosts, ElementsAre(Address{"h", 26379}));
    EXPECT_EQ(topology->endpoint.user + topology->endpoint.password + topology->sentinel_user, "");
    EXPECT_EQ(topology->endpoint.database, 0);
    EXPECT_EQ(parse_topology("redis+sentinel://h/m?sentinel_password=x")->sentinel_password, "x");
    EXPECT_EQ(parse_topology("redis+sentinel://h/m/")->endpoint.database, 0);
}

TEST(TopologyTest, Cluster) {
    const auto topology = parse_topology("redis+cluster://:secret@10.0.0.1:7000,10.0.0.2,[fe80::1]");
    ASSERT_TRUE(topology);
    EXPECT_TRUE(topology->is_cluster());
    EXPECT_THAT(topology->hosts,
                ElementsAre(Address{"10.0.0.1", 7000}, Address{"10.0.0.2", 6379}, Address{"fe80::1", 6379}));
    EXPECT_EQ(topology->endpoint.password, "secret");
    EXPECT_EQ(topology->display(), "redis+cluster://10.0.0.1:7000,10.0.0.2:6379,[fe80::1]:6379");
    EXPECT_TRUE(parse_topology("redis+cluster://h/"));
}

TEST(TopologyTest, PasswordsAreNotDisplayed) {
    const auto topology = parse_topology("redis+sentinel://u:first@h/m?sentinel_user=w&sentinel_password=second");
    ASSERT_TRUE(topology);
    EXPECT_THAT(topology->display(), Not(HasSubstr("first")));
    EXPECT_THAT(topology->display(), Not(HasSubstr("second")));
}

std::string many_hosts(std::size_t count) {
    std::string hosts = "h1";
    for (std::size_t i = 2; i <= count; ++i) hosts += ",h" + std::to_string(i);
    return hosts;
}

TEST(TopologyTest, HostsHaveALimit) {
    EXPECT_TRUE(parse_topology("redis+cluster://" + many_hosts(most_url_hosts - 1)));
    EXPECT_TRUE(parse_topology("redis+cluster://" + many_hosts(most_url_hosts)));
    EXPECT_EQ(parse_topology("redis+cluster://" + many_hosts(most_url_hosts + 1)).error(), Errc::endpoint_many);
    EXPECT_THAT(make_error_code(Errc::endpoint_many).message(), HasSubstr(std::to_string(most_url_hosts)));
}

TEST(TopologyTest, TlsIsRefusedWithWhatToDoInstead) {
    const auto topology = parse_topology("rediss://h");
    ASSERT_FALSE(topology);
    EXPECT_THAT(topology.error().message(), HasSubstr("stunnel"));
    EXPECT_THAT(topology.error().message(), HasSubstr("docs/operations.md"));
}

struct WrongPlace {
    const char* url;
    Errc error;
};
class WrongTopologyTest : public testing::TestWithParam<WrongPlace> {};

TEST_P(WrongTopologyTest, IsRefusedWithItsReason) {
    const auto topology = parse_topology(GetParam().url);
    ASSERT_FALSE(topology);
    EXPECT_EQ(topology.error(), GetParam().error);
    EXPECT_GT(topology.error().message().size(), 10u);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, WrongTopologyTest,
    testing::Values(
        WrongPlace{"", Errc::endpoint_scheme}, WrongPlace{"http://h", Errc::endpoint_scheme},
        WrongPlace{"redis+other://h", Errc::endpoint_scheme}, WrongPlace{"rediss://h", Errc::endpoint_tls},
        WrongPlace{"rediss+cluster://h", Errc::endpoint_tls}, WrongPlace{"redis+sentinel://", Errc::endpoint_host},
        WrongPlace{"redis+sentinel:///m", Errc::endpoint_host},
        WrongPlace{"redis+sentinel://h", Errc::endpoint_primary_name},
        WrongPlace{"redis+sentinel://h/", Errc::endpoint_primary_name},
        WrongPlace{"redis+sentinel://h//1", Errc::endpoint_primary_name},
        WrongPlace{"redis+sentinel://h/a b", Errc::endpoint_primary_name},
        WrongPlace{"redis+sentinel://h/m/x", Errc::endpoint_database},
        WrongPlace{"redis+sentinel://h/m/65536", Errc::endpoint_database},
        WrongPlace{"redis+sentinel://h,/m", Errc::endpoint_host},
        WrongPlace{"redis+sentinel://,h/m", Errc::endpoint_host},
        WrongPlace{"redis+sentinel://h:0/m", Errc::endpoint_port},
        WrongPlace{"redis+sentinel://h:65536/m", Errc::endpoint_port},
        WrongPlace{"redis+sentinel://h:1,h:1/m", Errc::endpoint_twice},
        WrongPlace{"redis+sentinel://h,h:26379/m", Errc::endpoint_twice},
        WrongPlace{"redis+sentinel://h/m?password=x", Errc::endpoint_parameter},
        WrongPlace{"redis+sentinel://h/m?sentinel_user", Errc::endpoint_parameter},
        WrongPlace{"redis+sentinel://h/m?sentinel_user=", Errc::endpoint_parameter},
        WrongPlace{"redis+sentinel://h/m?sentinel_user=a&sentinel_user=b", Errc::endpoint_parameter},
        WrongPlace{"redis+sentinel://h/m?sentinel_password=%4", Errc::endpoint_escape},
        WrongPlace{"redis+sentinel://u:%zz@h/m", Errc::endpoint_escape},
        WrongPlace{"redis+cluster://", Errc::endpoint_host}, WrongPlace{"redis+cluster://h,", Errc::endpoint_host},
        WrongPlace{"redis+cluster://h/0", Errc::endpoint_cluster_database},
        WrongPlace{"redis+cluster://h/3", Errc::endpoint_cluster_database},
        WrongPlace{"redis+cluster://h:7000,h:7000", Errc::endpoint_twice},
        WrongPlace{"redis+cluster://h:x", Errc::endpoint_port}, WrongPlace{"redis+cluster://[::1", Errc::endpoint_host},
        WrongPlace{"redis+cluster://u:%@h", Errc::endpoint_escape}));

}  // namespace
}  // namespace foorumi::store
