// Slows tries to sign in down, and locks nobody out: a pure state machine. Not thread-safe: one worker owns it.
//
// A try counts for its account and for its address, an IPv6 address for its network of 64 bits, from before the
// password is looked at. A success takes the account's tries off, and of the address only itself. Whether there is such
// an account plays no part. A try that must wait does not count.
//
// Where an account has lately signed in from an address, its tries from there count for that pair alone, and a success
// there takes off those of the pair alone: attackers elsewhere neither slow its owner down nor gain by the owner's
// success. Elsewhere the owner waits together with them. How full tables behave is told in slowdown.hpp and
// known_addresses.hpp.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/known_addresses.hpp"
#include "auth/options.hpp"
#include "auth/slowdown.hpp"
#include "forum/decision.hpp"

namespace foorumi::auth {

// Makes keys of names and addresses, so that nobody can choose two with the same. From the system's random source.
using SlowdownSeed = std::array<unsigned char, 16>;
[[nodiscard]] SlowdownSeed random_slowdown_seed();
[[nodiscard]] Slowdown::Key slowdown_key(std::string_view bytes, const SlowdownSeed& seed);
// How tries are slowed down of which so many cost nothing.
[[nodiscard]] Pace pace_of(const SignInOptions& options, std::uint32_t tries);
[[nodiscard]] forum::Refusal sign_in_limited(std::int64_t wait_ns);

class Throttle {
   public:
    using Time = std::chrono::steady_clock::time_point;
    using Seed = SlowdownSeed;

    // A try that was admitted. It has failed unless succeeded() or abandoned() says otherwise.
    struct Try {
        Slowdown::Key account = 0;
        Slowdown::Key address = 0;
        bool known = false;
    };

    Throttle(const SignInOptions& options, const Seed& seed);

    // `account`: as it was typed, in the form that makes the same ones equal; of any length. `address`: an IP address
    // as text; whatever else it is counts as an address as well. Refusal: sign_in_limited, with retry_after_ms.
    [[nodiscard]] forum::Result<Try> admit(std::string_view account, std::string_view address, Time now);

    void succeeded(const Try& attempt, Time now);

    // The password was not looked at, for the server is busy.
    void abandoned(const Try& attempt, Time now);

   private:
    [[nodiscard]] Slowdown::Key key_of(std::string_view bytes) const { return slowdown_key(bytes, seed_); }

    Seed seed_;
    Pace account_pace_;
    Slowdown accounts_;
    Slowdown addresses_;
    KnownAddresses known_;
};

// The bytes of the address that tries are counted for: the four of IPv4, also where it is mapped into IPv6; of IPv6 the
// first eight. Of what is no address the text itself.
[[nodiscard]] std::string address_group(std::string_view address);

}  // namespace foorumi::auth
