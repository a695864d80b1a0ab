#include "net/address_set.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace foorumi::net {

namespace ip = boost::asio::ip;

namespace {

// In network order; of IPv4 the first 4.
using Bytes = std::array<std::uint8_t, 16>;

unsigned bits_of(const ip::address& address) { return address.is_v4() ? 32 : 128; }

Bytes bytes_of(const ip::address& address) {
    Bytes bytes{};
    if (address.is_v6()) return address.to_v6().to_bytes();
    std::ranges::copy(address.to_v4().to_bytes(), bytes.begin());
    return bytes;
}

bool same_bits(const Bytes& a, const Bytes& b, unsigned from, unsigned to) {
    for (unsigned bit = from; bit < to; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) return false;
    }
    return true;
}

}  // namespace

ip::address unmapped(const ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

bool AddressRange::contains(const ip::address& other) const {
    return address.is_v4() == other.is_v4() && same_bits(bytes_of(address), bytes_of(other), 0, prefix);
}

std::optional<AddressRange> parse_range(std::string_view text) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto address = ip::make_address(std::string(text.substr(0, slash)), error);
    if (error || text.find('%') != std::string_view::npos || unmapped(address) != address) return std::nullopt;
    AddressRange range{address, bits_of(address)};
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [stopped, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), range.prefix);
        if (failure != std::errc() || stopped != digits.data() + digits.size() || range.prefix > bits_of(address))
            return std::nullopt;
        if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    }
    if (!same_bits(bytes_of(address), Bytes{}, range.prefix, bits_of(address))) return std::nullopt;
    return range;
}

AddressSet::AddressSet(std::span<const std::string> ranges) {
    for (const auto& text : ranges) {
        const auto range = parse_range(text);
        if (!range) throw std::invalid_argument("not a range of addresses: " + text);
        ranges_.push_back(*range);
    }
}

bool AddressSet::contains(const ip::address& address) const {
    const auto plain = unmapped(address);
    return std::ranges::any_of(ranges_, [&](const AddressRange& range) { return range.contains(plain); });
}

}  // namespace foorumi::net
