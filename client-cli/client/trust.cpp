#include "client/trust.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/address.hpp>
#include <new>
#include <stdexcept>

namespace foorumi::client {
namespace {

ConnectionEnd explain_certificate(long verdict) {
    switch (verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return {.fault = Fault::wrong_name, .detail = {}};
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return {.fault = Fault::expired, .detail = {}};
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return {.fault = Fault::not_yet_valid, .detail = {}};
        default:
            return {.fault = Fault::not_trusted, .detail = X509_verify_cert_error_string(verdict)};
    }
}

}  // namespace

Trust make_trust(const std::string& ca_file) {
    Trust trust(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!trust || SSL_CTX_set_min_proto_version(trust.get(), TLS1_2_VERSION) != 1)
        throw std::runtime_error("TLS cannot be set up");
    SSL_CTX_set_verify(trust.get(), SSL_VERIFY_PEER, nullptr);
    if (ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(trust.get());
    } else if (SSL_CTX_load_verify_locations(trust.get(), ca_file.c_str(), nullptr) == 1) {
        // The server's own certificate is enough, also where an authority has signed it.
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(trust.get()), X509_V_FLAG_PARTIAL_CHAIN);
    } else {
        trust.reset();
    }
    ERR_clear_error();
    return trust;
}

ssl_st* new_tls(ssl_ctx_st& trust, const std::string& host) {
    SSL* tls = SSL_new(&trust);
    if (tls == nullptr) throw std::bad_alloc();
    // An address is not a name. OpenSSL's macro for it holds an old cast.
    boost::system::error_code no_address;
    static_cast<void>(boost::asio::ip::make_address(host, no_address));
    if (no_address) {
        std::string name = host;
        SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    }
    return tls;
}

ConnectionEnd explain_handshake(const ssl_st& ssl, unsigned long openssl_error, const std::string& message) {
    if (openssl_error == 0) return {.fault = Fault::tls_failed, .detail = message};
    switch (ERR_GET_REASON(openssl_error)) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return explain_certificate(SSL_get_verify_result(&ssl));
        case SSL_R_WRONG_VERSION_NUMBER:  // of a record: the bytes are no TLS at all
        case SSL_R_HTTP_REQUEST:
            return {.fault = Fault::no_tls, .detail = {}};
        default:
            return {.fault = Fault::tls_failed, .detail = message};
    }
}

}  // namespace foorumi::client
