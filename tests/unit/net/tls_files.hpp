// A certificate for the server under test.
#pragma once

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/tls_context.hpp"
#include "support/certificate.hpp"
#include "support/temporary_directory.hpp"

namespace foorumi::test {

inline void write_certificate(const net::TlsFiles& files, const std::string& name) {
    write_certificate(files.certificate, files.key, name);
}

inline void write_text(const std::string& file, const std::string& content) { std::ofstream(file) << content; }

// A certificate for "first" that is loaded.
struct TestCertificate {
    TestCertificate() {
        write_certificate(files, "first");
        if (const std::string problem = context->load(); !problem.empty()) throw std::runtime_error(problem);
    }

    TemporaryDirectory directory;
    net::TlsFiles files{(directory.path() / "cert.pem").string(), (directory.path() / "key.pem").string()};
    std::shared_ptr<net::TlsContext> context = std::make_shared<net::TlsContext>(files);
};

}  // namespace foorumi::test
