// Which primary of a Redis Cluster has which slots: pure. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/address.hpp"
#include "store/reply.hpp"

namespace foorumi::store {

class SlotMap {
   public:
    // The number is part of Redis Cluster's protocol.
    static constexpr std::uint16_t slots = 16'384;

    SlotMap() : owners_(slots, nobody) {}

    // Of CLUSTER SLOTS; a node that is told without a host is the one that was asked. Nothing: malformed.
    [[nodiscard]] static std::optional<SlotMap> parse(const Reply& reply, const std::string& asked_host);

    // Nothing: nobody has it, as far as is known.
    [[nodiscard]] std::optional<Address> owner(std::uint16_t slot) const;
    // The same without a copy; valid until the map is changed.
    [[nodiscard]] const Address* owner_place(std::uint16_t slot) const;
    // As MOVED tells.
    void move(std::uint16_t slot, const Address& owner);

    [[nodiscard]] bool covers_all() const;
    // Those that have a slot, each once.
    [[nodiscard]] std::vector<Address> primaries() const;
    // Primaries and replicas, each once.
    [[nodiscard]] const std::vector<Address>& nodes() const { return nodes_; }

   private:
    static constexpr std::uint16_t nobody = 0xffff;

    std::uint16_t number_of(const Address& node);
    bool take(const Reply& range, const std::string& asked_host);

    std::vector<std::uint16_t> owners_;  // by slot: place among nodes_
    std::vector<Address> nodes_;
};

// Where a slot is, as "MOVED 3999 127.0.0.1:6381" says.
struct Moved {
    std::uint16_t slot = 0;
    Address owner;
};
// Without a host in the text it is `asked_host`. Nothing: another error, or a malformed one.
[[nodiscard]] std::optional<Moved> parse_moved(std::string_view error, const std::string& asked_host);

}  // namespace foorumi::store
