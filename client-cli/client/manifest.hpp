// The manifest of an export: what files there are, and their digests (docs/records.md); and whether a directory still
// is what its manifest says. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/records.hpp"

namespace foorumi::client {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view records_format = "foorumi-records-1";

// In lower case.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

struct ExportFacts {
    std::string server;    // as it calls itself
    std::string address;   // as it was called
    std::string software;  // that wrote it
    std::string language;
    std::int64_t exported_ms = 0;  // by the server's clock
    foorumi::v1::Member exporter;
    std::uint64_t forum = 0;
    std::uint64_t room = 0;
    std::uint64_t thread = 0;  // 0: the whole room
    bool public_copy = false;
};

// One line of JSON, without a line feed.
[[nodiscard]] std::string manifest_json(const ExportFacts& facts, const Records& records,
                                        const std::vector<RecordsFile>& files);

struct Finding {
    enum class Kind : std::uint8_t { changed, missing, extra, unreadable };
    Kind kind = Kind::changed;
    std::string file;   // not yet fit for a terminal
    std::string why{};  // of what is unreadable: the system's word
};

struct Verified {
    std::string manifest_sha256;
    std::size_t files = 0;  // that the manifest names
    std::vector<Finding> findings;
};

// Nothing: there is no manifest that this release can read. Symbolic links and what is no file count as changed.
[[nodiscard]] std::optional<Verified> verify_export(const std::string& directory);

}  // namespace foorumi::client
