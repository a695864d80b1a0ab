#include "client/tls_stream.hpp"

#include <openssl/x509_vfy.h>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include "client/trust.hpp"

namespace foorumi::client {
namespace {

// Asio leaves no verdict behind.
auto checks_name(const std::string& host) {
    return
        [check = boost::asio::ssl::host_name_verification(host)](bool good, boost::asio::ssl::verify_context& context) {
            const bool named = check(good, context);
            if (good && !named) X509_STORE_CTX_set_error(context.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
            return named;
        };
}

}  // namespace

boost::system::error_code require_peer(TlsStream& stream, const std::string& host) {
    boost::system::error_code error;
    stream.set_verify_mode(boost::asio::ssl::verify_peer, error);
    if (!error) stream.set_verify_callback(checks_name(host), error);
    return error;
}

ConnectionEnd explain_tls(TlsStream& stream, boost::system::error_code error) {
    const bool of_openssl = error.category() == boost::asio::error::get_ssl_category();
    return explain_handshake(*stream.native_handle(), of_openssl ? static_cast<unsigned long>(error.value()) : 0,
                             error.message());
}

}  // namespace foorumi::client
