#include "net/proxy_protocol.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/asio/ip/address_v4.hpp>

#include "unit/net/proxy_headers.hpp"

namespace foorumi::test {
namespace {

using net::ProxyParser;
using Step = ProxyParser::Step;

constexpr std::string_view of_client = "GET / HTTP/1.1\r\n";

struct Outcome {
    Step step = Step::more;
    std::size_t used = 0;
    std::string client;  // empty: none
    std::optional<bool> secure;
    bool operator==(const Outcome&) const = default;
};

// Fed in pieces of this size.
Outcome outcome_of(std::string_view bytes, std::size_t piece = std::string_view::npos) {
    ProxyParser parser;
    Outcome outcome;
    while (outcome.step == Step::more && outcome.used < bytes.size()) {
        std::size_t used = 0;
        outcome.step = parser.feed(bytes.substr(outcome.used, piece), used);
        outcome.used += used;
    }
    if (outcome.step != Step::done) return outcome;
    if (parser.header().client) outcome.client = parser.header().client->to_string();
    outcome.secure = parser.header().secure;
    return outcome;
}

struct Header {
    std::string bytes;
    std::string client;
    std::optional<bool> secure = std::nullopt;
};

// What the ssl extra holds besides its flags: a verdict of 4 bytes, and extras of its own.
std::string ssl(char flags) {
    return tlv('\x20', std::string(1, flags) + std::string(4, '\0') + tlv('\x21', "TLSv1.3"));
}

const std::vector<Header>& good_headers() {
    static const std::vector<Header> headers{
        {"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"},
        {"PROXY TCP6 2001:db8::7 ::1 0 1\r\n", "2001:db8::7"},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 1\r\n", "192.0.2.1"},
        {"PROXY UNKNOWN\r\n", ""},
        {"PROXY UNKNOWN ffff::1 anything at all\r\n", ""},
        {binary_header(v4_payload()), "192.0.2.1"},
        {binary_header(v6_payload(), '\x21', '\x21'), "2001:db8::7"},
        {binary_header(v4_payload() + tlv('\x04', "padding") + ssl('\x01')), "192.0.2.1", true},
        {binary_header(v4_payload() + ssl('\x06')), "192.0.2.1", false},
        {binary_header("", '\x20', '\x00'), ""},
        {binary_header(v4_payload() + "whatever", '\x20'), ""},
        {binary_header("unix sockets, say", '\x21', '\x00'), ""},
    };
    return headers;
}

TEST(ProxyProtocol, GoodHeaderTellsTheClientAndLeavesWhatFollows) {
    for (const auto& [bytes, client, secure] : good_headers()) {
        EXPECT_EQ(outcome_of(bytes + std::string(of_client)), (Outcome{Step::done, bytes.size(), client, secure}))
            << bytes;
    }
}

TEST(ProxyProtocol, PiecesOfAnySizeMakeTheSameHeader) {
    for (const auto& header : good_headers()) {
        for (const std::size_t piece : {1U, 2U, 3U, 7U, 15U, 16U, 17U}) {
            EXPECT_EQ(outcome_of(header.bytes, piece), outcome_of(header.bytes)) << header.bytes;
        }
    }
}

TEST(ProxyProtocol, EveryStartOfAGoodHeaderWaitsForMore) {
    for (const auto& header : good_headers()) {
        for (std::size_t size = 0; size < header.bytes.size(); ++size) {
            EXPECT_EQ(outcome_of(header.bytes.substr(0, size)).step, Step::more) << header.bytes << ' ' << size;
        }
    }
}

TEST(ProxyProtocol, MalformedLineIsRefused) {
    for (const char* line : {"GET / HTTP/1.1\r\n",
                             "PROXY \r\n",
                             "PROXY\r\n",
                             "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
                             "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
                             "PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n",
                             "PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n",
                             "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
                             "PROXY UNKNOWNS\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 1 \r\n",
                             "PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n",
                             "PROXY TCP4 ::1 ::1 1 2\r\n",
                             "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
                             "PROXY TCP4 192.0.2.1 ::1 1 2\r\n",
                             "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
                             "PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n",
                             "PROXY TCP6 fe80::1%1 ::1 1 2\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 x 2\r\n",
                             "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n\r\n",
                             "\r\nPROXY UNKNOWN\r\n"}) {
        EXPECT_EQ(outcome_of(line).step, Step::malformed) << line;
    }
}

TEST(ProxyProtocol, LineHasALimit) {
    const std::string start = "PROXY UNKNOWN ";
    const std::string longest = start + std::string(net::max_proxy_line_bytes - start.size() - 2, 'x') + "\r\n";
    EXPECT_EQ(outcome_of(longest.substr(1 + start.size()).insert(0, start)).step, Step::done);
    EXPECT_EQ(outcome_of(longest).step, Step::done);
    const auto over = outcome_of(start + std::string(200, 'x'));
    EXPECT_EQ(over.step, Step::malformed);
    EXPECT_EQ(over.used, net::max_proxy_line_bytes) << "it is not waited for an end beyond the limit";
    EXPECT_EQ(outcome_of(start + 'x' + longest.substr(start.size())).step, Step::malformed);
}

TEST(ProxyProtocol, MalformedBinaryHeaderIsRefused) {
    const std::string good = binary_header(v4_payload());
    EXPECT_EQ(outcome_of("\r\n\r\nGET").step, Step::malformed);
    EXPECT_EQ(outcome_of(binary_header(v4_payload(), '\x11')).step, Step::malformed) << "version 1";
    EXPECT_EQ(outcome_of(binary_header(v4_payload(), '\x31')).step, Step::malformed) << "version 3";
    EXPECT_EQ(outcome_of(binary_header(v4_payload(), '\x22')).step, Step::malformed) << "command 2";
    for (const char family : {'\x01', '\x10', '\x12', '\x22', '\x31', '\x32', '\x41', '\x13'}) {
        EXPECT_EQ(outcome_of(binary_header(v6_payload(), '\x21', family)).step, Step::malformed) << int{family};
    }
    EXPECT_EQ(outcome_of(binary_header(v4_payload().substr(1))).step, Step::malformed) << "addresses cut short";
    EXPECT_EQ(outcome_of(binary_header(v6_payload().substr(1), '\x21', '\x21')).step, Step::malformed);
    for (const std::string& extra :
         {std::string("\x04"), std::string("\x04\0", 2), std::string("\x04\0\x01", 3), tlv('\x20', "\x01"),
          tlv('\x03', "abc"), tlv('\x03', "abcd"), tlv('\x04', "") + "x"}) {
        EXPECT_EQ(outcome_of(binary_header(v4_payload() + extra)).step, Step::malformed) << extra.size();
    }
}

TEST(ProxyProtocol, BinaryHeaderHasALimit) {
    const auto padded = [](std::size_t size) {
        return binary_header(v4_payload() + tlv('\x04', std::string(size - 16 - 12 - 3, 'x')));
    };
    EXPECT_EQ(outcome_of(padded(net::max_proxy_header_bytes - 1)).step, Step::done);
    EXPECT_EQ(outcome_of(padded(net::max_proxy_header_bytes)).step, Step::done);
    const auto over = outcome_of(padded(net::max_proxy_header_bytes + 1));
    EXPECT_EQ(over.step, Step::malformed);
    EXPECT_EQ(over.used, 16U) << "what is over the limit is not even read";
}

// Calculated by its definition with a table, unlike the parser.
std::uint32_t crc32c_by_table(std::string_view bytes) {
    std::uint32_t table[256];
    for (std::uint32_t i = 0; i < 256; ++i) {
        table[i] = i;
        for (int bit = 0; bit < 8; ++bit) table[i] = table[i] & 1 ? table[i] >> 1 ^ 0x82f63b78 : table[i] >> 1;
    }
    std::uint32_t crc = 0xffffffff;
    for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<std::uint8_t>(c)) & 0xff];
    return crc ^ 0xffffffff;
}

TEST(ProxyProtocol, ChecksumHasToFit) {
    ASSERT_EQ(crc32c_by_table("123456789"), 0xe3069283U);  // the check value of CRC-32C
    const std::string zeroed = binary_header(v4_payload() + tlv('\x03', std::string(4, '\0')) + ssl('\x01'));
    const auto crc = crc32c_by_table(zeroed);
    const std::size_t at = 16 + 12 + 3;
    std::string good = zeroed;
    good.replace(at, 4, two_bytes(crc >> 16) + two_bytes(crc & 0xffff));
    EXPECT_EQ(outcome_of(good), (Outcome{Step::done, good.size(), "192.0.2.1", true}));
    for (std::size_t i = 16; i < good.size(); ++i) {
        if (i > at - 4 && i < at) continue;  // the checksum's own type and size
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x40);
        EXPECT_EQ(outcome_of(bad).step, Step::malformed) << i;
    }
}

RC_GTEST_PROP(ProxyProtocol, LineOfAnyClientComesBack,
              (std::uint32_t client, std::uint16_t port, const std::string& rest)) {
    const auto address = boost::asio::ip::address_v4(client).to_string();
    const std::string line = "PROXY TCP4 " + address + " 192.0.2.1 " + std::to_string(port) + " 443\r\n";
    const auto piece = *rc::gen::inRange<std::size_t>(1, 130);
    RC_ASSERT((outcome_of(line + rest, piece) == Outcome{Step::done, line.size(), address, {}}));
}

RC_GTEST_PROP(ProxyProtocol, WhateverComesThePiecesDoNotMatter, ()) {
    auto bytes = *rc::gen::elementOf(good_headers());
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.bytes.size());
    bytes.bytes[at] = *rc::gen::arbitrary<char>();
    bytes.bytes += *rc::gen::arbitrary<std::string>();
    const auto whole = outcome_of(bytes.bytes);
    RC_ASSERT(outcome_of(bytes.bytes, *rc::gen::inRange<std::size_t>(1, 40)) == whole);
    RC_ASSERT(whole.used <= net::max_proxy_header_bytes);
}

}  // namespace
}  // namespace foorumi::test
