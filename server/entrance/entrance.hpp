// Where members come in: signing in, the second factor, invitations, passwords. Answers the calls of
// net/http_service.hpp.
//
// Thread: the directory's home worker, for everything; passwords are hashed off it. Lifetime: outlives all calls under
// way, which end when the hasher and the stores have stopped.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/hasher.hpp"
#include "auth/password_rules.hpp"
#include "auth/seal.hpp"
#include "auth/throttle.hpp"
#include "config/reason_counts.hpp"
#include "dispatch/worker.hpp"
#include "net/http_service.hpp"

namespace foorumi::entrance {

struct Options {
    auth::PasswordOptions passwords;
    auth::SecondFactorOptions second_factor;
    auth::SignInOptions sign_in;
};

// For metrics.
struct Counts {
    std::uint64_t signed_in = 0;      // sign-ins made, with the second factor where there is one
    std::uint64_t pending_code = 0;   // made, and waiting for the second factor
    std::uint64_t pending_setup = 0;  // made, and waiting for one to be set up
    config::ReasonCounts refused;     // calls
};

using Done = std::function<void(net::HttpAnswer)>;

class Entrance {
   public:
    Entrance(const Options& options, auth::Sealer sealer, const config::Catalogue& catalogue);

    // Answered once, on this worker.
    void call(dispatch::Worker& home, net::HttpCall call, Done done);

    // Passwords that wait to be hashed are refused, and no more are taken. Any thread.
    void stop() { hasher.stop(); }

    const Options options;
    const auth::PasswordRules rules;
    const auth::Sealer sealer;
    auth::Hasher hasher;
    auth::Throttle throttle;
    Counts counts;
};

// The way to it from any worker: a service for that worker's connections.
[[nodiscard]] net::HttpService service_for(Entrance& entrance, dispatch::Shared& shared, std::uint16_t worker);

}  // namespace foorumi::entrance
