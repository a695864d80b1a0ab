#include "dispatch/page_cursor.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace foorumi::dispatch {
namespace {

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

CursorCipher::CursorCipher() { randombytes_buf(key_.data(), key_.size()); }

PageCursor CursorCipher::pass(forum::Id member, PageCursor cursor, bool encrypt) const {
    std::array<unsigned char, 32> own{};
    crypto_generichash(own.data(), own.size(), reinterpret_cast<const unsigned char*>(&member), sizeof member,
                       key_.data(), key_.size());
    std::array<unsigned char, sizeof(PageCursor)> from{}, to{};
    std::memcpy(from.data(), &cursor, sizeof cursor);
    const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
    int written = 0;
    const bool done =
        context &&
        EVP_CipherInit_ex(context.get(), EVP_aes_256_ecb(), nullptr, own.data(), nullptr, encrypt ? 1 : 0) == 1 &&
        EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
        EVP_CipherUpdate(context.get(), to.data(), &written, from.data(), static_cast<int>(from.size())) == 1 &&
        written == static_cast<int>(to.size());
    if (!done) throw std::runtime_error("AES is not to be had");
    std::memcpy(&cursor, to.data(), sizeof cursor);
    return cursor;
}

}  // namespace foorumi::dispatch
