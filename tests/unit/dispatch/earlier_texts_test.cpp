// Reading what a message said: answered when the audit log has it, and to who may read it then.
#include <gmock/gmock.h>

#include "auth/token.hpp"
#include "codec/entity_codec.hpp"
#include "foorumi/v1/stored.pb.h"
#include "told_connection.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ReadingTextsTest : public WorkerTest {
   protected:
    static constexpr forum::Id leader = 6;
    static constexpr const char* text_key = "removed:2:7:1";

    ReadingTextsTest() {
        write({{"member:6", directory::encode({0, "johtaja", "Åsa", "445", {forum::Role::moderator}, {theme}})},
               {key_of("secret"), directory::encode_token(leader, 1)}});
        worker.refresh_directory();
        v1::Request hello;
        hello.set_id(1);
        hello.mutable_hello()->set_protocol_min(1);
        hello.mutable_hello()->set_protocol_max(1);
        hello.mutable_hello()->set_token("secret");
        send(hello);
        EXPECT_THAT(connection.told, ElementsAre("1 welcome"));
        connection.told.clear();
    }
    ~ReadingTextsTest() override { handler->on_closed(net::EndReason::peer_closed); }

    static std::string key_of(const std::string& token) { return "token:" + auth::hash_token(token); }
    void send(const v1::Request& request) {
        v1::ClientFrame frame;
        *frame.add_requests() = request;
        handler->on_frame(frame.SerializeAsString());
        run();
    }
    // Asks, up to the decision.
    void ask() {
        v1::Request request;
        request.set_id(2);
        request.mutable_read_earlier_texts()->set_room(square);
        request.mutable_read_earlier_texts()->set_message(7);
        send(request);
        forum::Message message;
        message.thread = 6;
        message.author = aino;
        message.deleted = message.removed = 900;
        message.removals = 1;
        ASSERT_THAT(store->reads, SizeIs(1));
        store->answer_read(codec::encode_value(forum::Entity{message}));
        run();
        ASSERT_THAT(store->changes, SizeIs(1));
        EXPECT_THAT(store->changes.front().request.needs, ElementsAre(text_key));
    }
    // What is decided where that is the text; empty: there is none yet.
    std::optional<store::Commit> decide(const std::string& text) {
        FakeView view;
        forum::EarlierText earlier;
        earlier.text = text;
        view.values[text_key] =
            text.empty() ? store::Value{} : store::Value{4, codec::encode_value(forum::Entity{earlier})};
        store::Version decided_on = 0;
        return store->changes.front().decide(view, decided_on);
    }
    void end(store::ChangeOutcome outcome) {
        store->answer_change(outcome);
        run();
    }
    static store::ChangeOutcome failed(store::Failure failure) { return {failure, {}, 0}; }
    static store::ChangeOutcome done(bool repeated = false) { return {std::nullopt, {9, repeated}, 0}; }

    ToldConnection connection{"192.0.2.1"};
    std::unique_ptr<net::ConnectionHandler> handler = worker.dispatcher().open_session(connection);
};

TEST_F(ReadingTextsTest, LeaveTheirEntryWhereThereAreSome) {
    ask();
    const auto commit = decide("Sopimatonta");
    ASSERT_TRUE(commit);
    EXPECT_FALSE(commit->audit.empty());
    EXPECT_THAT(connection.told, IsEmpty());
    end(done());
    EXPECT_THAT(connection.told, ElementsAre("2 texts Sopimatonta"));
}

// An accepted change that changes nothing is remembered, as a read that has left its entry is.
TEST_F(ReadingTextsTest, FindingNothingIsNothingToRemember) {
    ask();
    EXPECT_FALSE(decide(""));
    end(failed(store::Failure::refused));
    EXPECT_THAT(connection.told, ElementsAre("2 texts"));
}

TEST_F(ReadingTextsTest, WhatWasDoneBeforeAnyEntryIsNoReadOfThem) {
    ask();
    EXPECT_FALSE(decide(""));
    EXPECT_TRUE(decide("Sopimatonta"));
    const auto first = store->changes.front().request.change_id;
    end(done(true));
    EXPECT_THAT(connection.told, IsEmpty());
    ASSERT_THAT(store->changes, SizeIs(1));
    EXPECT_NE(store->changes.front().request.change_id, first);
    EXPECT_TRUE(decide("Sopimatonta"));
    end(done());
    EXPECT_THAT(connection.told, ElementsAre("2 texts Sopimatonta"));
}

TEST_F(ReadingTextsTest, ThatCannotBeRecordedAreNotTold) {
    ask();
    for (int n = 0; n < 2; ++n) {
        EXPECT_TRUE(decide("Sopimatonta"));
        end(done(true));
    }
    EXPECT_THAT(connection.told, ElementsAre("2 store_unavailable"));
    EXPECT_THAT(store->changes, IsEmpty()) << "once more is enough";
}

TEST_F(ReadingTextsTest, AnEntryOfAnEarlierTryCounts) {
    ask();
    EXPECT_TRUE(decide("Sopimatonta"));
    EXPECT_TRUE(decide("Sopimatonta"));
    end(done(true));
    EXPECT_THAT(connection.told, ElementsAre("2 texts Sopimatonta"));
}

TEST_F(ReadingTextsTest, AreNotDecidedForASignInThatIsOver) {
    ask();
    write({{key_of("secret"), ""}});
    EXPECT_FALSE(decide("Sopimatonta"));
    end(failed(store::Failure::refused));
    EXPECT_THAT(connection.told, testing::Not(testing::Contains("2 texts Sopimatonta")));
}

TEST_F(ReadingTextsTest, AreNotToldToASignInThatHasExpiredMeanwhile) {
    v1::DirectoryEntity expiring;
    expiring.mutable_token()->set_member(leader);
    expiring.mutable_token()->set_created_ms(1);
    expiring.mutable_token()->set_expires_ms(5'000);
    write({{key_of("secret"), expiring.SerializeAsString()}});
    worker.refresh_directory();
    ask();
    EXPECT_TRUE(decide("Sopimatonta"));
    clock.wall = 5'000;
    EXPECT_FALSE(decide("Sopimatonta"));
    end(done());
    EXPECT_THAT(connection.told, ElementsAre("2 token_invalid"));
}

}  // namespace
}  // namespace foorumi::dispatch
