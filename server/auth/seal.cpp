#include "auth/seal.hpp"

#include <sodium.h>

#include <array>
#include <utility>

#include "auth/key_file.hpp"
#include "auth/sodium.hpp"

namespace foorumi::auth {
namespace {

constexpr std::string_view format = "s1.";
constexpr std::size_t id_digits = 8;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
static_assert(seal_key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

class SealCategory final : public boost::system::error_category {
   public:
    [[nodiscard]] const char* name() const noexcept override { return "seal"; }
    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<SealErrc>(value)) {
            case SealErrc::malformed:
                return "not a sealed text";
            case SealErrc::unknown_key:
                return "sealed with a key that is not there";
            case SealErrc::forged:
                return "changed, or sealed for another member or purpose";
        }
        return "unknown error of sealing";
    }
};

// Authenticated, not stored. The purpose stands last, so that no two contexts have the same text.
std::string bound_to(const SealContext& context, std::string_view key_id) {
    std::string text = "foorumi seal s1 ";
    text.append(key_id).append(" ").append(std::to_string(context.member)).append(" ").append(context.purpose);
    return text;
}

unsigned char* writable(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), base64_variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(bytes).data(), bytes.size(), base64_variant);
    text.pop_back();  // the terminating NUL
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(writable(bytes), bytes.size(), text.data(), text.size(), nullptr, &size, &end,
                          base64_variant) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(size);
    // libsodium 1.0.18 reads some bytes beyond ASCII as if they were in the alphabet.
    if (base64(bytes) != text) return std::nullopt;
    return bytes;
}

// Nothing: forged. REQUIRES: `sealed` has at least nonce and tag.
std::optional<Secret> decrypted(std::string_view sealed, std::string_view bound, std::string_view key) {
    const auto nonce = sealed.substr(0, nonce_bytes);
    const auto ciphertext = sealed.substr(nonce_bytes);
    std::string text(ciphertext.size() - tag_bytes, '\0');
    const int result = crypto_aead_xchacha20poly1305_ietf_decrypt(
        writable(text), nullptr, nullptr, bytes_of(ciphertext).data(), ciphertext.size(), bytes_of(bound).data(),
        bound.size(), bytes_of(nonce).data(), bytes_of(key).data());
    if (result != 0) return std::nullopt;
    return Secret(std::move(text));
}

}  // namespace

const boost::system::error_category& seal_category() {
    static const SealCategory category;
    return category;
}

boost::system::error_code make_error_code(SealErrc code) { return {static_cast<int>(code), seal_category()}; }

Sealer::Sealer(Secret current, std::optional<Secret> previous) {
    require_sodium();
    keys_.push_back(make_key(std::move(current)));
    if (previous) keys_.push_back(make_key(std::move(*previous)));
}

std::string Sealer::seal(const SealContext& context, std::string_view text) const {
    const auto& key = keys_.front();
    const auto bound = bound_to(context, key.id);
    std::string sealed(nonce_bytes + text.size() + tag_bytes, '\0');
    randombytes_buf(sealed.data(), nonce_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(writable(sealed) + nonce_bytes, nullptr, bytes_of(text).data(),
                                               text.size(), bytes_of(bound).data(), bound.size(), nullptr,
                                               writable(sealed), bytes_of(key.bytes.view()).data());
    return std::string(format).append(key.id).append(".").append(base64(sealed));
}

boost::system::result<Sealer::Opened> Sealer::open(const SealContext& context, std::string_view sealed) const {
    constexpr std::size_t head = format.size() + id_digits + 1;
    if (!sealed.starts_with(format) || sealed.size() < head || sealed[head - 1] != '.') return SealErrc::malformed;
    const auto id = sealed.substr(format.size(), id_digits);
    const auto bytes = from_base64(sealed.substr(head));
    if (!bytes || bytes->size() < nonce_bytes + tag_bytes) return SealErrc::malformed;
    bool known = false;
    for (const auto& key : keys_) {
        if (key.id != id) continue;
        known = true;
        if (auto text = decrypted(*bytes, bound_to(context, id), key.bytes.view())) {
            return Opened{std::move(*text), &key != &keys_.front()};
        }
    }
    return known ? SealErrc::forged : SealErrc::unknown_key;
}

// The id is a keyed hash, which tells nothing of the key.
Sealer::Key Sealer::make_key(Secret bytes) {
    constexpr std::string_view label = "foorumi seal key id";
    std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
    crypto_generichash(hash.data(), hash.size(), bytes_of(label).data(), label.size(), bytes_of(bytes.view()).data(),
                       bytes.view().size());
    std::string id(id_digits + 1, '\0');
    sodium_bin2hex(id.data(), id.size(), hash.data(), id_digits / 2);
    id.pop_back();
    return {std::move(bytes), std::move(id)};
}

}  // namespace foorumi::auth
