// The certificate and key that connections are served with, as OpenSSL holds them.
//
// Thread-safe: workers take the current one for each connection, and another thread may load anew.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "net/connection.hpp"

struct ssl_ctx_st;

namespace foorumi::net {

class TlsContext {
   public:
    // Nothing is loaded yet. REQUIRES: both files are named.
    explicit TlsContext(TlsFiles files);

    // Reads both files. Empty where that went well: connections that come later get this certificate, those that are
    // there keep theirs. Else a sentence that names the file, and nothing has changed.
    [[nodiscard]] std::string load();

    // REQUIRES: load() went well once.
    [[nodiscard]] std::shared_ptr<ssl_ctx_st> current() const;

    // What a client calls the server that listens on this address: the address itself if the certificate is for it,
    // else the first host that it is for. REQUIRES: load() went well once.
    [[nodiscard]] std::string host_for(const std::string& address) const;

   private:
    const TlsFiles files_;
    mutable std::mutex mutex_;
    std::shared_ptr<ssl_ctx_st> current_;
};

}  // namespace foorumi::net
