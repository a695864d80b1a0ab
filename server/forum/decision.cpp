#include "forum/decision.hpp"

#include <stdexcept>

namespace foorumi::forum {

void throw_exception_from_error(const Refusal& refusal, const boost::source_location&) {
    throw std::logic_error("value of a refusal: " + refusal.reason);
}

}  // namespace foorumi::forum
