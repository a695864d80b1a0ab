// The first administrator: nobody is there to invite them, so the operator does. Also for later ones, when no
// administrator can get in any more.
//
// Thread: blocks; call it from a thread that is no worker, while the workers run.
#pragma once

#include <string>

#include "dispatch/worker.hpp"

namespace foorumi::app {

struct NewAdministrator {
    std::string name;
    std::string handle;
    std::string email;
};

// Makes an invitation and gives its token, which exists nowhere else. Throws std::runtime_error with the reason, in the
// installation's language, where it is refused.
[[nodiscard]] std::string invite(dispatch::Shared& shared, const NewAdministrator& administrator);

}  // namespace foorumi::app
