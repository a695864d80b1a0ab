// foorumi_make_certificate CERTIFICATE KEY NAME: writes both files, for tests in Python.
#include <exception>
#include <iostream>

#include "support/certificate.hpp"

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: foorumi_make_certificate CERTIFICATE KEY NAME\n";
        return 2;
    }
    try {
        foorumi::test::write_certificate(argv[1], argv[2], argv[3]);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "foorumi_make_certificate: " << error.what() << '\n';
        return 1;
    }
}
