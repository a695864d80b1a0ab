#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace foorumi::net {
namespace {

using ContextRef = std::shared_ptr<ssl_ctx_st>;

// Of TLS 1.2: forward secrecy and authenticated encryption only. All of TLS 1.3 are that.
constexpr const char* suites_of_tls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// The shortest first: it is the fastest where the processor helps, and as safe.
constexpr const char* suites_of_tls13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// A key with a passphrase would make OpenSSL ask for it on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

std::string openssl_says() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no PEM that OpenSSL understands" : reason;
}

std::string problem_of(const std::string& file, const char* what) {
    return std::string(what) + " " + file + ": " + openssl_says();
}

// What OpenSSL says about a file that it cannot open is hard to understand.
std::string unreadable(const std::string& file, const char* what) {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (in && in.peek() != std::ifstream::traits_type::eof()) return {};
    const char* why = errno != 0 ? std::strerror(errno) : "it is empty";
    return std::string(what) + " " + file + " cannot be read: " + why;
}

bool configure(SSL_CTX& context) {
    SSL_CTX_set_default_passwd_cb(&context, no_passphrase);
    // No session is kept and no ticket given: neither memory nor a key that outlives a connection.
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(&context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_clear_mode(&context, SSL_MODE_AUTO_RETRY);
    return SSL_CTX_set_num_tickets(&context, 0) == 1 && SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(&context, suites_of_tls12) == 1 &&
           SSL_CTX_set_ciphersuites(&context, suites_of_tls13) == 1;
}

std::string use(SSL_CTX& context, const TlsFiles& files) {
    if (auto problem = unreadable(files.certificate, "the certificate"); !problem.empty()) return problem;
    if (auto problem = unreadable(files.key, "the key"); !problem.empty()) return problem;
    if (SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) != 1) {
        return problem_of(files.certificate, "the certificate");
    }
    ERR_clear_error();
    if (SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(&context) != 1) {
        const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
                           ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
        if (other) return "the key " + files.key + " is not that of the certificate " + files.certificate;
        return problem_of(files.key, "the key");
    }
    return {};
}

// The first name that is no pattern; empty: there is none.
std::string first_host(const X509& certificate) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    // Without OpenSSL's macros, which hold old casts.
    const auto* stack = reinterpret_cast<const OPENSSL_STACK*>(names.get());
    for (int i = 0; i < OPENSSL_sk_num(stack); ++i) {
        const auto* name = static_cast<const GENERAL_NAME*>(OPENSSL_sk_value(stack, i));
        if (name->type != GEN_DNS) continue;
        const auto* text = name->d.dNSName;
        std::string host(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                         static_cast<std::size_t>(ASN1_STRING_length(text)));
        if (host.find('*') == std::string::npos) return host;
    }
    return {};
}

}  // namespace

TlsContext::TlsContext(TlsFiles files) : files_(std::move(files)) {}

std::string TlsContext::load() {
    ERR_clear_error();
    ContextRef context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context || !configure(*context)) return "TLS cannot be set up: " + openssl_says();
    std::string problem = use(*context, files_);
    ERR_clear_error();
    if (!problem.empty()) return problem;
    const std::lock_guard lock(mutex_);
    current_ = std::move(context);
    return {};
}

std::shared_ptr<ssl_ctx_st> TlsContext::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

std::string TlsContext::host_for(const std::string& address) const {
    const auto context = current();
    X509* certificate = SSL_CTX_get0_certificate(context.get());
    if (X509_check_ip_asc(certificate, address.c_str(), 0) == 1) return address;
    const std::string host = first_host(*certificate);
    ERR_clear_error();
    return host.empty() ? address : host;
}

}  // namespace foorumi::net
