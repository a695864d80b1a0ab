// What bounds signing in. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace foorumi::auth {

// The least that OWASP's Password Storage Cheat Sheet asks of argon2id: 19 MiB, two passes, one lane.
struct HashCost {
    std::uint32_t memory_kib = 19 * 1024;
    std::uint32_t passes = 2;
    friend bool operator==(const HashCost&, const HashCost&) = default;
};

struct PasswordOptions {
    HashCost cost;
    // NIST SP 800-63B-4, 3.1.1.2: a password that is the only factor has at least 15 characters. Code points are
    // counted.
    std::uint32_t least_characters = 15;
    std::uint32_t most_characters = 128;
    std::uint32_t threads = 1;  // that hash; each takes cost.memory_kib while it does
    std::uint32_t queue = 64;   // passwords that wait for one
};

struct SecondFactorOptions {
    std::string issuer = "Foorumi";     // what an authenticator app calls this service
    std::uint32_t window = 1;           // steps of 30 s that a code may be early or late
    std::uint32_t recovery_codes = 10;  // that a member gets
    std::string key_file;               // seals the seeds; empty: second-factor.key in the data directory
    std::string previous_key_file;      // opens what was sealed before the key changed; empty: none
};

// How tries to sign in are slowed down (throttle.hpp).
struct SignInOptions {
    std::uint32_t account_tries = 5;   // of one account, before there is any wait
    std::uint32_t address_tries = 50;  // from one address: a town hall has one for all
    std::uint32_t delay_ms = 1'000;    // the first wait; each further one is twice as long
    std::uint32_t longest_delay_ms = 15 * 60 * 1'000;
    std::uint32_t forget_ms = 10 * 60 * 1'000;  // after so long one try counts no more
    std::uint32_t accounts = 100'000;           // that are remembered
    std::uint32_t addresses = 100'000;
    std::uint32_t known_addresses = 8;  // of one account, from which it has signed in
    std::uint32_t known_days = 30;      // since it last did
};

}  // namespace foorumi::auth
