// Effects of a feed entry: read without a crash, for any version.
#include "codec/effects_codec.hpp"
#include "fuzz.hpp"

using namespace foorumi;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto effects = codec::decode_effects(input(data, size), 42);
    if (!effects) return 0;
    const auto again = codec::decode_effects(codec::encode_effects(*effects), 42);
    FUZZ_REQUIRE(again.has_value());
    FUZZ_REQUIRE(*again == *effects);
    return 0;
}
