#include "store/audit_chain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace foorumi::store {
namespace {

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

std::vector<AuditEntry> chain_of(std::size_t count, std::mt19937& random) {
    std::vector<AuditEntry> entries;
    AuditHead head;
    for (std::size_t i = 0; i < count; ++i) {
        std::string bytes(random() % 40 + 1, '\0');
        for (auto& byte : bytes) byte = static_cast<char>(random());
        head = {head.count + 1, audit_digest("here", 3, head, bytes)};
        entries.push_back({head.count, head.digest, bytes});
    }
    return entries;
}

// As one checks it who knows how many there are and the last one's digest.
bool is_whole(const std::vector<AuditEntry>& entries, const AuditHead& head, const std::string& installation = "here",
              std::uint16_t partition = 3) {
    AuditCheck check(installation, partition);
    return std::ranges::all_of(entries, [&](const auto& entry) { return check.follows(entry); }) &&
           check.head() == head;
}

// Worked out with Python's hashlib.
TEST(AuditChain, DigestsArePinned) {
    const auto first = audit_digest("here", 3, {}, "one");
    EXPECT_EQ(hex(first), "93743cff838c46294eb135c6c83c3ca29d77911c2df6bfdc4bcd0f54ddb70304");
    EXPECT_EQ(hex(audit_digest("here", 3, {1, first}, "two")),
              "ab6ee53c3f0e12d56a21702e78e1306350db2ac7406707e292c76664b0362d8b");
}

TEST(AuditChain, BelongsToItsInstallationAndPartition) {
    std::mt19937 random(1);
    const auto entries = chain_of(3, random);
    const AuditHead head{3, entries.back().digest};
    EXPECT_TRUE(is_whole(entries, head));
    EXPECT_FALSE(is_whole(entries, head, "there"));
    EXPECT_FALSE(is_whole(entries, head, "here", 4));
    EXPECT_FALSE(is_whole(entries, {2, entries[1].digest})) << "longer than is known";
    EXPECT_TRUE(is_whole({}, {}));
}

TEST(AuditChain, IsCheckedFromAnEarlierHead) {
    std::mt19937 random(1);
    const auto entries = chain_of(5, random);
    AuditCheck check("here", 3, {3, entries[2].digest});
    EXPECT_FALSE(AuditCheck("here", 3, {3, entries[2].digest}).follows(entries[4]));
    EXPECT_TRUE(check.follows(entries[3]));
    EXPECT_TRUE(check.follows(entries[4]));
    EXPECT_EQ(check.head(), (AuditHead{5, entries[4].digest}));
    AuditCheck other("here", 3, {3, entries[1].digest});
    EXPECT_FALSE(other.follows(entries[3])) << "what was exported earlier is not what stands there";
}

enum class Tampering : std::uint8_t { change, drop, swap, truncate, digest, add };

void tamper(std::vector<AuditEntry>& entries, Tampering how, std::mt19937& random) {
    const auto at = [&] { return static_cast<std::ptrdiff_t>(random() % entries.size()); };
    switch (how) {
        case Tampering::change: {
            auto& bytes = entries[static_cast<std::size_t>(at())].bytes;
            bytes[random() % bytes.size()] ^= static_cast<char>(1U << random() % 8);
            return;
        }
        case Tampering::drop: {
            const auto gone = entries.erase(entries.begin() + at());
            for (auto later = gone; later != entries.end(); ++later) --later->number;  // as if nothing were missing
            return;
        }
        case Tampering::swap: {
            const auto first = at();
            const auto second = (first + 1 + static_cast<std::ptrdiff_t>(random() % (entries.size() - 1))) %
                                static_cast<std::ptrdiff_t>(entries.size());
            auto& one = entries[static_cast<std::size_t>(first)];
            auto& other = entries[static_cast<std::size_t>(second)];
            std::swap(one, other);
            std::swap(one.number, other.number);
            return;
        }
        case Tampering::truncate:
            entries.resize(static_cast<std::size_t>(at()));
            return;
        case Tampering::digest:
            entries[static_cast<std::size_t>(at())].digest[random() % audit_digest_bytes] ^= 1;
            return;
        case Tampering::add: {
            auto more = entries.back();
            ++more.number;
            entries.push_back(more);
            return;
        }
    }
}

TEST(AuditChain, TamperingIsAlwaysFound) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int i = 0; i < 1'000; ++i) {
        auto entries = chain_of(random() % 30 + 2, random);
        const AuditHead head{entries.size(), entries.back().digest};
        ASSERT_TRUE(is_whole(entries, head));
        const auto how = static_cast<Tampering>(i % 6);
        tamper(entries, how, random);
        EXPECT_FALSE(is_whole(entries, head)) << "try " << i;
    }
}

}  // namespace
}  // namespace foorumi::store
