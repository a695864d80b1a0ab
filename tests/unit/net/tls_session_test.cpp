// One TLS session against OpenSSL's client over a pair of sockets, step by step.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>

#include "net/tls_session.hpp"
#include "net/unique_fd.hpp"
#include "unit/net/tls_client.hpp"
#include "unit/net/tls_files.hpp"

namespace foorumi::test {
namespace {

using net::TlsSession;
using TlsStep = TlsSession::Step;

constexpr std::size_t most_pending = net::tls_record_bytes + 1024;  // a record, its frame, and a few answers

struct TlsPair {
    explicit TlsPair(int version = TLS1_3_VERSION) {
        std::array<int, 2> both{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data()) != 0) std::abort();
        server_fd = net::UniqueFd(both[0]);
        client_fd = net::UniqueFd(both[1]);
        const int small = 4096;
        ::setsockopt(both[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        server = std::make_unique<TlsSession>(*certificate.context->current(), server_fd.get());
        client = client_ssl(client_fd.get(), version);
    }

    void shake_hands() {
        for (int i = 0; i < 10; ++i) {
            const int done = SSL_do_handshake(client.get());
            if (server->handshake() == TlsStep::done && done == 1) return;
        }
        FAIL() << "the handshake does not end";
    }

    ssize_t write(const std::string& text) {
        const iovec one{const_cast<char*>(text.data()), text.size()};
        return server->write({&one, 1});
    }

    std::string client_reads() {
        std::string all;
        std::array<char, 4096> some;
        for (int got = 0; (got = SSL_read(client.get(), some.data(), some.size())) > 0;)
            all.append(some.data(), static_cast<std::size_t>(got));
        return all;
    }

    TestCertificate certificate;
    net::UniqueFd server_fd, client_fd;
    std::unique_ptr<TlsSession> server;
    SslRef client;
};

class TlsSessions : public testing::TestWithParam<int> {};

TEST_P(TlsSessions, WriteThatTheSocketTakesInPartIsTakenWholeAndNothingMoreMeanwhile) {
    TlsPair pair(GetParam());
    pair.shake_hands();
    std::string sent, got;
    bool blocked = false;
    for (int i = 0; sent.size() < 2'000'000; ++i) {
        const std::string text(20'000, static_cast<char>('a' + i % 26));
        const ssize_t taken = pair.write(text);
        EXPECT_LE(pair.server->pending_bytes(), most_pending);
        if (taken > 0) {
            EXPECT_EQ(static_cast<std::size_t>(taken), net::tls_record_bytes);
            sent.append(text, 0, static_cast<std::size_t>(taken));
            continue;
        }
        ASSERT_EQ(errno, EAGAIN);
        EXPECT_TRUE(pair.server->pending());
        blocked = true;
        got += pair.client_reads();
    }
    EXPECT_TRUE(blocked);
    while (pair.server->flush() != 0) got += pair.client_reads();
    got += pair.client_reads();
    EXPECT_FALSE(pair.server->pending());
    EXPECT_EQ(got, sent);
}

TEST_P(TlsSessions, PartsOfAWriteMakeOneRecord) {
    TlsPair pair(GetParam());
    pair.shake_hands();
    std::string head = "head ", rest(30'000, 'x');
    const std::array<iovec, 2> parts{iovec{head.data(), head.size()}, iovec{rest.data(), rest.size()}};
    EXPECT_EQ(pair.server->write(parts), static_cast<ssize_t>(net::tls_record_bytes));
    std::string got;
    while (pair.server->flush() != 0) got += pair.client_reads();
    got += pair.client_reads();
    EXPECT_EQ(got, (head + rest).substr(0, net::tls_record_bytes));
}

TEST_P(TlsSessions, ReadsToThePeersEnd) {
    TlsPair pair(GetParam());
    pair.shake_hands();
    std::array<char, 16> to;
    std::size_t got = 0;
    EXPECT_EQ(pair.server->read(to, got), TlsStep::want_read);
    SSL_write(pair.client.get(), "0123456789abcdefghij", 20);
    SSL_shutdown(pair.client.get());
    EXPECT_FALSE(pair.server->readable());
    EXPECT_EQ(pair.server->read(to, got), TlsStep::done);
    EXPECT_EQ(std::string(to.data(), got), "0123456789abcdef");
    EXPECT_TRUE(pair.server->readable()) << "the rest of the record";
    EXPECT_EQ(pair.server->read(to, got), TlsStep::done);
    EXPECT_EQ(std::string(to.data(), got), "ghij");
    EXPECT_EQ(pair.server->read(to, got), TlsStep::done);
    EXPECT_EQ(got, 0U);
    EXPECT_TRUE(pair.server->readable()) << "the end stays the end";
    pair.server->close_notify();
    EXPECT_EQ(SSL_shutdown(pair.client.get()), 1) << "it was told, too";
}

TEST_P(TlsSessions, StreamThatIsCutOffEnds) {
    TlsPair pair(GetParam());
    pair.shake_hands();
    pair.client_fd = net::UniqueFd();
    std::array<char, 16> to;
    std::size_t got = 0;
    EXPECT_EQ(pair.server->read(to, got), TlsStep::done);
    EXPECT_EQ(got, 0U);
}

TEST_P(TlsSessions, RecordThatWasChangedOnItsWayIsAnError) {
    TlsPair pair(GetParam());
    pair.shake_hands();
    const std::string_view forged("\x17\x03\x03\x00\x20 this was never encrypted at all!!", 37);
    ASSERT_EQ(::send(pair.client_fd.get(), forged.data(), forged.size(), 0), 37);
    std::array<char, 16> to;
    std::size_t got = 0;
    EXPECT_EQ(pair.server->read(to, got), TlsStep::failed);
    EXPECT_TRUE(pair.server->error().failed());
    EXPECT_LT(pair.write("late"), 0);
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsSessions, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

// A peer who asks for new keys again and again, and never reads what it is answered.
TEST(TlsSession, StormOfKeyUpdatesMakesNothingGrow) {
    TlsPair pair;
    pair.shake_hands();
    std::array<char, 16> to;
    std::size_t got = 0;
    bool blocked = false;
    for (int i = 0; i < 20'000; ++i) {
        SSL_key_update(pair.client.get(), SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(pair.client.get());
        const TlsStep step = pair.server->read(to, got);
        ASSERT_TRUE(step == TlsStep::want_read || step == TlsStep::want_write);
        blocked = pair.write("x") < 0 || blocked;
        ASSERT_LE(pair.server->pending_bytes(), most_pending);
    }
    EXPECT_TRUE(blocked);
}

TEST(TlsSession, HttpWithoutTlsIsToldFromOtherGarbage) {
    for (const bool http : {true, false}) {
        TlsPair pair;
        const std::string_view said = http ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n" : "SSH-2.0-OpenSSH_9.2p1\r\n";
        ASSERT_GT(::send(pair.client_fd.get(), said.data(), said.size(), 0), 0);
        EXPECT_EQ(pair.server->handshake(), TlsStep::failed);
        EXPECT_EQ(pair.server->spoke_http(), http);
    }
}

}  // namespace
}  // namespace foorumi::test
