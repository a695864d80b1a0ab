// A configuration file: any ASCII gives options within their ranges or an error that names the place. Beyond ASCII,
// toml++ 3.3 itself reaches a point in its tables of white space that it declares unreachable; its results are right.
#include "config/config.hpp"

#include <algorithm>

#include "config/options.hpp"
#include "fuzz.hpp"

using namespace foorumi::config;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (std::any_of(data, data + size, [](std::uint8_t byte) { return byte > 0x7f; })) return 0;
    const auto config = parse(input(data, size), "fuzz.toml");
    if (config.has_error()) {
        FUZZ_REQUIRE(config.error().where.starts_with("fuzz.toml:") && !config.error().problem.empty());
        return 0;
    }
    for (const auto& option : options()) {
        Config copy;
        FUZZ_REQUIRE(assign(copy, option, value_of(option, *config), "again").has_value());
    }
    (void)check_consistency(*config);
    return 0;
}
