#include "dispatch/sign_in_lookups.hpp"

#include <algorithm>
#include <utility>

#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

SignInLookups::SignInLookups(Worker& home)
    : worker_(home),
      seed_(auth::random_slowdown_seed()),
      addresses_(auth::pace_of(home.settings().sign_in, home.settings().sign_in.address_tries),
                 home.settings().sign_in.addresses) {}

void SignInLookups::look_up(const std::string& token_hash, std::string_view address, Done done) {
    worker_.refresh_directory();
    if (worker_.directory().session(token_hash) != nullptr || is_known_absent(token_hash)) return done(std::nullopt);
    const auto key = auth::slowdown_key(auth::address_group(address), seed_);
    if (const auto wait = addresses_.wait_ns(key, now_ns()); wait > 0) return done(auth::sign_in_limited(wait));
    addresses_.charge(key, now_ns());
    worker_.store().read_entities(
        std::string(forum::directory_channel), {membership::token_key(token_hash)},
        [this, token_hash, key, done = std::move(done)](const store::ReadOutcome<store::EntitiesResult>& outcome) {
            const bool found = !outcome.failure && !outcome.result.entities.front().bytes.empty();
            if (found || outcome.failure) addresses_.give_back(key, now_ns());
            if (outcome.failure) return done(refusal_of(*outcome.failure));
            worker_.refresh_directory();
            if (!found) remember_absent(token_hash);
            // The feed may stand still before a fence; then the directory is not there yet.
            if (found && outcome.result.entities.front().version > worker_.shared().directory.version())
                return done(refusal_of(store::Failure::unavailable));
            done(std::nullopt);
        });
}

bool SignInLookups::is_known_absent(const std::string& token_hash) const {
    return absent_.contains(token_hash) || absent_before_.contains(token_hash);
}

void SignInLookups::remember_absent(const std::string& token_hash) {
    const auto half = std::max<std::size_t>(1, worker_.settings().sign_in.accounts / 2);
    if (absent_.size() >= half) absent_before_ = std::exchange(absent_, {});
    absent_.insert(token_hash);
}

std::int64_t SignInLookups::now_ns() const {
    const auto now = worker_.shared().clock.steady().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace foorumi::dispatch
