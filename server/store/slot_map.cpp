#include "store/slot_map.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace foorumi::store {
namespace {

constexpr std::size_t most_nodes = 4'096;  // Redis' own documentation advises against more than 1,000

// A node: host, port, id, more. Unknown hosts are nil, empty or "?".
std::optional<Address> node_of(const Reply& node, const std::string& asked_host) {
    const auto port = node[1].number();
    if (port == 0 || port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    const auto host = node[0].text();
    const bool unknown = host.empty() || host == "?";
    return Address{unknown ? asked_host : std::string(host), static_cast<std::uint16_t>(port)};
}

template <class T>
std::optional<T> number_of_text(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<SlotMap> SlotMap::parse(const Reply& reply, const std::string& asked_host) {
    if (!reply.is_array()) return std::nullopt;
    SlotMap map;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        if (!map.take(reply[i], asked_host)) return std::nullopt;
    }
    return map;
}

// First slot, last slot, the primary, replicas.
bool SlotMap::take(const Reply& range, const std::string& asked_host) {
    const auto first = range[0].number(), last = range[1].number();
    if (range.size() < 3 || first > last || last >= slots) return false;
    for (std::size_t i = 2; i < range.size(); ++i) {
        const auto node = node_of(range[i], asked_host);
        if (!node || nodes_.size() >= most_nodes) return false;
        const auto number = number_of(*node);
        if (i == 2) {
            std::fill(owners_.begin() + static_cast<std::ptrdiff_t>(first),
                      owners_.begin() + static_cast<std::ptrdiff_t>(last) + 1, number);
        }
    }
    return true;
}

std::uint16_t SlotMap::number_of(const Address& node) {
    const auto found = std::ranges::find(nodes_, node);
    const auto number = static_cast<std::uint16_t>(found - nodes_.begin());
    if (found == nodes_.end()) nodes_.push_back(node);
    return number;
}

std::optional<Address> SlotMap::owner(std::uint16_t slot) const {
    const auto* const place = owner_place(slot);
    return place == nullptr ? std::nullopt : std::optional(*place);
}

const Address* SlotMap::owner_place(std::uint16_t slot) const {
    if (slot >= slots || owners_[slot] == nobody) return nullptr;
    return &nodes_[owners_[slot]];
}

void SlotMap::move(std::uint16_t slot, const Address& owner) {
    if (slot < slots && nodes_.size() < most_nodes) owners_[slot] = number_of(owner);
}

bool SlotMap::covers_all() const { return std::ranges::find(owners_, nobody) == owners_.end(); }

std::vector<Address> SlotMap::primaries() const {
    std::vector<bool> has_slot(nodes_.size(), false);
    for (const auto owner : owners_) {
        if (owner != nobody) has_slot[owner] = true;
    }
    std::vector<Address> found;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (has_slot[i]) found.push_back(nodes_[i]);
    }
    return found;
}

std::optional<Moved> parse_moved(std::string_view error, const std::string& asked_host) {
    constexpr std::string_view word = "MOVED ";
    if (!error.starts_with(word)) return std::nullopt;
    error.remove_prefix(word.size());
    const auto space = error.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto slot = number_of_text<std::uint16_t>(error.substr(0, space));
    const auto where = error.substr(space + 1);
    const auto colon = where.rfind(':');  // an address of IPv6 is not in brackets here
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = number_of_text<std::uint16_t>(where.substr(colon + 1));
    if (!slot || *slot >= SlotMap::slots || !port || *port == 0) return std::nullopt;
    const auto host = where.substr(0, colon);
    return Moved{*slot, {host.empty() || host == "?" ? asked_host : std::string(host), *port}};
}

}  // namespace foorumi::store
