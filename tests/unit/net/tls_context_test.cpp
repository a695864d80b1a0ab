#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "unit/net/tls_files.hpp"

namespace foorumi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(TlsContext, LoadsACertificateAndItsKey) {
    const TestCertificate certificate;
    EXPECT_NE(certificate.context->current(), nullptr);
}

TEST(TlsContext, FileThatIsNotThereIsNamed) {
    TestCertificate certificate;
    certificate.files.key += ".none";
    EXPECT_THAT(net::TlsContext(certificate.files).load(),
                AllOf(HasSubstr("the key " + certificate.files.key), HasSubstr("No such file")));
    certificate.files.certificate += ".none";
    EXPECT_THAT(net::TlsContext(certificate.files).load(),
                HasSubstr("the certificate " + certificate.files.certificate));
}

// Root may read everything, so it is somebody else while this lives.
class NobodySpecial {
   public:
    NobodySpecial() {
        if (user_ == 0 && ::seteuid(nobody) != 0) throw std::runtime_error("seteuid");
    }
    ~NobodySpecial() { EXPECT_EQ(::seteuid(user_), 0); }
    NobodySpecial(const NobodySpecial&) = delete;
    NobodySpecial& operator=(const NobodySpecial&) = delete;

   private:
    static constexpr uid_t nobody = 65534;
    uid_t user_ = ::geteuid();
};

TEST(TlsContext, FileThatMayNotBeReadIsNamed) {
    const TestCertificate certificate;
    ASSERT_EQ(::chmod(certificate.directory.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(certificate.files.certificate.c_str(), 0644), 0);
    ASSERT_EQ(::chmod(certificate.files.key.c_str(), 0), 0);
    const NobodySpecial user;
    EXPECT_THAT(certificate.context->load(), AllOf(HasSubstr(certificate.files.key), HasSubstr("Permission denied")));
}

TEST(TlsContext, FileThatIsNoPemIsNamed) {
    const TestCertificate certificate;
    write_text(certificate.files.key, "no key\n");
    EXPECT_THAT(certificate.context->load(), HasSubstr("the key " + certificate.files.key));
    write_text(certificate.files.certificate, "no certificate\n");
    EXPECT_THAT(certificate.context->load(), HasSubstr("the certificate " + certificate.files.certificate));
    write_text(certificate.files.certificate, "");
    EXPECT_THAT(certificate.context->load(), HasSubstr("it is empty"));
}

TEST(TlsContext, ServerIsCalledWhatItsCertificateIsFor) {
    const TestCertificate certificate;
    EXPECT_EQ(certificate.context->host_for("127.0.0.1"), "127.0.0.1");
    EXPECT_EQ(certificate.context->host_for("10.0.0.1"), "10.0.0.1") << "no name to call it by";
    write_certificate(certificate.files.certificate, certificate.files.key, "named",
                      "DNS:*.foorumi.fi,DNS:foorumi.fi,DNS:www.foorumi.fi,IP:::1");
    ASSERT_EQ(certificate.context->load(), "");
    EXPECT_EQ(certificate.context->host_for("127.0.0.1"), "foorumi.fi");
    EXPECT_EQ(certificate.context->host_for("::1"), "::1");
}

TEST(TlsContext, KeyOfAnotherCertificateIsRefused) {
    const TestCertificate certificate, other;
    net::TlsContext mixed({certificate.files.certificate, other.files.key});
    EXPECT_THAT(mixed.load(), AllOf(HasSubstr(other.files.key), HasSubstr("is not that of the certificate")));
}

TEST(TlsContext, FailedLoadKeepsWhatWasThere) {
    const TestCertificate certificate;
    const auto before = certificate.context->current();
    write_text(certificate.files.key, "");
    EXPECT_NE(certificate.context->load(), "");
    EXPECT_EQ(certificate.context->current(), before);
    write_certificate(certificate.files, "second");
    EXPECT_EQ(certificate.context->load(), "");
    EXPECT_NE(certificate.context->current(), before);
}

}  // namespace
}  // namespace foorumi::test
