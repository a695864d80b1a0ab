// The chain of a partition's audit log: each entry's digest is made of the one before it, so that none can be changed,
// left out or put elsewhere without all behind it being another. See docs/adr/0020-audit-in-the-same-step.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::store {

inline constexpr std::size_t audit_digest_bytes = 32;

struct AuditHead {
    std::uint64_t count = 0;  // entries, numbered from 1
    std::string digest;       // of the last; empty where there is none
    friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

struct AuditEntry {
    std::uint64_t number = 0;
    std::string digest;  // as it is kept; empty: there is no entry of this number
    std::string bytes;
};

[[nodiscard]] std::string sha256(std::string_view bytes);

// SHA-256 of "foorumi-audit-1", the installation's length and id, the partition, the entry's number, the digest of the
// one before it (of the first: 32 zero bytes) and the entry. Numbers have 8 bytes, the highest first.
[[nodiscard]] std::string audit_digest(std::string_view installation, std::uint16_t partition, const AuditHead& before,
                                       std::string_view entry);

// What a chain is found to be, entry by entry, from some head that is trusted: of no entries, or of an earlier time.
class AuditCheck {
   public:
    AuditCheck(std::string installation, std::uint16_t partition, AuditHead trusted = {});

    // False: this is not what was written as the next one. It is not asked any further then.
    [[nodiscard]] bool follows(const AuditEntry& entry);
    // Of all that has followed.
    [[nodiscard]] const AuditHead& head() const { return head_; }

   private:
    std::string installation_;
    std::uint16_t partition_;
    AuditHead head_;
};

}  // namespace foorumi::store
