// A client's frame: taken apart and decoded without a crash, and as protobuf's own parser would.
#include "codec/frame_codec.hpp"
#include "fuzz.hpp"

namespace {

using namespace foorumi;

void check_request(std::string_view bytes) {
    google::protobuf::Arena arena;
    const auto decoded = codec::decode_request(bytes, arena);
    if (decoded.request.has_error()) {
        FUZZ_REQUIRE(!decoded.request.error().reason.empty());
        return;
    }
    const v1::Request& request = **decoded.request;
    FUZZ_REQUIRE(decoded.id == request.id() && request.id() != 0);
    FUZZ_REQUIRE(request.command_case() != v1::Request::COMMAND_NOT_SET);
    v1::Request again;
    FUZZ_REQUIRE(again.ParseFromString(request.SerializeAsString()));
    FUZZ_REQUIRE(codec::fingerprint(again) == codec::fingerprint(request));
    // The fingerprint is of the command alone.
    again.set_id(request.id() + 1);
    again.set_change_id("another");
    again.set_made_at_ms(request.made_at_ms() + 1);
    FUZZ_REQUIRE(codec::fingerprint(again) == codec::fingerprint(request));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t max_requests = 8;
    const auto frame = input(data, size);
    const auto requests = codec::split_client_frame(frame, max_requests);
    if (requests.has_error()) {
        FUZZ_REQUIRE(requests.error().reason == "frame_malformed" || requests.error().reason == "too_many_requests");
    } else {
        FUZZ_REQUIRE(requests->size() <= max_requests);
        for (const auto bytes : *requests) {
            FUZZ_REQUIRE(bytes.data() >= frame.data() && bytes.data() + bytes.size() <= frame.data() + frame.size());
            check_request(bytes);
        }
    }
    check_request(frame);
    return 0;
}
