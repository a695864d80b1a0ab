#include "auth/throttle.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>

#include <algorithm>
#include <string>

#include "auth/sodium.hpp"

namespace foorumi::auth {
namespace {

constexpr std::int64_t ms_ns = 1'000'000;
constexpr std::int64_t day_ns = 24LL * 60 * 60 * 1'000 * ms_ns;

std::int64_t ns_of(Throttle::Time time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::string as_bytes(const void* address, std::size_t size) { return {static_cast<const char*>(address), size}; }

}  // namespace

SlowdownSeed random_slowdown_seed() {
    require_sodium();
    SlowdownSeed seed{};
    randombytes_buf(seed.data(), seed.size());
    return seed;
}

Slowdown::Key slowdown_key(std::string_view bytes, const SlowdownSeed& seed) {
    static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<SlowdownSeed>);
    static_assert(crypto_shorthash_BYTES == sizeof(Slowdown::Key));
    require_sodium();
    Slowdown::Key key = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&key), bytes_of(bytes).data(), bytes.size(), seed.data());
    return key;
}

Pace pace_of(const SignInOptions& options, std::uint32_t tries) {
    return {tries, options.delay_ms * ms_ns, options.longest_delay_ms * ms_ns, options.forget_ms * ms_ns};
}

forum::Refusal sign_in_limited(std::int64_t wait_ns) {
    const auto wait_ms = static_cast<std::uint32_t>((wait_ns + ms_ns - 1) / ms_ns);
    return {forum::ErrorCode::limited, "sign_in_limited", "", wait_ms};
}

Throttle::Throttle(const SignInOptions& options, const Seed& seed)
    : seed_(seed),
      account_pace_(pace_of(options, options.account_tries)),
      accounts_(account_pace_, options.accounts),
      addresses_(pace_of(options, options.address_tries), options.addresses),
      known_(options.accounts, options.known_addresses, options.known_days * day_ns) {}

forum::Result<Throttle::Try> Throttle::admit(std::string_view account, std::string_view address, Time now) {
    const auto now_ns = ns_of(now);
    Try attempt{key_of(account), key_of(address_group(address))};
    auto* pair = known_.find(attempt.account, attempt.address, now_ns);
    attempt.known = pair != nullptr;
    const auto wait = pair != nullptr ? pair->wait_ns(now_ns)
                                      : std::max(accounts_.wait_ns(attempt.account, now_ns),
                                                 addresses_.wait_ns(attempt.address, now_ns));
    if (wait > 0) return sign_in_limited(wait);
    if (pair != nullptr) {
        pair->charge(account_pace_, now_ns);
    } else {
        accounts_.charge(attempt.account, now_ns);
        addresses_.charge(attempt.address, now_ns);
    }
    return attempt;
}

void Throttle::succeeded(const Try& attempt, Time now) {
    const auto now_ns = ns_of(now);
    if (!attempt.known) {
        accounts_.forget(attempt.account);
        addresses_.give_back(attempt.address, now_ns);
    }
    known_.add(attempt.account, attempt.address, now_ns);
}

void Throttle::abandoned(const Try& attempt, Time now) {
    const auto now_ns = ns_of(now);
    if (!attempt.known) {
        accounts_.give_back(attempt.account, now_ns);
        addresses_.give_back(attempt.address, now_ns);
    } else if (auto* pair = known_.find(attempt.account, attempt.address, now_ns)) {
        pair->give_back(account_pace_, now_ns);
    }
}

std::string address_group(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));  // without the zone of a link-local one
    in_addr v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return as_bytes(&v4, sizeof v4);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return std::string(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return as_bytes(&v6.s6_addr[12], sizeof v4);
    return as_bytes(&v6, 8);
}

}  // namespace foorumi::auth
