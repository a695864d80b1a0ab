#include "store/feed_entry.hpp"

#include <spdlog/spdlog.h>

#include <charconv>

namespace foorumi::store {
namespace {

std::uint64_t number_or_zero(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// FNV-1a of 64 bits (draft-eastlake-fnv, section 4), of the fields with their lengths.
class Digest {
   public:
    void add(std::string_view bytes) {
        for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    void add_number(std::size_t number) {
        for (; number != 0; number >>= 8) value_ = (value_ ^ (number & 0xff)) * 0x100000001b3;
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

   private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

std::uint64_t digest_of(const Reply& fields) {
    Digest digest;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        digest.add_number(fields[i].text().size());
        digest.add(fields[i].text());
    }
    return digest.value();
}

FeedEntry parse_entry(const Reply& reply, std::uint16_t partition) {
    FeedEntry entry{.position = number_or_zero(reply[0].text())};
    auto released = std::make_shared<Released>();
    released->position = entry.position;
    released->partition = partition;
    const auto fields = reply[1];
    entry.digest = digest_of(fields);
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        const auto name = fields[i].text();
        const auto value = fields[i + 1].text();
        if (name == "f") {
            entry.fence = number_or_zero(value);
        } else if (name == "e") {
            entry.epoch = number_or_zero(value);
        } else if (name == "c") {
            released->channel = value;
        } else if (name == "v") {
            released->version = number_or_zero(value);
        } else if (name == "x") {
            released->effects = value;
        } else if (name == "k") {
            released->entities.push_back({std::string(value), released->version, {}});
        } else if (name == "d" && !released->entities.empty()) {
            released->entities.back().bytes = value;
        } else if (name == "g" && !released->entities.empty()) {
            released->entities.back().forgotten = true;
        }
    }
    if (!released->channel.empty() && released->version != 0) entry.commit = std::move(released);
    if (!entry.commit && !entry.fence) spdlog::error("feed of partition {}: {} is no entry", partition, entry.position);
    return entry;
}

}  // namespace

std::vector<FeedEntry> parse_feed(const Reply& reply, std::uint16_t partition) {
    const auto entries = reply[0][1];
    std::vector<FeedEntry> parsed;
    parsed.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) parsed.push_back(parse_entry(entries[i], partition));
    return parsed;
}

std::vector<FeedMark> parse_marks(const Reply& reply) {
    std::vector<FeedMark> marks;
    for (std::size_t i = 0; i < reply.size(); ++i)
        marks.emplace_back(number_or_zero(reply[i][0].text()), digest_of(reply[i][1]));
    return marks;
}

}  // namespace foorumi::store
