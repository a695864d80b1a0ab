// What a channel's home does with members' changes before and after the store has them.
#include <gmock/gmock.h>

#include "codec/entity_codec.hpp"
#include "forum/keys.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

class ChangesHomeTest : public WorkerTest {
   protected:
    // The answers come into `answers` in their order: "ok" or the refusal's reason.
    std::shared_ptr<ChangeJob> change(Command command, forum::Id member = aino, std::string token = "aa") {
        auto job = std::make_shared<ChangeJob>();
        job->channel = channel_of(command, member);
        job->command = std::move(command);
        job->member = member;
        job->token_hash = std::move(token);
        job->done = [this](const ChangeResult& result) {
            answers.push_back(result.has_value() ? "ok" : result.error().reason);
        };
        worker.home().change(job);
        return job;
    }
    static Command edit(forum::Id room, forum::Id message = 7) {
        forum::EditMessage command;
        command.room = room;
        command.message = message;
        command.text = "uusi";
        return command;
    }
    static Command post(forum::Id room) { return forum::PostMessage{room, 6, "viesti", 0}; }
    static std::string message_of(forum::Id author) {
        forum::Message message;
        message.thread = 6;
        message.author = author;
        message.text = "vanha";
        return codec::encode_value(message);
    }
    static FakeView room_with_message() {
        FakeView view;
        view.values["room"] = {1, codec::encode_value(forum::Room{theme, "tori", "Tori", "", false})};
        view.values["thread:6"] = {6, codec::encode_value(forum::Thread{"Otsikko", aino, {}, 1, false})};
        view.values["message:7"] = {7, message_of(aino)};
        return view;
    }

    std::vector<std::string> answers;
};

TEST_F(ChangesHomeTest, EditIsLookedUpDecidedAndCommitted) {
    change(edit(square));
    ASSERT_EQ(store->reads.size(), 1U);
    EXPECT_THAT(store->changes, IsEmpty());
    store->answer_read(message_of(aino));
    ASSERT_EQ(store->changes.size(), 1U);
    store->decide(room_with_message());
    EXPECT_THAT(answers, ElementsAre("ok"));
}

TEST_F(ChangesHomeTest, WhatIsNeededFurtherIsAskedForBeforeItIsDecided) {
    auto view = room_with_message();
    forum::Thread slow{"Otsikko", aino, {}, 1, false};
    slow.slow_mode_s = 60;
    view.values["thread:6"] = {6, codec::encode_value(slow)};
    change(post(square));
    ASSERT_EQ(store->changes.size(), 1U);
    auto& asked = store->changes.front();
    EXPECT_THAT(asked.request.needs, ElementsAre("room", "thread:6"));
    store::Version decided_on = 0;
    const auto undecided = asked.decide(view, decided_on);
    ASSERT_TRUE(undecided);
    const auto pace = forum::pace_key(6, aino);
    EXPECT_THAT(undecided->further, ElementsAre(pace));
    EXPECT_THAT(undecided->puts, IsEmpty());
    view.values[pace] = {};
    store->decide(view);
    ASSERT_TRUE(store->decided);
    EXPECT_THAT(store->decided->further, IsEmpty());
    EXPECT_EQ(store->decided->puts.size(), 2U);
    EXPECT_EQ(store->decided->audit, "");
    EXPECT_THAT(answers, ElementsAre("ok"));
}

TEST_F(ChangesHomeTest, ChangesOfAMemberKeepTheirOrderBehindALookUp) {
    change(edit(square));
    change(post(square));
    change(edit(square, 8));
    change(post(square), officer, "bb");
    ASSERT_EQ(store->changes.size(), 1U) << "another member waits for nobody";
    store->answer_read(message_of(aino));
    EXPECT_EQ(store->changes.size(), 3U);
    ASSERT_EQ(store->reads.size(), 1U);
    EXPECT_THAT(store->reads.front().keys, ElementsAre("message:8"));
}

TEST_F(ChangesHomeTest, NoMoreWaitBehindLookUpsThanTheStoreWouldTake) {
    for (int n = 0; n < 4; ++n) change(edit(square));
    EXPECT_THAT(answers, IsEmpty());
    change(edit(square));
    EXPECT_THAT(answers, ElementsAre("overloaded"));
    change(edit(cabinet));
    EXPECT_EQ(store->reads.size(), 2U) << "waits for nothing";
    change(edit(cabinet));
    EXPECT_EQ(answers.size(), 2U) << "counted over all";
    store->answer_read(message_of(aino));
    change(edit(cabinet));
    EXPECT_EQ(answers.size(), 2U) << "one less waits";
}

TEST_F(ChangesHomeTest, WhenALookUpFailsThoseBehindItFailWithoutOne) {
    for (int n = 0; n < 4; ++n) change(edit(square));
    store->answer_read("", store::Failure::unavailable);
    EXPECT_THAT(store->reads, IsEmpty());
    ASSERT_EQ(store->changes.size(), 4U) << "each is still looked for by its change id";
    store->changes.front().done({std::nullopt, {9, true}, 0});
    store->changes.pop_front();
    FakeView view;
    view.strict = false;
    while (!store->changes.empty()) store->decide(view);
    EXPECT_THAT(answers, ElementsAre("ok", "store_unavailable", "store_unavailable", "store_unavailable"));
}

TEST_F(ChangesHomeTest, WaitingBehindALookUpEndsWithTheChangesDeadline) {
    change(edit(square, 1));
    pass(std::chrono::seconds(6));
    change(edit(square, 2));
    pass(std::chrono::milliseconds(3'999));
    EXPECT_THAT(answers, IsEmpty());
    pass(std::chrono::milliseconds(1));
    EXPECT_THAT(answers, ElementsAre("store_unavailable"));
    pass(std::chrono::milliseconds(5'999));
    EXPECT_EQ(answers.size(), 1U);
    pass(std::chrono::milliseconds(1));
    EXPECT_EQ(answers.size(), 2U);
    store->answer_read(message_of(aino));
    EXPECT_THAT(store->changes, IsEmpty()) << "what was answered is not done";
    EXPECT_THAT(answers, Each("store_unavailable"));
    change(edit(square, 3));
    EXPECT_EQ(store->reads.size(), 1U) << "nobody waits any more";
}

TEST_F(ChangesHomeTest, TimeOfTheLookUpIsPartOfTheChangesDeadline) {
    change(edit(square));
    pass(std::chrono::seconds(4));
    store->answer_read(message_of(aino));
    ASSERT_EQ(store->changes.size(), 1U);
    EXPECT_EQ(store->changes.front().request.deadline, std::chrono::seconds(6));
}

TEST_F(ChangesHomeTest, LookUpIsDecidedOnTheNewestDirectory) {
    write({{"room:3", cabinet_of({forum::Role::councillor, forum::Role::office_holder})}});
    change(edit(cabinet), officer, "bb");
    EXPECT_EQ(store->reads.size(), 1U);
}

TEST_F(ChangesHomeTest, WhatIsOutOfSightReadsNothing) {
    change(edit(cabinet), officer, "bb");
    change(post(cabinet), officer, "bb");
    change(forum::MarkRead{cabinet, 6, 7}, officer, "bb");
    run();
    EXPECT_THAT(store->reads, IsEmpty());
    ASSERT_EQ(store->changes.size(), 3U);
    for (const auto& asked : store->changes) EXPECT_THAT(asked.request.needs, IsEmpty());
    while (!store->changes.empty()) store->decide(FakeView());
    EXPECT_THAT(answers, Each("room_not_found"));
}

TEST_F(ChangesHomeTest, WhatGoesOutOfSightDuringTheLookUpReadsNothingMore) {
    change(edit(cabinet));
    write({{"room:3", cabinet_of({forum::Role::office_holder})}});
    store->answer_read(message_of(aino));
    ASSERT_EQ(store->changes.size(), 1U);
    EXPECT_THAT(store->changes.front().request.needs, IsEmpty());
    store->decide(FakeView());
    EXPECT_THAT(answers, ElementsAre("room_not_found"));
}

TEST_F(ChangesHomeTest, RightThatComesAfterTheLookUpWasLeftOutIsNoFinalAnswer) {
    change(edit(cabinet), officer, "bb");
    change(post(cabinet), officer, "bb");
    change(forum::MarkRead{cabinet, 6, 7}, officer, "bb");
    write({{"room:3", cabinet_of({forum::Role::councillor, forum::Role::office_holder})}});
    ASSERT_EQ(store->changes.size(), 3U);
    while (!store->changes.empty()) store->decide(FakeView());
    EXPECT_THAT(answers, ElementsAre("contended", "contended", "contended"));
}

TEST_F(ChangesHomeTest, RevokedSessionChangesNothingAnyMore) {
    change(post(square));
    change(edit(square));
    write({{"token:aa", ""}});
    store->answer_read(message_of(aino));
    EXPECT_THAT(answers, ElementsAre("token_invalid")) << "before the commit";
    ASSERT_EQ(store->changes.size(), 1U);
    store->decide(room_with_message());
    EXPECT_THAT(answers, ElementsAre("token_invalid", "token_invalid"));
    change(post(square));
    EXPECT_EQ(answers.size(), 3U);
    EXPECT_THAT(store->changes, IsEmpty());
}

TEST_F(ChangesHomeTest, SessionOfAnotherMemberIsNone) {
    change(post(square), officer, "aa");
    EXPECT_THAT(answers, ElementsAre("token_invalid"));
}

TEST_F(ChangesHomeTest, ChangeWithoutASessionNeedsNoToken) {
    change(post(square), aino, "");
    store->decide(room_with_message());
    EXPECT_THAT(answers, ElementsAre("ok"));
}

}  // namespace
}  // namespace foorumi::dispatch
