// What the listener for metrics needs to know. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace foorumi::config {

struct MetricsOptions {
    std::string listen;                 // "address:port", see net/listen_address.hpp; empty: there is none
    std::uint32_t connections = 8;      // at the same time
    std::uint32_t timeout_ms = 10'000;  // from the TCP accept to the end of the answer
    std::uint32_t workers_ms = 2'000;   // within which all workers have to tell their counts
};

}  // namespace foorumi::config
