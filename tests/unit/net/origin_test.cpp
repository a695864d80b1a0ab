#include "net/origin.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace foorumi::test {
namespace {

using net::is_origin;
using net::OriginVerdict;

struct Case {
    const char* name;
    std::vector<std::string_view> headers;
    OriginVerdict verdict;
};

std::vector<Case> origin_cases() {
    using enum OriginVerdict;
    return {
        {"Listed", {"https://foorumi.fi"}, allowed},
        {"ListedWithPort", {"http://localhost:5173"}, allowed},
        {"ListedAddress", {"https://[2001:db8::1]:8443"}, allowed},
        {"Missing", {}, absent},
        {"Null", {"null"}, refused},
        {"Empty", {""}, refused},
        {"Prefix", {"https://evil-foorumi.fi"}, refused},
        {"Suffix", {"https://foorumi.fi.evil.example"}, refused},
        {"Subdomain", {"https://www.foorumi.fi"}, refused},
        {"Parent", {"https://fi"}, refused},
        {"CaseOfHost", {"https://Foorumi.fi"}, refused},
        {"CaseOfScheme", {"HTTPS://foorumi.fi"}, refused},
        {"DefaultPortNamed", {"https://foorumi.fi:443"}, refused},
        {"OtherPort", {"https://foorumi.fi:8443"}, refused},
        {"PortLeftOut", {"http://localhost"}, refused},
        {"OtherScheme", {"http://foorumi.fi"}, refused},
        {"WebSocketScheme", {"wss://foorumi.fi"}, refused},
        {"DotAtTheEnd", {"https://foorumi.fi."}, refused},
        {"User", {"https://foorumi.fi@evil.example"}, refused},
        {"UserBefore", {"https://evil@foorumi.fi"}, refused},
        {"Path", {"https://foorumi.fi/"}, refused},
        {"Space", {"https://foorumi.fi evil"}, refused},
        {"ListOfTwo", {"https://foorumi.fi, https://evil.example"}, refused},
        {"HostOnly", {"foorumi.fi"}, refused},
        {"TwoHeaders", {"https://foorumi.fi", "https://foorumi.fi"}, refused},
        {"TwoHeadersOneEvil", {"https://evil.example", "https://foorumi.fi"}, refused},
        {"NulByte", {std::string_view("https://foorumi.fi\0", 19)}, refused},
    };
}

class OriginHeader : public testing::TestWithParam<Case> {};

TEST_P(OriginHeader, IsComparedAsAWhole) {
    const net::OriginList list({"https://foorumi.fi", "http://localhost:5173", "https://[2001:db8::1]:8443"});
    EXPECT_EQ(list.check(GetParam().headers), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(Table, OriginHeader, testing::ValuesIn(origin_cases()),
                         [](const auto& row) { return row.param.name; });

TEST(OriginList, EmptyOneRefusesEveryOrigin) {
    const net::OriginList list({});
    const std::vector<std::string_view> header{"https://foorumi.fi"}, null{"null"}, empty{""};
    EXPECT_EQ(list.check(header), OriginVerdict::refused);
    EXPECT_EQ(list.check(null), OriginVerdict::refused);
    EXPECT_EQ(list.check(empty), OriginVerdict::refused);
    EXPECT_EQ(list.check({}), OriginVerdict::absent);
}

TEST(Origin, IsTakenInTheFormOfBrowsersOnly) {
    for (const char* good :
         {"https://foorumi.fi", "http://localhost:5173", "https://xn--mets-5qa.fi", "http://127.0.0.1:8080",
          "https://[::1]", "https://[2001:db8::1]:1", "http://a:443", "https://a:80", "https://a:65535"}) {
        EXPECT_TRUE(is_origin(good)) << good;
    }
    for (const char* bad : {"",
                            "null",
                            "*",
                            "foorumi.fi",
                            "//foorumi.fi",
                            "https://",
                            "https://:1",
                            "ftp://foorumi.fi",
                            "wss://foorumi.fi",
                            "HTTPS://foorumi.fi",
                            "https://Foorumi.fi",
                            "https://metsä.fi",
                            "https://foorumi.fi/",
                            "https://foorumi.fi.",
                            "https://.fi",
                            "https://a..fi",
                            "https://-a.fi",
                            "https://a-.fi",
                            "https://foorumi.fi:",
                            "https://foorumi.fi:443",
                            "http://foorumi.fi:80",
                            "https://foorumi.fi:0",
                            "https://foorumi.fi:08",
                            "https://foorumi.fi:65536",
                            "https://foorumi.fi:1x",
                            "https://foorumi.fi:-1",
                            "https://foorumi.fi:+1",
                            "https://user@foorumi.fi",
                            "https://[::1",
                            "https://::1",
                            "https://[::1]x",
                            "https://[fe80::1%eth0]",
                            "https://[0:0::1]",
                            "https://[::A]",
                            "https://*.foorumi.fi",
                            "https://foorumi.fi?x",
                            "https://foorumi.fi#x",
                            " https://foorumi.fi",
                            "https://foorumi.fi ",
                            "https://foo_rumi.fi"}) {
        EXPECT_FALSE(is_origin(bad)) << bad;
    }
}

TEST(Origin, LabelAndHostHaveTheLimitsOfNames) {
    const std::string label(63, 'a');
    EXPECT_TRUE(is_origin("https://" + label));
    EXPECT_FALSE(is_origin("https://a" + label));
    const std::string host = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
    ASSERT_EQ(host.size(), 253U);
    EXPECT_TRUE(is_origin("https://" + host));
    EXPECT_FALSE(is_origin("https://" + host + 'a'));
}

RC_GTEST_PROP(Origin, NothingThatIsAddedOrChangedIsAllowed, ()) {
    const std::string listed = "https://foorumi.fi";
    const net::OriginList list({listed});
    std::string other = listed;
    const auto at = *rc::gen::inRange<std::size_t>(0, other.size() + 1);
    const auto byte = *rc::gen::arbitrary<char>();
    if (at == other.size() || *rc::gen::arbitrary<bool>())
        other.insert(at, 1, byte);
    else
        other[at] = byte;
    RC_PRE(other != listed);
    const std::vector<std::string_view> header{other};
    RC_ASSERT(list.check(header) == OriginVerdict::refused);
}

}  // namespace
}  // namespace foorumi::test
