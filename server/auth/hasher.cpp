#include "auth/hasher.hpp"

#include <memory>
#include <new>
#include <string>
#include <utility>

#include "auth/password_hash.hpp"
#include "auth/token.hpp"

namespace foorumi::auth {
namespace {

// Of a password that is thrown away: 43 random characters.
std::string make_dummy(PasswordOptions options) {
    options.least_characters = 0;
    Secret password(make_token());
    auto hash = hash_password(password.view(), options);
    if (!hash) throw std::bad_alloc();
    return std::move(*hash);
}

forum::Refusal stopped() { return {forum::ErrorCode::unavailable, "stopping", "", 1'000}; }

}  // namespace

Hasher::Hasher(const PasswordOptions& options)
    : options_(options), dummy_(make_dummy(options)), pool_(options.threads, options.queue) {}

forum::Result<void> Hasher::hash(HashingPool::Place place, Secret password, Post post, Hashed done) {
    return submit(std::move(place), std::move(post), std::move(done),
                  [this, password = std::move(password)] { return hash_password(password.view(), options_); });
}

forum::Result<void> Hasher::verify_or_dummy(HashingPool::Place place, std::optional<std::string> hash, Secret password,
                                            Post post, Verified done) {
    return submit(std::move(place), std::move(post), std::move(done),
                  [this, hash = std::move(hash), password = std::move(password)] { return verify(hash, password); });
}

template <class Answer, class Work>
forum::Result<void> Hasher::submit(HashingPool::Place place, Post post, std::function<void(Answer)> done, Work work) {
    // Shared by the job's two functions. The work goes, and its password with it, before the answer is on its way.
    struct State {
        Post post;
        std::function<void(Answer)> done;
        std::optional<Work> work;
        void answer(Answer answer) {
            work.reset();
            post([done = std::move(done), answer = std::move(answer)] { done(answer); });
        }
    };
    auto state = std::make_shared<State>(State{std::move(post), std::move(done), std::move(work)});
    return pool_.submit(std::move(place),
                        {[state] { state->answer((*state->work)()); }, [state] { state->answer(stopped()); }});
}

forum::Result<Verification> Hasher::verify(const std::optional<std::string>& hash, const Secret& password) const {
    auto matches = verify_password(hash ? *hash : dummy_, password.view());
    if (!matches) return matches.error();
    Verification verification;
    verification.matches = hash.has_value() && *matches;
    if (verification.matches && needs_rehash(*hash, options_.cost)) {
        // Without one the sign-in holds, and the next one tries again.
        if (auto rehashed = hash_password(password.view(), options_)) verification.rehashed = std::move(*rehashed);
    }
    return verification;
}

}  // namespace foorumi::auth
