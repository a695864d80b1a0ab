#include "store/audit_chain.hpp"

#include <sodium.h>

#include <array>
#include <utility>

namespace foorumi::store {
namespace {

class Sha256 {
   public:
    Sha256() { crypto_hash_sha256_init(&state_); }
    void add(std::string_view bytes) {
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    }
    void add(std::uint64_t number) {
        std::string bytes;
        for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((number >> shift) & 0xff));
        add(bytes);
    }
    [[nodiscard]] std::string digest() {
        std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
        crypto_hash_sha256_final(&state_, bytes.data());
        return {bytes.begin(), bytes.end()};
    }

   private:
    crypto_hash_sha256_state state_{};
};
static_assert(crypto_hash_sha256_BYTES == audit_digest_bytes);

}  // namespace

std::string sha256(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.digest();
}

std::string audit_digest(std::string_view installation, std::uint16_t partition, const AuditHead& before,
                         std::string_view entry) {
    Sha256 hash;
    hash.add(std::string_view("foorumi-audit-1"));
    hash.add(std::uint64_t{installation.size()});
    hash.add(installation);
    hash.add(std::uint64_t{partition});
    hash.add(before.count + 1);
    hash.add(before.digest.empty() ? std::string(audit_digest_bytes, '\0') : before.digest);
    hash.add(entry);
    return hash.digest();
}

AuditCheck::AuditCheck(std::string installation, std::uint16_t partition, AuditHead trusted)
    : installation_(std::move(installation)), partition_(partition), head_(std::move(trusted)) {}

bool AuditCheck::follows(const AuditEntry& entry) {
    if (entry.number != head_.count + 1) return false;
    auto digest = audit_digest(installation_, partition_, head_, entry.bytes);
    if (digest != entry.digest) return false;
    head_ = {entry.number, std::move(digest)};
    return true;
}

}  // namespace foorumi::store
