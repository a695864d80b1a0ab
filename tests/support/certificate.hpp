// Certificates for tests and benchmarks, made with OpenSSL's library: the program is not always installed.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace foorumi::test {

struct FreeOpenSsl {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

// ECDSA with P-256 that signs itself: `name` is its subject, `hosts` what it is for, and it is valid from an hour ago
// until `seconds` from now. Goes over what stands in the files.
inline void write_certificate(const std::string& certificate_file, const std::string& key_file, const std::string& name,
                              const std::string& hosts = "IP:127.0.0.1", long seconds = 24L * 3600) {
    const std::unique_ptr<EVP_PKEY, FreeOpenSsl> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, FreeOpenSsl> certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    const std::unique_ptr<X509_EXTENSION, FreeOpenSsl> address(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, hosts.c_str()));
    X509_add_ext(certificate.get(), address.get(), -1);
    using File = std::unique_ptr<std::FILE, FreeOpenSsl>;
    const bool made = X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0;
    const File first(std::fopen(certificate_file.c_str(), "we"));
    const File second(std::fopen(key_file.c_str(), "we"));
    if (!made || !first || !second || PEM_write_X509(first.get(), certificate.get()) != 1 ||
        PEM_write_PrivateKey(second.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        throw std::runtime_error("no certificate could be made in " + certificate_file);
    }
}

}  // namespace foorumi::test
