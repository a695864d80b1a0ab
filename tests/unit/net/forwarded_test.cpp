#include "net/forwarded.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace foorumi::test {
namespace {

using boost::asio::ip::make_address;
using net::last_hop;

struct Told {
    std::string client;  // empty: none
    std::optional<bool> https;
    bool operator==(const Told&) const = default;
};

std::optional<Told> told(std::vector<std::string_view> headers) {
    const auto hop = last_hop(headers);
    if (!hop) return std::nullopt;
    return Told{hop->client ? hop->client->to_string() : std::string(), hop->https};
}

TEST(Forwarded, TellsTheLastHop) {
    EXPECT_EQ(told({}), (Told{"", {}}));
    EXPECT_EQ(told({"for=192.0.2.60;proto=http;by=203.0.113.43"}), (Told{"192.0.2.60", false}));
    EXPECT_EQ(told({"For=\"[2001:db8:cafe::17]:4711\";Proto=HTTPS"}), (Told{"2001:db8:cafe::17", true}));
    EXPECT_EQ(told({"for=192.0.2.43, for=198.51.100.17;proto=https"}), (Told{"198.51.100.17", true}));
    EXPECT_EQ(told({"for=192.0.2.43;proto=https", "for=198.51.100.17"}), (Told{"198.51.100.17", {}}))
        << "what an earlier hop says is not said of the last";
    EXPECT_EQ(told({"for=\"192.0.2.1:80\""}), (Told{"192.0.2.1", {}}));
    EXPECT_EQ(told({"for=\"[::ffff:192.0.2.1]\""}), (Told{"192.0.2.1", {}}));
    EXPECT_EQ(told({"for=192.0.2.1;host=\"a,b;c\\\"d\";secret=_x"}), (Told{"192.0.2.1", {}}));
    EXPECT_EQ(told({"for=192.0.2.1 , , for=192.0.2.2"}), (Told{"192.0.2.2", {}}));
}

TEST(Forwarded, NodesWithoutAnAddressTellNone) {
    for (const char* header :
         {"for=unknown", "for=_hidden", "for=\"_SEVKISEK:_port\"", "for=\"unknown:80\"", "by=192.0.2.1"}) {
        EXPECT_EQ(told({header}), (Told{"", {}})) << header;
    }
}

TEST(Forwarded, MalformedIsRefusedWhereverItIs) {
    for (const char* header : {"for",
                               "for=",
                               "=192.0.2.1",
                               "for=192.0.2.1;",
                               ";for=192.0.2.1",
                               "for=192.0.2.1;;proto=https",
                               "for =192.0.2.1",
                               "for= 192.0.2.1",
                               "for=192.0.2.1 ;proto=https",
                               "for=192.0.2.1 proto=https",
                               "for=\"192.0.2.1",
                               "for=\"192.0.2.1\\",
                               "for=[2001:db8::1]",
                               "for=2001:db8::1",
                               "for=\"2001:db8::1\"",
                               "for=192.0.2.1:80",
                               "for=\"192.0.2.1:\"",
                               "for=\"192.0.2.1:123456\"",
                               "for=\"192.0.2.1:8 0\"",
                               "for=host.example",
                               "for=256.0.0.1",
                               "for=\"[2001:db8::1\"",
                               "for=\"[fe80::1%eth0]\"",
                               "for=\"[2001:db8::1]x\"",
                               "for=_",
                               "for=\"_a b\"",
                               "for=\"\"",
                               "for=192.0.2.1;for=192.0.2.2",
                               "for=192.0.2.1;For=192.0.2.2",
                               "proto=https;proto=http",
                               "for=192.0.2.1/24"}) {
        EXPECT_EQ(told({header}), std::nullopt) << header;
        EXPECT_EQ(told({header, "for=198.51.100.17"}), std::nullopt) << header << " before a good one";
        const std::string joined = std::string(header) + ", for=198.51.100.17";
        EXPECT_EQ(told({joined}), std::nullopt) << header << " and a good one";
    }
}

// A client writes what it likes, the proxy adds its own element behind it.
RC_GTEST_PROP(Forwarded, NothingInFrontChangesWhatTheProxyAdds, (const std::string& random)) {
    static const std::vector<std::string> pieces{"for=",      "proto=https", "\"",   "\\",      ",",
                                                 ";",         "=",           " ",    "[",       "]",
                                                 "192.0.2.1", "for=\"x",     "a=\"", "unknown", "by=_x"};
    std::string front = random;
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) front += piece;
    for (const auto* own : {"for=198.51.100.17;proto=http", "for=\"[2001:db8::17]\";proto=http"}) {
        const std::string one = front + ", " + own;
        const auto joined = told({one});
        const auto separate = told({front, own});
        const auto alone = told({own});
        RC_ASSERT(!joined || joined == alone);
        RC_ASSERT(!separate || separate == alone);
    }
}

}  // namespace
}  // namespace foorumi::test
