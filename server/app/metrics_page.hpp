// The page of metrics. Pure. docs/operations.md tells what each of them means.
#pragma once

#include <cstdint>
#include <string>

#include "app/figures.hpp"
#include "observability/process_figures.hpp"

namespace foorumi::app {

// What no worker tells.
struct ProcessFacts {
    std::string server;  // name and version, as Welcome tells it
    std::uint16_t workers = 0;
    bool draining = false;
    std::uint64_t hashes_taken = 0;  // see auth::Hasher
    observability::ProcessFigures process;
};

// REQUIRES: the figures are of all workers.
[[nodiscard]] std::string metrics_page(const Figures& figures, const ProcessFacts& facts);

}  // namespace foorumi::app
