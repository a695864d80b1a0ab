#include "net/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>

#include "net/address_set.hpp"

namespace foorumi::net {

namespace ip = boost::asio::ip;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view line_start = "PROXY "sv;
constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t fixed_bytes = 16;

// Section 2.2.
constexpr unsigned version_2 = 2;
constexpr unsigned command_local = 0, command_proxy = 1;
constexpr unsigned unspecified = 0x00, tcp_over_v4 = 0x11, tcp_over_v6 = 0x21;
constexpr unsigned v4_addresses = 12, v6_addresses = 36;
// Section 2.2.1: what may follow the addresses.
constexpr unsigned type_crc32c = 0x03, type_ssl = 0x20;
constexpr unsigned client_over_ssl = 0x01;
constexpr std::size_t ssl_fixed_bytes = 5;

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }
std::size_t size_at(std::string_view bytes, std::size_t at) {
    return byte_at(bytes, at) << 8U | byte_at(bytes, at + 1);
}

// RFC 3720 appendix B.4: reflected, polynomial 0x1EDC6F41.
std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    }
    return ~crc;
}

// The checksum is made with its own four bytes as 0.
bool crc_fits(std::string_view header, std::size_t at) {
    std::string zeroed(header);
    std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(at), 4, '\0');
    const auto told = static_cast<std::uint32_t>(size_at(header, at) << 16U | size_at(header, at + 2));
    return crc32c(zeroed) == told;
}

// What follows the addresses, which has to fill the header.
bool read_extras(std::string_view header, std::size_t at, ProxyHeader& to) {
    while (at < header.size()) {
        if (header.size() - at < 3) return false;
        const unsigned type = byte_at(header, at);
        const std::size_t size = size_at(header, at + 1);
        at += 3;
        if (header.size() - at < size) return false;
        if (type == type_crc32c && (size != 4 || !crc_fits(header, at))) return false;
        if (type == type_ssl) {
            if (size < ssl_fixed_bytes) return false;
            to.secure = (byte_at(header, at) & client_over_ssl) != 0;
        }
        at += size;
    }
    return true;
}

template <class Address>
Address address_at(std::string_view bytes, std::size_t at) {
    typename Address::bytes_type to{};
    std::ranges::copy(bytes.substr(at, to.size()), to.begin());
    return Address(to);
}

// Of a line of version 1: up to the next space, which has to be there but for the last.
bool next_word(std::string_view& line, std::string_view& word, bool last = false) {
    const auto space = line.find(' ');
    if ((space == std::string_view::npos) != last) return false;
    word = line.substr(0, space);
    line.remove_prefix(last ? line.size() : space + 1);
    return !word.empty();
}

bool is_port_number(std::string_view word) {
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), port);
    return failure == std::errc() && end == word.data() + word.size() && (word.size() == 1 || word.front() != '0');
}

// "TCP4 192.0.2.1 198.51.100.1 56324 443"
std::optional<ip::address> client_of(std::string_view line) {
    std::string_view family, source, destination, source_port, destination_port;
    if (!next_word(line, family) || !next_word(line, source) || !next_word(line, destination) ||
        !next_word(line, source_port) || !next_word(line, destination_port, true)) {
        return std::nullopt;
    }
    if (family != "TCP4" && family != "TCP6") return std::nullopt;
    if (!is_port_number(source_port) || !is_port_number(destination_port)) return std::nullopt;
    boost::system::error_code error, other_error;
    const auto client = ip::make_address(std::string(source), error);
    const auto server = ip::make_address(std::string(destination), other_error);
    const bool v4 = family == "TCP4";
    if (error || other_error || client.is_v4() != v4 || server.is_v4() != v4) return std::nullopt;
    if (source.find('%') != std::string_view::npos || destination.find('%') != std::string_view::npos) {
        return std::nullopt;
    }
    return unmapped(client);
}

bool could_begin(std::string_view taken, std::string_view with) {
    const auto size = std::min(taken.size(), with.size());
    return taken.substr(0, size) == with.substr(0, size);
}

}  // namespace

ProxyParser::Step ProxyParser::feed(std::string_view bytes, std::size_t& used) {
    used = 0;
    Step now = Step::more;
    while (now == Step::more && used < bytes.size()) {
        taken_ += bytes[used++];
        now = step();
    }
    return now;
}

ProxyParser::Step ProxyParser::step() {
    if (could_begin(taken_, line_start)) return line();
    return could_begin(taken_, signature) ? binary() : Step::malformed;
}

ProxyParser::Step ProxyParser::line() {
    if (!taken_.ends_with("\r\n")) return taken_.size() < max_proxy_line_bytes ? Step::more : Step::malformed;
    std::string_view line = taken_;
    if (line.size() < line_start.size() + 2) return Step::malformed;
    line.remove_prefix(line_start.size());
    line.remove_suffix(2);
    if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return Step::done;
    header_.client = client_of(line);
    return header_.client ? Step::done : Step::malformed;
}

ProxyParser::Step ProxyParser::binary() {
    if (taken_.size() < fixed_bytes) return Step::more;
    const std::size_t size = fixed_bytes + size_at(taken_, 14);
    const unsigned version = byte_at(taken_, 12) >> 4U, command = byte_at(taken_, 12) & 0xfU;
    const unsigned family = byte_at(taken_, 13);
    if (size > max_proxy_header_bytes || version != version_2 || command > command_proxy) return Step::malformed;
    if (taken_.size() < size) return Step::more;
    if (command == command_local) return Step::done;  // the proxy itself: whatever follows says nothing
    std::size_t extras = fixed_bytes;
    if (family == tcp_over_v4) {
        extras += v4_addresses;
        if (size < extras) return Step::malformed;
        header_.client = address_at<ip::address_v4>(taken_, fixed_bytes);
    } else if (family == tcp_over_v6) {
        extras += v6_addresses;
        if (size < extras) return Step::malformed;
        header_.client = unmapped(address_at<ip::address_v6>(taken_, fixed_bytes));
    } else {
        return family == unspecified ? Step::done : Step::malformed;
    }
    return read_extras(taken_, extras, header_) ? Step::done : Step::malformed;
}

}  // namespace foorumi::net
