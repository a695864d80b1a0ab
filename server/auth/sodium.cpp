#include "auth/sodium.hpp"

#include <sodium.h>

#include <stdexcept>

namespace foorumi::auth {

void require_sodium() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error("libsodium cannot be initialised");
}

}  // namespace foorumi::auth
