// TLS of one connection: records out of and into its socket. It holds no buffer while nothing is under way.
//
// Thread: the connection's worker. The socket is non-blocking and outlives it.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct bio_st;
struct ssl_st;
struct ssl_ctx_st;

namespace foorumi::net {

// Plaintext that one write takes at most: one record.
inline constexpr std::size_t tls_record_bytes = 16 * 1024;

class TlsSession {
   public:
    enum class Step : std::uint8_t {
        done,
        want_read,   // go on when the socket is readable
        want_write,  // go on when the socket is writable
        failed,      // error() tells why
    };

    TlsSession(ssl_ctx_st& context, int socket);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    [[nodiscard]] Step handshake();
    // A handshake failed since the peer speaks HTTP without TLS.
    [[nodiscard]] bool spoke_http() const { return spoke_http_; }

    // done with nothing got: the peer has ended the stream. One record at most is looked at.
    [[nodiscard]] Step read(std::span<char> to, std::size_t& got);
    // read() has something to say without the socket being readable.
    [[nodiscard]] bool readable() const;

    // Like sendmsg(), of at most one record. What is taken is taken: ciphertext that the socket does not take waits
    // here, and nothing more is taken meanwhile.
    [[nodiscard]] ssize_t write(std::span<const iovec> from);
    [[nodiscard]] bool pending() const { return !pending_.empty(); }
    // Ciphertext that waits here.
    [[nodiscard]] std::size_t pending_bytes() const { return pending_.size(); }
    // 0, or -1 with errno, EAGAIN where some of it still waits.
    [[nodiscard]] int flush();

    // Tells the peer that nothing follows, as far as the socket takes it.
    void close_notify();

    [[nodiscard]] boost::system::error_code error() const { return error_; }

   private:
    friend struct TlsBio;
    [[nodiscard]] Step fail(int result);
    [[nodiscard]] bool send_or_keep(const char* bytes, std::size_t size);

    struct Free {
        void operator()(ssl_st* ssl) const;
    };
    std::unique_ptr<ssl_st, Free> ssl_;
    std::string pending_;
    boost::system::error_code error_;
    int socket_;
    int errno_ = 0;         // of the socket, once it has failed
    bool answers_ = false;  // some of what waits was made by reading
    bool eof_ = false;      // of the socket
    bool spoke_http_ = false;
};

}  // namespace foorumi::net
