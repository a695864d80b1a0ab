#include "client/connection_end.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

TEST(ConnectionEnd, WhatIsWrongWithACertificateIsFinalAndNothingElseIs) {
    for (const Fault fault : {Fault::not_trusted, Fault::wrong_name, Fault::expired, Fault::not_yet_valid})
        EXPECT_TRUE(is_final(fault));
    for (const Fault fault : {Fault::other, Fault::no_tls, Fault::tls_failed, Fault::tls_only})
        EXPECT_FALSE(is_final(fault));
}

TEST(ConnectionEnd, FaultsAreToldInTheLanguageAndTheRestAsItIs) {
    const Catalogue english("en");
    EXPECT_EQ(words_of({.fault = Fault::other, .detail = "HTTP 502\x1b"}, english), "HTTP 502<U+001B>");
    EXPECT_EQ(words_of({}, english), "");
    EXPECT_EQ(words_of({.fault = Fault::tls_failed, .detail = "eof\n"}, english),
              "no TLS connection came about (eof<U+000A>)");
    EXPECT_EQ(words_of({.fault = Fault::expired, .detail = {}}, Catalogue("sv")), "serverns certifikat har gått ut");
    for (const Fault fault : {Fault::not_trusted, Fault::wrong_name, Fault::expired, Fault::not_yet_valid,
                              Fault::no_tls, Fault::tls_failed, Fault::tls_only}) {
        const std::string words = words_of({.fault = fault, .detail = {}}, english);
        EXPECT_FALSE(words.empty());
        EXPECT_NE(words.substr(0, 4), "tls.") << "no text: " << words;
    }
}

}  // namespace
}  // namespace foorumi::client
