#include "net/address_set.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/asio/ip/address_v4.hpp>

namespace foorumi::test {
namespace {

using boost::asio::ip::make_address;
using net::parse_range;

bool in(const std::string& range, const char* address) {
    return net::AddressSet(std::vector<std::string>{range}).contains(make_address(address));
}

TEST(AddressSet, AddressIsItselfAlone) {
    EXPECT_TRUE(in("192.0.2.7", "192.0.2.7"));
    EXPECT_FALSE(in("192.0.2.7", "192.0.2.6"));
    EXPECT_TRUE(in("2001:db8::1", "2001:db8::1"));
    EXPECT_FALSE(in("2001:db8::1", "2001:db8::"));
}

TEST(AddressSet, RangeEndsWhereItsBitsDo) {
    EXPECT_TRUE(in("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(in("192.0.2.128/25", "192.0.2.255"));
    EXPECT_FALSE(in("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff:ffff::"));
    EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::"));
    EXPECT_TRUE(in("0.0.0.0/0", "255.1.2.3"));
    EXPECT_FALSE(in("0.0.0.0/0", "::1")) << "all of IPv4 is none of IPv6";
    EXPECT_FALSE(in("::/0", "127.0.0.1"));
}

TEST(AddressSet, MappedAddressIsTheOneItMaps) {
    EXPECT_TRUE(in("127.0.0.1", "::ffff:127.0.0.1"));
    EXPECT_FALSE(in("::/0", "::ffff:127.0.0.1"));
}

TEST(AddressSet, EmptyOneHasNobody) {
    EXPECT_FALSE(net::AddressSet(std::vector<std::string>{}).contains(make_address("127.0.0.1")));
}

TEST(AddressSet, WhatIsNoRangeIsRefused) {
    for (const char* text : {"",
                             "/",
                             "/8",
                             "10.0.0.0/",
                             "10.0.0.0/33",
                             "::/129",
                             "10.0.0.1/8",
                             "10.0.0.0/08",
                             "10.0.0.0/+8",
                             "10.0.0.0/8 ",
                             " 10.0.0.0",
                             "10.0.0",
                             "10.0.0.0.0",
                             "010.0.0.0",
                             "localhost",
                             "fe80::1%lo",
                             "::ffff:10.0.0.1",
                             "2001:db8::1/64",
                             "10.0.0.0/8/8",
                             "10.0.0.0-10.0.0.9",
                             "*"}) {
        EXPECT_FALSE(parse_range(text).has_value()) << text;
    }
    EXPECT_THROW(net::AddressSet(std::vector<std::string>{"x"}), std::invalid_argument);
}

RC_GTEST_PROP(AddressSet, ContainsWhatSharesThePrefix, (std::uint32_t a, std::uint32_t b)) {
    const auto prefix = *rc::gen::inRange<unsigned>(0, 33);
    const auto mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
    const auto range = parse_range(boost::asio::ip::address_v4(a & mask).to_string() + '/' + std::to_string(prefix));
    RC_ASSERT(range.has_value());
    RC_ASSERT(range->contains(boost::asio::ip::address_v4(b)) == ((a & mask) == (b & mask)));
    RC_ASSERT(range->contains(boost::asio::ip::address_v4((a & mask) | (b & ~mask))));
}

}  // namespace
}  // namespace foorumi::test
