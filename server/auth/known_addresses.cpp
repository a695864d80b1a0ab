#include "auth/known_addresses.hpp"

#include <algorithm>

namespace foorumi::auth {

Spent* KnownAddresses::find(Key account, Key address, std::int64_t now_ns) {
    const auto found = accounts_.find(account);
    if (found == accounts_.end()) return nullptr;
    auto& places = found->second->places;
    const auto place = std::ranges::find(places, address, &Place::address);
    if (place == places.end() || now_ns - place->signed_in_ns >= lifetime_ns_) return nullptr;
    return &place->spent;
}

void KnownAddresses::add(Key account, Key address, std::int64_t now_ns) {
    if (most_addresses_ == 0) return;
    if (const auto found = accounts_.find(account); found != accounts_.end()) {
        order_.splice(order_.begin(), order_, found->second);
    } else {
        order_.push_front({account, {}});
        accounts_.emplace(account, order_.begin());
    }
    auto& places = order_.front().places;
    std::erase_if(places, [address](const Place& place) { return place.address == address; });
    if (places.size() >= most_addresses_) places.erase(places.begin());
    places.push_back({address, now_ns, {}});
    if (accounts_.size() > most_accounts_) {
        accounts_.erase(order_.back().key);
        order_.pop_back();
    }
}

}  // namespace foorumi::auth
