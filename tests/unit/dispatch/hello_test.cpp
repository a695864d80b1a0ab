// A Hello with a token that the directory in memory knows, or does not know yet, or that is nobody's.
#include <gmock/gmock.h>

#include "auth/token.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "told_connection.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HelloTest : public WorkerTest {
   protected:
    struct Client {
        explicit Client(HelloTest& test, std::string address = "192.0.2.1")
            : connection(std::move(address)), handler(test.worker.dispatcher().open_session(connection)) {}
        ~Client() { end(); }
        void end() {
            if (handler) handler->on_closed(net::EndReason::peer_closed);
            handler.reset();
        }
        ToldConnection connection;
        std::unique_ptr<net::ConnectionHandler> handler;
    };

    static v1::Request hello(const std::string& token) {
        v1::Request request;
        request.set_id(1);
        request.mutable_hello()->set_protocol_min(1);
        request.mutable_hello()->set_protocol_max(1);
        request.mutable_hello()->set_token(token);
        return request;
    }
    static v1::Request list_terms(std::uint64_t id) {
        v1::Request request;
        request.set_id(id);
        request.mutable_list_terms();
        return request;
    }
    void send(Client& client, const std::vector<v1::Request>& requests) {
        v1::ClientFrame frame;
        for (const auto& request : requests) *frame.add_requests() = request;
        client.handler->on_frame(frame.SerializeAsString());
        run();
    }
    static std::string key_of(const std::string& token) { return "token:" + auth::hash_token(token); }
    void sign_in(const std::string& token) { write({{key_of(token), directory::encode_token(aino, 1)}}); }
    void answer(const std::string& bytes, std::optional<store::Failure> failure = std::nullopt,
                store::Version version = 1) {
        store->answer_read(bytes, failure, version);
        run();
    }
    // Hello with a token of nobody, looked for and not found.
    void greet_in_vain(Client& client, const std::string& token) {
        send(client, {hello(token)});
        if (!store->reads.empty()) answer("");
    }
};

TEST_F(HelloTest, KnownSignInAndMissingTokenAskNobody) {
    sign_in("known");
    Client known(*this), missing(*this);
    send(known, {hello("known")});
    send(missing, {hello("")});
    EXPECT_THAT(known.connection.told, ElementsAre("1 welcome"));
    EXPECT_THAT(missing.connection.told, ElementsAre("1 token_invalid"));
    EXPECT_THAT(store->reads, IsEmpty());
}

TEST_F(HelloTest, SignInThatAnotherNodeHasJustMadeIsWelcomeOnceTheFeedHasBroughtIt) {
    Client client(*this);
    send(client, {hello("new")});
    ASSERT_EQ(store->reads.size(), 1U);
    EXPECT_THAT(store->reads.front().keys, ElementsAre(key_of("new")));
    EXPECT_THAT(client.connection.told, IsEmpty());
    sign_in("new");
    answer(directory::encode_token(aino, 1), std::nullopt, shared.directory.version());
    EXPECT_THAT(client.connection.told, ElementsAre("1 welcome"));
    EXPECT_FALSE(client.connection.closed);
}

TEST_F(HelloTest, RequestsBehindAHelloThatIsLookedForWaitForItInTheirOrder) {
    Client client(*this);
    send(client, {hello("new"), list_terms(2), list_terms(3)});
    EXPECT_TRUE(client.connection.paused);
    EXPECT_THAT(client.connection.told, IsEmpty());
    sign_in("new");
    answer(directory::encode_token(aino, 1));
    EXPECT_THAT(client.connection.told, ElementsAre("1 welcome", "2 terms", "3 terms"));
    EXPECT_FALSE(client.connection.paused);
}

TEST_F(HelloTest, SecondHelloBehindOneThatIsLookedForIsTheSecond) {
    Client client(*this);
    send(client, {hello("new"), hello("new")});
    EXPECT_EQ(store->reads.size(), 1U);
    sign_in("new");
    answer(directory::encode_token(aino, 1));
    EXPECT_THAT(client.connection.told, ElementsAre("1 welcome", "1 hello_twice"));
}

TEST_F(HelloTest, TokenOfNobodyIsLookedForOnceAndRefused) {
    Client first(*this), second(*this);
    send(first, {hello("nobody's"), list_terms(2)});
    answer("");
    EXPECT_THAT(first.connection.told, ElementsAre("1 token_invalid"));
    EXPECT_EQ(first.connection.closed, net::CloseCode::policy);
    send(second, {hello("nobody's")});
    EXPECT_THAT(store->reads, IsEmpty());
    EXPECT_THAT(second.connection.told, ElementsAre("1 token_invalid"));
    EXPECT_EQ(second.connection.closed, net::CloseCode::policy);
}

TEST_F(HelloTest, SignInThatEndedBeforeItWasKnownHereIsRefused) {
    Client client(*this);
    send(client, {hello("new")});
    answer(directory::encode_token(aino, 1), std::nullopt, shared.directory.version());
    EXPECT_THAT(client.connection.told, ElementsAre("1 token_invalid"));
}

TEST_F(HelloTest, WhatCannotBeToldYetMayBeTriedAgain) {
    Client behind(*this), failing(*this);
    send(behind, {hello("new")});
    answer(directory::encode_token(aino, 1), std::nullopt, shared.directory.version() + 1);
    send(failing, {hello("new")});
    answer("", store::Failure::unavailable);
    for (const auto* client : {&behind, &failing}) {
        EXPECT_THAT(client->connection.told, ElementsAre("1 store_unavailable"));
        EXPECT_GT(client->connection.retry_after_ms, 0U);
        EXPECT_EQ(client->connection.closed, net::CloseCode::try_again_later);
    }
    Client again(*this);
    send(again, {hello("new")});
    EXPECT_EQ(store->reads.size(), 1U) << "it is not taken for absent";
}

TEST_F(HelloTest, ConnectionThatEndsMeanwhileLeavesNothing) {
    Client client(*this);
    send(client, {hello("new"), list_terms(2)});
    client.end();
    sign_in("new");
    answer(directory::encode_token(aino, 1));
    EXPECT_THAT(client.connection.told, IsEmpty());
    EXPECT_EQ(shared.connections.size(), 0U);
}

TEST_F(HelloTest, WhoTriesManyTokensOfNobodyWaitsByAddress) {
    const auto tries = worker.settings().sign_in.address_tries;
    for (std::uint32_t n = 1; n <= tries; ++n) {
        Client client(*this);
        greet_in_vain(client, "nobody's " + std::to_string(n));
        EXPECT_THAT(client.connection.told, ElementsAre("1 token_invalid")) << n;
    }
    Client over(*this), elsewhere(*this, "192.0.2.2"), tried_before(*this);
    send(over, {hello("one more")});
    EXPECT_THAT(store->reads, IsEmpty());
    EXPECT_THAT(over.connection.told, ElementsAre("1 sign_in_limited"));
    EXPECT_EQ(over.connection.retry_after_ms, worker.settings().sign_in.delay_ms);
    greet_in_vain(elsewhere, "one more elsewhere");
    EXPECT_THAT(elsewhere.connection.told, ElementsAre("1 token_invalid"));
    send(tried_before, {hello("nobody's 1")});
    EXPECT_THAT(tried_before.connection.told, ElementsAre("1 token_invalid")) << "it costs nothing";
    pass(std::chrono::milliseconds(worker.settings().sign_in.delay_ms));
    Client later(*this);
    greet_in_vain(later, "one more");
    EXPECT_THAT(later.connection.told, ElementsAre("1 token_invalid"));
}

TEST_F(HelloTest, SignInsThatAreFoundCountForNoAddress) {
    for (std::uint32_t n = 0; n <= 2 * worker.settings().sign_in.address_tries; ++n) {
        Client client(*this);
        const auto token = "new " + std::to_string(n);
        send(client, {hello(token)});
        sign_in(token);
        answer(directory::encode_token(aino, 1));
        EXPECT_THAT(client.connection.told, ElementsAre("1 welcome")) << n;
    }
}

TEST_F(HelloTest, TokensOfNobodyAreRememberedUpToTheLimitAndTheOldestForgotten) {
    shared.settings.sign_in.accounts = 4;
    const auto reads_of = [this](int n) {
        Client client(*this);
        send(client, {hello("nobody's " + std::to_string(n))});
        const auto reads = store->reads.size();
        if (reads > 0) answer("");
        EXPECT_THAT(client.connection.told, ElementsAre("1 token_invalid"));
        return reads;
    };
    for (int n = 1; n <= 4; ++n) EXPECT_EQ(reads_of(n), 1U);
    for (int n = 1; n <= 4; ++n) EXPECT_EQ(reads_of(n), 0U) << n;
    EXPECT_EQ(reads_of(5), 1U);
    EXPECT_EQ(reads_of(4), 0U);
    EXPECT_EQ(reads_of(1), 1U);
}

class RevalidationTest : public HelloTest {
   protected:
    RevalidationTest() {
        sign_in("aino's");
        send(client, {hello("aino's")});
    }
    Client client{*this};
};

// The sign-in goes without the fence, as nothing does in earnest: only whoever looks at the sessions can tell.
TEST_F(RevalidationTest, WhatComesWithoutTheFenceMakesNobodyLookAtSessions) {
    write({{key_of("aino's"), ""}, {key_of("another"), directory::encode_token(officer, 1)}});
    worker.refresh_directory();
    EXPECT_EQ(worker.directory().version(), shared.directory.version());
    EXPECT_FALSE(client.connection.closed);
}

TEST_F(RevalidationTest, WhatComesWithTheFenceMakesAllSessionsLookedAt) {
    write({{key_of("aino's"), ""}, {"fence", directory::encode_fence()}});
    worker.refresh_directory();
    EXPECT_EQ(client.connection.closed, net::CloseCode::policy);
}

TEST_F(RevalidationTest, ChangeOfBeforeTheFenceIsSeenWithTheNextOne) {
    write({{key_of("aino's"), ""}});
    worker.refresh_directory();
    write({{"fence", directory::encode_fence()}});
    worker.refresh_directory();
    EXPECT_EQ(client.connection.closed, net::CloseCode::policy);
}

}  // namespace
}  // namespace foorumi::dispatch
