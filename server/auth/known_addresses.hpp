// From which addresses each account has lately signed in. Bounded: the account that has not signed in for longest
// leaves first, and of one account the address. Only a sign-in that succeeds adds to it, so nobody can push out another
// account. Not thread-safe. Lost at a restart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "auth/slowdown.hpp"

namespace foorumi::auth {

class KnownAddresses {
   public:
    using Key = Slowdown::Key;

    KnownAddresses(std::size_t accounts, std::size_t addresses_each, std::int64_t lifetime_ns)
        : most_accounts_(accounts), most_addresses_(addresses_each), lifetime_ns_(lifetime_ns) {}

    // What tries of the account from there have used up; nothing where it is not known. Valid until add().
    [[nodiscard]] Spent* find(Key account, Key address, std::int64_t now_ns);

    // The account has signed in from there: known from now on, with nothing used up.
    void add(Key account, Key address, std::int64_t now_ns);

    [[nodiscard]] std::size_t size() const { return accounts_.size(); }

   private:
    struct Place {
        Key address = 0;
        std::int64_t signed_in_ns = 0;
        Spent spent;
    };
    struct Account {
        Key key = 0;
        std::vector<Place> places;  // the latest sign-in last
    };

    std::size_t most_accounts_;
    std::size_t most_addresses_;
    std::int64_t lifetime_ns_;
    std::list<Account> order_;  // the latest sign-in first
    std::unordered_map<Key, std::list<Account>::iterator> accounts_;
};

}  // namespace foorumi::auth
