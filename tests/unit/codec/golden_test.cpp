// The encoding of protocol version 1 does not change: each sample against its file in tests/golden.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "codec/effects_codec.hpp"
#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "codec/serialize.hpp"
#include "samples.hpp"

namespace foorumi::codec::test {
namespace {

const std::filesystem::path folder = std::filesystem::path(FOORUMI_SOURCE_DIR) / "tests/golden";

bool updating() {
    const char* update = std::getenv("FOORUMI_UPDATE_GOLDEN");
    return update != nullptr && std::string_view(update) == "1";
}

// Lines of 32 bytes, as xxd -p -c 32 writes them.
std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        out += digits[byte >> 4];
        out += digits[byte & 15];
        if (i % 32 == 31) out += '\n';
    }
    if (out.empty() || out.back() != '\n') out += '\n';
    return out;
}

std::string from_hex(const std::string& hex) {
    std::string out;
    std::string digits;
    for (const char c : hex) {
        if (c == '\n') continue;
        digits += c;
        if (digits.size() < 2) continue;
        out += static_cast<char>(std::stoi(digits, nullptr, 16));
        digits.clear();
    }
    return out;
}

struct Sample {
    std::string file;
    std::string bytes;
};

std::vector<Sample> samples() {
    std::vector<Sample> all;
    for (const auto& [name, request] : sample_requests())
        all.push_back({"request." + name + ".hex", serialize(request)});
    for (const auto& [name, item] : sample_items()) all.push_back({"item." + name + ".hex", encode_item(item)});
    for (const auto& [name, entity] : sample_entities())
        all.push_back({"entity." + name + ".hex", encode_value(entity)});
    all.push_back({"effects.hex", encode_effects(sample_effects())});
    return all;
}

std::optional<std::string> read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

TEST(Golden, BytesAreThoseOfVersion1) {
    for (const auto& sample : samples()) {
        const auto file = folder / sample.file;
        if (updating()) std::ofstream(file, std::ios::binary) << to_hex(sample.bytes);
        const auto golden = read(file);
        ASSERT_TRUE(golden) << sample.file << " is missing: FOORUMI_UPDATE_GOLDEN=1 writes it";
        EXPECT_EQ(*golden, to_hex(sample.bytes)) << sample.file << ": clients of version 1 would not understand this";
    }
}

TEST(Golden, FilesAreThoseOfTheSamples) {
    std::set<std::string> expected{"README.md"};
    for (const auto& sample : samples()) expected.insert(sample.file);
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        found.insert(entry.path().filename().string());
    EXPECT_EQ(found, expected);
}

TEST(Golden, RequestsAreReadAsWhatTheyWere) {
    for (const auto& [name, request] : sample_requests()) {
        google::protobuf::Arena arena;
        const auto bytes = from_hex(read(folder / ("request." + name + ".hex")).value_or(""));
        const auto decoded = decode_request(bytes, arena);
        EXPECT_EQ(decoded.id, 77u) << name;
        ASSERT_TRUE(decoded.request) << name << ": " << decoded.request.error().reason;
        EXPECT_EQ(serialize(**decoded.request), serialize(request)) << name;
    }
}

TEST(Golden, EntitiesAreReadAsWhatTheyWere) {
    for (const auto& [name, entity] : sample_entities()) {
        const auto bytes = from_hex(read(folder / ("entity." + name + ".hex")).value_or(""));
        EXPECT_EQ(decode_value(bytes), entity) << name;
    }
}

// Whether each case of the oneof has a sample of that name, or one that begins with it and a dot.
void expect_all(const google::protobuf::Descriptor& type, const std::string& oneof,
                const std::vector<std::string>& names) {
    for (const auto& one : oneof_cases(type, oneof)) {
        const auto is_sample_of = [&one](const std::string& name) {
            return name == one || name.rfind(one + '.', 0) == 0;
        };
        EXPECT_TRUE(std::any_of(names.begin(), names.end(), is_sample_of))
            << type.name() << '.' << one << " has no sample";
    }
}

template <class T>
std::vector<std::string> names_of(const Named<T>& named, const std::string& prefix = "") {
    std::vector<std::string> names;
    for (const auto& [name, value] : named) {
        if (name.rfind(prefix, 0) == 0) names.push_back(name.substr(prefix.size()));
    }
    return names;
}

TEST(Golden, NoCommandItemOrEntityIsLeftOut) {
    expect_all(*v1::Request::descriptor(), "command", names_of(sample_requests()));
    expect_all(*v1::Item::descriptor(), "item", names_of(sample_items()));
    expect_all(*v1::Response::descriptor(), "result", names_of(sample_items(), "response."));
    expect_all(*v1::Ephemeral::descriptor(), "event", names_of(sample_items(), "ephemeral."));
    expect_all(*v1::Notice::descriptor(), "notice", names_of(sample_items(), "notice."));
    expect_all(*v1::Entity::descriptor(), "value", names_of(sample_entities()));
}

}  // namespace
}  // namespace foorumi::codec::test
