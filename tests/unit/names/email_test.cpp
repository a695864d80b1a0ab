#include "names/email.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace foorumi::names {
namespace {

std::string email_reason(std::string_view address) {
    const auto checked = check_email(address);
    return checked ? "" : checked.error().reason;
}

// An address with a local part and a domain of so many bytes. REQUIRES: domain from 5, not 2 more than a multiple
// of 60.
std::string address_of(std::size_t local, std::size_t domain) {
    std::string address = std::string(local, 'a') + "@";
    while (domain > 63) {
        address += std::string(59, 'd') + ".";
        domain -= 60;
    }
    return address + std::string(domain - 3, 'd') + ".fi";
}

TEST(Emails, OfUsualFormAreTaken) {
    for (const auto* address :
         {"aino.metsala@kunta.example", "a@b.fi", "A+tag_1@Kunta.Example", "o'brien@a-b.c1.example",
          "x@xn--jms-qla5k.example", "1@2.fi", "!#$%&'*+-/=?^_`{|}~@b.fi"}) {
        EXPECT_EQ(email_reason(address), "") << address;
    }
}

TEST(Emails, OfAnotherFormAreRefused) {
    for (const auto* address : {"",
                                "@",
                                "a",
                                "a@",
                                "@b.fi",
                                "a@b",
                                "a@@b.fi",
                                "a@b@c.fi",
                                "a b@c.fi",
                                "a@b .fi",
                                " a@b.fi",
                                "a@b.fi ",
                                ".a@b.fi",
                                "a.@b.fi",
                                "a..b@c.fi",
                                "a@.fi",
                                "a@b.",
                                "a@b..fi",
                                "a@-b.fi",
                                "a@b-.fi",
                                "a@b_c.fi",
                                "a@[127.0.0.1]",
                                "a@127.0.0.1",
                                "\"a b\"@c.fi",
                                "a(x)@b.fi",
                                "Aino <a@b.fi>",
                                "a@b.fi,c@d.fi",
                                "a@b.fi;c@d.fi",
                                "a\n@b.fi",
                                "a@b.fi\r\nBcc: c@d.fi",
                                "a\t@b.fi",
                                "a\x7F@b.fi",
                                "äiti@b.fi",
                                "a@äiti.fi",
                                "a@b.fi\xC2\xA0",
                                "a\\@b.fi",
                                "mailto:a@b.fi",
                                "a@b.fi?subject=x"}) {
        EXPECT_EQ(email_reason(address), "email_invalid") << address;
    }
    EXPECT_EQ(email_reason(std::string_view("a\0@b.fi", 7)), "email_invalid");
}

TEST(Emails, AreOfAtMost254Bytes) {
    for (const std::size_t bytes : {253U, 254U}) {
        const auto address = address_of(10, bytes - 11);
        ASSERT_EQ(address.size(), bytes);
        EXPECT_EQ(email_reason(address), "") << bytes;
    }
    const auto over = address_of(10, 244);
    ASSERT_EQ(over.size(), 255U);
    EXPECT_EQ(email_reason(over), "email_too_long");
}

TEST(Emails, HaveALocalPartOfAtMost64Bytes) {
    EXPECT_EQ(email_reason(address_of(63, 10)), "");
    EXPECT_EQ(email_reason(address_of(64, 10)), "");
    EXPECT_EQ(email_reason(address_of(65, 10)), "email_too_long");
}

TEST(Emails, HaveLabelsOfAtMost63Bytes) {
    EXPECT_EQ(email_reason("a@" + std::string(62, 'd') + ".fi"), "");
    EXPECT_EQ(email_reason("a@" + std::string(63, 'd') + ".fi"), "");
    EXPECT_EQ(email_reason("a@" + std::string(64, 'd') + ".fi"), "email_invalid");
}

TEST(Emails, AreRefusedWithTheirField) {
    const auto refused = check_email("a");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (forum::Refusal{forum::ErrorCode::invalid, "email_invalid", "email"}));
}

TEST(Emails, KeepTheirLocalPartAndCompareWithoutCase) {
    EXPECT_EQ(normal_email("Aino.Metsala@KUNTA.Example"), "Aino.Metsala@kunta.example");
    EXPECT_EQ(email_key("Aino.Metsala@KUNTA.Example"), "aino.metsala@kunta.example");
}

RC_GTEST_PROP(Emails, ThatAreTakenStayGoodAndTheSame, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ9.-@@+ \n_")));
    const std::string address = *rc::gen::arbitrary<bool>() ? text : text + "@kunta.FI";
    if (!check_email(address)) return;
    const auto kept = normal_email(address);
    RC_ASSERT(email_reason(kept).empty());
    RC_ASSERT(normal_email(kept) == kept);
    RC_ASSERT(email_key(kept) == email_key(address));
    RC_ASSERT(kept.find('@') == kept.rfind('@'));
    RC_ASSERT(kept.find_first_of(" \r\n") == std::string::npos);
}

}  // namespace
}  // namespace foorumi::names
