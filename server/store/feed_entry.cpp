#include "store/feed_entry.hpp"

#include <spdlog/spdlog.h>

#include <boost/container_hash/hash.hpp>
#include <charconv>
#include <functional>

namespace foorumi::store {
namespace {

std::uint64_t number_or_zero(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint64_t digest_of(const Reply& fields) {
    std::size_t digest = fields.size();
    for (std::size_t i = 0; i < fields.size(); ++i)
        boost::hash_combine(digest, std::hash<std::string_view>()(fields[i].text()));
    return digest;
}

FeedEntry parse_entry(const Reply& reply, std::uint16_t partition) {
    FeedEntry entry{.position = number_or_zero(reply[0].text()), .commit = nullptr, .fence = std::nullopt, .digest = 0};
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
