// What Redis answers to XREAD, from its bytes on: any reply is read without a crash.
#include <spdlog/spdlog.h>

#include "fuzz.hpp"
#include "store/feed_entry.hpp"
#include "store/reply_reader.hpp"

using namespace foorumi::store;

namespace {

// Most replies are no entries, and each would be logged.
[[maybe_unused]] const bool quiet = [] {
    spdlog::set_level(spdlog::level::off);
    return true;
}();

// hiredis reserves room for as many elements as an array announces; that is between it and the Redis it trusts.
bool announces_much(std::string_view bytes) {
    bool counts = false;
    std::size_t digits = 0;
    for (const char c : bytes) {
        const bool digit = c >= '0' && c <= '9';
        counts = digit ? counts : c == '*' || c == '%' || c == '~' || c == '>' || c == '|' || (counts && c == '+');
        digits = digit && counts ? digits + 1 : 0;
        if (digits > 4) return true;
    }
    return false;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (announces_much(input(data, size))) return 0;
    // In two pieces, cut where the first byte says; whatever came before, asking on must be harmless.
    const auto* const bytes = reinterpret_cast<const char*>(data);
    const std::size_t cut = size == 0 ? 0 : data[0] % size;
    ReplyReader reader;
    for (const auto piece : {std::string_view(bytes, cut), std::string_view(bytes + cut, size - cut)}) {
        reader.feed(piece.data(), piece.size());
        while (reader.next() == ReplyReader::Step::reply)
            for (const auto& entry : parse_feed(reader.reply(), 3))
                if (entry.commit)
                    FUZZ_REQUIRE(entry.commit->partition == 3 && entry.commit->position == entry.position);
    }
    FUZZ_REQUIRE(reader.next() != ReplyReader::Step::reply);
    return 0;
}
