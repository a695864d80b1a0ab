// foorumi_make_certificate CERTIFICATE KEY NAME [HOSTS SECONDS]: writes both files, for tests in Python.
#include <exception>
#include <iostream>
#include <string>

#include "support/certificate.hpp"

int main(int argc, char** argv) {
    if (argc != 4 && argc != 6) {
        std::cerr << "usage: foorumi_make_certificate CERTIFICATE KEY NAME [HOSTS SECONDS]\n";
        return 2;
    }
    try {
        if (argc == 4) {
            foorumi::test::write_certificate(argv[1], argv[2], argv[3]);
        } else {
            foorumi::test::write_certificate(argv[1], argv[2], argv[3], argv[4], std::stol(argv[5]));
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "foorumi_make_certificate: " << error.what() << '\n';
        return 1;
    }
}
