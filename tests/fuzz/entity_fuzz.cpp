// An entity as a channel holds it: what can be read is written again to what reads the same.
#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "fuzz.hpp"

using namespace foorumi;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = input(data, size);
    v1::Entity entity;
    const bool readable = codec::to_proto(codec::EntityBytes{"message:7", 7, bytes}, entity);
    const auto value = codec::decode_value(bytes);
    if (!value) return 0;
    FUZZ_REQUIRE(readable);
    const auto written = codec::encode_value(*value);
    const auto again = codec::decode_value(written);
    FUZZ_REQUIRE(again && *again == *value);
    FUZZ_REQUIRE(codec::encode_value(*again) == written);
    return 0;
}
