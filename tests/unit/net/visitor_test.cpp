#include "net/visitor.hpp"

#include <gtest/gtest.h>

namespace foorumi::test {
namespace {

using boost::asio::ip::make_address;
using net::Ticket;

struct VisitorTest : testing::Test {
    static net::HttpPolicy policy_with_proxies() {
        net::Options options;
        options.http.trusted_proxies = {"10.0.0.0/8", "fd00::1"};
        return net::HttpPolicy(options);
    }
    net::Visitor from(const char* address) {
        const auto remote = make_address(address);
        return {policy, remote,
                policy.trusted_proxies.contains(remote) ? budget->admit_from_proxy() : budget->admit(remote)};
    }
    std::size_t counted(const char* address) { return budget->admitted_from(make_address(address)); }
    static bool forwarded(net::Visitor& visitor, std::string_view header) {
        const std::vector<std::string_view> headers{header};
        return visitor.forwarded_by(headers);
    }

    const net::HttpPolicy policy = policy_with_proxies();
    const std::shared_ptr<net::ConnectionBudget> budget = std::make_shared<net::ConnectionBudget>(10, 2, 1);
};

TEST_F(VisitorTest, StrangerIsWhoItIsAndIsNotBelieved) {
    const auto visitor = from("::ffff:192.0.2.1");
    EXPECT_FALSE(visitor.is_proxy());
    EXPECT_EQ(visitor.peer().address, make_address("192.0.2.1"));
    EXPECT_FALSE(visitor.peer().secure);
    EXPECT_EQ(counted("192.0.2.1"), 1U);
}

TEST_F(VisitorTest, ProxyCountsInAllUntilItTellsItsClient) {
    auto visitor = from("10.1.2.3");
    EXPECT_TRUE(visitor.is_proxy());
    EXPECT_EQ(budget->admitted(), 1U);
    EXPECT_EQ(counted("10.1.2.3"), 0U);
    EXPECT_TRUE(forwarded(visitor, "for=192.0.2.1;proto=https"));
    EXPECT_EQ(visitor.peer().address, make_address("192.0.2.1"));
    EXPECT_TRUE(visitor.peer().secure);
    EXPECT_EQ(counted("192.0.2.1"), 1U);
    EXPECT_EQ(budget->admitted(), 1U);
}

TEST_F(VisitorTest, ProxyThatTellsNothingStaysItself) {
    auto visitor = from("fd00::1");
    visitor.speaks_tls();
    EXPECT_TRUE(visitor.forwarded_by({}));
    EXPECT_TRUE(forwarded(visitor, "for=unknown"));
    EXPECT_EQ(visitor.peer().address, make_address("fd00::1"));
    EXPECT_TRUE(visitor.peer().secure) << "its own TLS, of which it says nothing else";
    EXPECT_TRUE(forwarded(visitor, "for=unknown;proto=http"));
    EXPECT_FALSE(visitor.peer().secure) << "the client's way to it was not";
}

TEST_F(VisitorTest, MalformedForwardedChangesNothing) {
    auto visitor = from("10.1.2.3");
    EXPECT_FALSE(forwarded(visitor, "for=192.0.2.1;proto=https;"));
    EXPECT_EQ(visitor.peer().address, make_address("10.1.2.3"));
    EXPECT_FALSE(visitor.peer().secure);
}

TEST_F(VisitorTest, ClientsOfOneProxyAreLimitedEachByItself) {
    std::vector<net::Visitor> visitors;
    for (const char* client : {"for=192.0.2.1", "for=192.0.2.2", "for=192.0.2.1", "for=192.0.2.1", "for=192.0.2.1"}) {
        visitors.push_back(from("10.0.0.1"));
        ASSERT_TRUE(forwarded(visitors.back(), client));
    }
    EXPECT_EQ(visitors[2].ticket().verdict(), Ticket::Verdict::admitted) << "at the limit";
    EXPECT_EQ(visitors[3].ticket().verdict(), Ticket::Verdict::answer) << "over it";
    EXPECT_EQ(visitors[4].ticket().verdict(), Ticket::Verdict::drop) << "and too many are being answered";
    EXPECT_EQ(budget->admitted(), 3U);
    visitors.clear();
    EXPECT_EQ(budget->admitted(), 0U);
    EXPECT_EQ(counted("192.0.2.1"), 0U);
    auto again = from("10.0.0.1");
    ASSERT_TRUE(forwarded(again, "for=192.0.2.1"));
    EXPECT_EQ(again.ticket().verdict(), Ticket::Verdict::admitted);
}

TEST_F(VisitorTest, ProxyIsLimitedInAll) {
    std::vector<net::Visitor> visitors;
    for (int i = 0; i < 10; ++i) visitors.push_back(from("10.0.0.1"));
    EXPECT_EQ(visitors.back().ticket().verdict(), Ticket::Verdict::admitted);
    EXPECT_EQ(from("10.0.0.1").ticket().verdict(), Ticket::Verdict::answer);
}

TEST_F(VisitorTest, IntroducedClientIsNotBelievedUnlessItIsAProxyToo) {
    auto client = from("10.0.0.1");
    client.introduced_by({make_address("192.0.2.1"), std::nullopt});
    EXPECT_FALSE(client.is_proxy()) << "what follows is the client's own word";
    EXPECT_EQ(client.peer().address, make_address("192.0.2.1"));
    EXPECT_EQ(counted("192.0.2.1"), 1U);

    auto proxy = from("10.0.0.1");
    proxy.introduced_by({make_address("10.0.0.2"), std::nullopt});
    EXPECT_TRUE(proxy.is_proxy());
    EXPECT_EQ(counted("10.0.0.2"), 0U);
    EXPECT_TRUE(forwarded(proxy, "for=192.0.2.2;proto=https"));
    EXPECT_EQ(proxy.peer().address, make_address("192.0.2.2"));
    EXPECT_TRUE(proxy.peer().secure);
}

TEST_F(VisitorTest, IntroductionWithoutAClientIsTheProxysAndNothingElseIsBelieved) {
    auto visitor = from("10.0.0.1");
    visitor.introduced_by({std::nullopt, std::nullopt});
    EXPECT_FALSE(visitor.is_proxy());
    EXPECT_EQ(visitor.peer().address, make_address("10.0.0.1"));
    EXPECT_FALSE(visitor.peer().secure);
}

TEST_F(VisitorTest, IntroductionTellsOfTlsAndOurOwnIsAddedToIt) {
    auto over_tls = from("10.0.0.1"), plain = from("10.0.0.1");
    over_tls.introduced_by({make_address("192.0.2.1"), true});
    plain.introduced_by({make_address("192.0.2.2"), false});
    EXPECT_TRUE(over_tls.peer().secure);
    EXPECT_FALSE(plain.peer().secure);
    plain.speaks_tls();
    EXPECT_TRUE(plain.peer().secure) << "the proxy has passed it through";
}

}  // namespace
}  // namespace foorumi::test
