// Restoring a message: its text is looked up in another channel, and must be the present one when it is put.
#include <gmock/gmock.h>

#include "codec/entity_codec.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RestoringTest : public WorkerTest {
   protected:
    static constexpr forum::Id leader = 6;

    RestoringTest() {
        write({{"member:6", directory::encode({0, "johtaja", "Åsa", "445", {forum::Role::moderator}, {theme}})},
               {"token:cc", directory::encode_token(leader, 1)}});
        auto& message = std::get<forum::Message>(tombstone);
        message.thread = 6;
        message.author = aino;
        message.deleted = message.removed = 900;
        message.removals = 2;
        text.author = aino;
        text.text = "Alkuperäinen";
    }

    void restore() {
        auto job = std::make_shared<ChangeJob>();
        job->command = forum::RestoreMessage{square, 7};
        job->channel = channel_of(job->command, leader);
        job->member = leader;
        job->token_hash = "cc";
        job->done = [this](const ChangeResult& result) {
            answers.push_back(result.has_value() ? "ok" : result.error().reason);
        };
        worker.home().change(job);
    }
    // Answers the two look-ups.
    void look_up(const std::string& bytes, store::Version version = 4) {
        store->answer_read(codec::encode_value(tombstone));
        run();
        ASSERT_EQ(store->reads.size(), 1U);
        EXPECT_THAT(store->reads.front().keys, ElementsAre("removed:2:7:2"));
        store->answer_read(bytes, std::nullopt, version);
        run();
    }
    void decide() {
        FakeView view;
        view.values["room"] = {1, codec::encode_value(forum::Room{theme, "tori", "Tori", "", false})};
        view.values["thread:6"] = {6, codec::encode_value(forum::Thread{"Otsikko", aino, {}, 1, false})};
        view.values["message:7"] = {9, codec::encode_value(tombstone)};
        ASSERT_EQ(store->changes.size(), 1U);
        store->decide(view);
    }

    forum::Entity tombstone = forum::Message{};
    forum::EarlierText text;
    std::vector<std::string> answers;
};

TEST_F(RestoringTest, PutsWhatTheModerationChannelHas) {
    restore();
    look_up(codec::encode_value(text));
    decide();
    EXPECT_THAT(answers, ElementsAre("ok"));
    ASSERT_TRUE(store->decided);
    const auto put = codec::decode_value(store->decided->puts.front().value);
    EXPECT_EQ(std::get<forum::Message>(*put).text, "Alkuperäinen");
    EXPECT_FALSE(store->decided->audit.empty()) << "in the same step";
}

TEST_F(RestoringTest, TextThatIsNotKeptAnyMoreIsRefused) {
    restore();
    look_up("");
    decide();
    EXPECT_THAT(answers, ElementsAre("earlier_text_gone"));
}

TEST_F(RestoringTest, TextThatIsOnItsWayIsWaitedForByTheClient) {
    restore();
    look_up("", 0);
    decide();
    EXPECT_THAT(answers, ElementsAre("contended"));
}

TEST_F(RestoringTest, AFailedLookUpIsTheAnswer) {
    restore();
    store->answer_read(codec::encode_value(tombstone));
    run();
    store->answer_read("", store::Failure::unavailable);
    run();
    decide();
    EXPECT_THAT(answers, ElementsAre("store_unavailable"));
}

TEST_F(RestoringTest, AMessageThatIsThereIsLookedUpOnce) {
    tombstone = forum::Message{};
    auto& message = std::get<forum::Message>(tombstone);
    message.thread = 6;
    message.text = "Tässä";
    restore();
    store->answer_read(codec::encode_value(tombstone));
    run();
    EXPECT_THAT(store->reads, IsEmpty());
    decide();
    EXPECT_THAT(answers, ElementsAre("ok"));
    EXPECT_THAT(store->decided->puts, IsEmpty());
    EXPECT_TRUE(store->decided->audit.empty()) << "nothing was done";
}

// Somebody who was erased meanwhile may be named in it.
TEST_F(RestoringTest, TextFromBeforeAFenceIsNotPutBehindIt) {
    restore();
    look_up(codec::encode_value(text));
    write({{"fence", directory::encode_fence()}});
    decide();
    EXPECT_THAT(answers, ElementsAre("contended"));
}

TEST_F(RestoringTest, NothingIsRestoredWhileChannelsAreGoneThroughForWhoIsErased) {
    v1::DirectoryEntity erasure;
    erasure.mutable_erasure()->set_handle("riitta");
    write({{"member:5", ""}, {"token:bb", ""}, {"erased:5", erasure.SerializeAsString()}});
    restore();
    look_up(codec::encode_value(text));
    decide();
    EXPECT_THAT(answers, ElementsAre("contended"));
    erasure.mutable_erasure()->clear_handle();
    write({{"erased:5", erasure.SerializeAsString()}});
    restore();
    look_up(codec::encode_value(text));
    decide();
    EXPECT_THAT(answers, ElementsAre("contended", "ok"));
}

}  // namespace
}  // namespace foorumi::dispatch
