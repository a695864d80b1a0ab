// A certificate for the servers that are measured over TLS.
#pragma once

#include <filesystem>

#include "support/certificate.hpp"

namespace foorumi::bench {

struct Certificate {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

[[nodiscard]] inline Certificate make_certificate(const std::filesystem::path& directory) {
    Certificate made{directory / "cert.pem", directory / "key.pem"};
    test::write_certificate(made.certificate, made.key, "bench");
    return made;
}

}  // namespace foorumi::bench
