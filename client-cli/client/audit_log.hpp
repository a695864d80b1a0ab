// The audit log as its readers check it: each partition's entries are a chain of digests (docs/protocol.md,
// `AuditPage`). Pure. Written apart from the server's own, by the documentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// How far a partition's log was, as it was kept elsewhere.
struct AuditHead {
    std::string installation;
    std::uint32_t partition = 0;
    std::uint64_t count = 0;
    std::string digest;  // 32 bytes; empty where count is 0
    friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

// "INSTALLATION PARTITION COUNT DIGEST", the digest in hex, "-" for none; without a line feed.
[[nodiscard]] std::string head_line(const AuditHead& head);
// One of each line. Nothing: a line is none, or there is no line.
[[nodiscard]] std::optional<std::vector<AuditHead>> read_heads(std::string_view text);

[[nodiscard]] std::string audit_digest(std::string_view installation, std::uint32_t partition, std::uint64_t number,
                                       std::string_view before, std::string_view record);

// One partition's log, page by page.
class AuditCheck {
   public:
    enum class Fault : std::uint8_t {
        none,
        missing,       // an entry that should be there is not
        changed,       // an entry is not what was written
        shorter,       // there were more entries than there are
        another_head,  // the server's head is not that of the entries it tells
        not_as_kept,   // a head that was kept elsewhere is not among them
        elsewhere,     // a head that was kept is of another installation
        not_kept,      // heads were kept, and none of this partition
        another,       // the server tells of another partition than was asked for
        unsteady,      // the server tells another installation or number of partitions than before
    };

    explicit AuditCheck(std::uint32_t partition = 0, std::vector<AuditHead> kept = {}) : kept_(std::move(kept)) {
        head_.partition = partition;
    }

    // That of the following partition; nothing: this was the last one.
    [[nodiscard]] std::optional<AuditCheck> next() const;
    // Heads that were kept of partitions that the server does not have.
    [[nodiscard]] std::vector<AuditHead> not_there() const;

    // REQUIRES: a page that was asked for of head().partition, behind head().count.
    void add(const foorumi::v1::AuditPage& page);
    // All that there is was added, or a fault was found.
    [[nodiscard]] bool over() const { return over_; }
    [[nodiscard]] Fault fault() const { return fault_; }
    // The entry at which it was found.
    [[nodiscard]] std::uint64_t at() const { return at_; }
    // Of what was added.
    [[nodiscard]] const AuditHead& head() const { return head_; }

   private:
    void found(Fault fault, std::uint64_t at);
    void begin(const foorumi::v1::AuditPage& page);
    void compare();

    std::vector<AuditHead> kept_;
    AuditHead head_;
    bool begun_ = false;
    std::uint32_t partitions_ = 0;  // 0: not told yet
    Fault fault_ = Fault::none;
    std::uint64_t at_ = 0;
    bool over_ = false;
};

}  // namespace foorumi::client
