// What follows from filters in other channels: flags, what was approved, and what comes back.
#include <gmock/gmock.h>

#include <algorithm>

#include "codec/entity_codec.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class HeldHomeTest : public WorkerTest {
   protected:
    static constexpr store::ChangeId id{7};

    static forum::HeldMessage held(std::uint64_t number, forum::Id author = aino, forum::Id room = square) {
        forum::HeldMessage message;
        message.number = number;
        message.room = room;
        message.thread = 12;
        message.text = "mainos";
        message.author = author;
        return message;
    }
    void approve(const forum::HeldMessage& message) {
        forum::Effect effect;
        effect.channel = forum::room_channel(message.room);
        effect.value = message;
        effect.post = true;
        apply(std::move(effect));
    }
    void apply(forum::Effect effect) {
        effect.version = 57;
        worker.home().put_effect(std::make_shared<const forum::Effect>(std::move(effect)), id, 0, [this] { ++ended; });
        run();
    }
    // The room has set it aside: nothing was posted.
    void set_aside() { answer({}); }
    void fail(store::Failure failure) {
        store::ChangeOutcome outcome;
        outcome.failure = failure;
        answer(outcome);
    }
    void answer(const store::ChangeOutcome& outcome) {
        store->answer_change(outcome);
        run();
    }
    static forum::Effect flag_of(forum::Id message) {
        forum::Report report;
        report.room = square;
        report.message = message;
        report.member = aino;
        forum::Effect flag;
        flag.channel = "moderation:1";
        flag.value = report;
        flag.flag = true;
        return flag;
    }

    int ended = 0;
};

TEST_F(HeldHomeTest, WhatCannotBeReadIsWrittenAnewWhereAMessageReturns) {
    approve(held(111));
    set_aside();
    ASSERT_THAT(store->changes, SizeIs(1));
    EXPECT_EQ(store->changes.front().request.channel, "moderation:1");
    FakeView view;
    for (const auto& key : store->changes.front().request.needs) view.values[key] = {3, "\xff not an entity"};
    store->decide(view);
    run();
    ASSERT_TRUE(store->decided);
    std::vector<std::string> keys;
    for (const auto& put : store->decided->puts) keys.push_back(put.key);
    EXPECT_THAT(keys, testing::UnorderedElementsAre("held:111", ".holds:4", ".holds", ".returned:111"));
    EXPECT_EQ(ended, 1);
}

TEST_F(HeldHomeTest, WhoOrWhereThisNodesDirectoryDoesNotHaveYetIsWaitedFor) {
    while (shared.directory.current()->version() < officer) write({});  // the others' numbers are given
    const auto later = shared.directory.current()->version() + 1;
    approve(held(111, later));
    approve(held(112, aino, later));
    EXPECT_THAT(store->changes, IsEmpty());
    EXPECT_EQ(ended, 0);
    write({{"member:" + std::to_string(later),
            directory::encode({0, "uusi", "Uusi", "091", {forum::Role::councillor}, {}})}});
    pass(std::chrono::minutes(1));
    EXPECT_THAT(store->changes, SizeIs(2)) << "the member has come; that there is no such room is known";
}

TEST_F(HeldHomeTest, OfWhoWasErasedNothingIsPosted) {
    while (shared.directory.current()->version() < aino) write({});
    write({{"member:4", ""}});
    approve(held(111));
    FakeView view;
    view.strict = false;
    ASSERT_THAT(store->changes, SizeIs(1));
    store->decide(view);
    run();
    ASSERT_TRUE(store->decided);
    EXPECT_THAT(store->decided->puts, IsEmpty());
    EXPECT_FALSE(store->decided->set_aside);
    EXPECT_EQ(ended, 1);
}

// The same version, and the same effect of it, after a failover that has lost what was of that version.
TEST_F(HeldHomeTest, AnotherMessageIsAnotherChangeAndTheSameTheSame) {
    for (const std::uint64_t number : {111, 222, 222}) approve(held(number));
    for (const forum::Id message : {7, 8, 8}) apply(flag_of(message));
    ASSERT_THAT(store->changes, SizeIs(6));
    const auto id_of = [this](std::size_t n) { return store->changes[n].request.change_id; };
    for (const std::size_t first : {0, 3}) {
        EXPECT_NE(id_of(first), id_of(first + 1));
        EXPECT_EQ(id_of(first + 1), id_of(first + 2));
    }
}

TEST_F(HeldHomeTest, WhatAFilterOfALaterReleaseFindsWaitsForAModerator) {
    v1::DirectoryEntity entity;
    auto& record = *entity.mutable_filters()->add_filters();
    record.set_number(1);
    record.set_kind(v1::FILTER_KIND_WORD);
    record.set_pattern("mainos");
    record.set_action(static_cast<v1::FilterAction>(99));
    write({{"filters:1", entity.SerializeAsString()}});
    EXPECT_EQ(shared.directory.current()->filtered(theme, "mainos").action, forum::FilterAction::hold);
}

TEST_F(HeldHomeTest, WhoIsBeingErasedDoesNotComeBackWithAMessageThatNamesThem) {
    v1::DirectoryEntity erasure;
    erasure.mutable_erasure()->set_handle("riitta");
    write({{"member:5", ""}, {"erased:5", erasure.SerializeAsString()}});
    auto message = held(111);
    message.text = "mainos @riitta";
    approve(message);
    set_aside();
    FakeView view;
    view.strict = false;
    ASSERT_THAT(store->changes, SizeIs(1));
    store->decide(view);
    ASSERT_TRUE(store->decided);
    const auto put = std::ranges::find(store->decided->puts, "held:111", &store::Put::key);
    ASSERT_NE(put, store->decided->puts.end());
    EXPECT_EQ(std::get<forum::HeldMessage>(*codec::decode_value(put->value)).text, "mainos @#5");
}

TEST_F(HeldHomeTest, WhatIsRefusedEndsAndWhatFailsIsTriedAgain) {
    apply(flag_of(7));
    fail(store::Failure::unavailable);
    EXPECT_EQ(ended, 0);
    pass(std::chrono::minutes(1));
    ASSERT_THAT(store->changes, SizeIs(1));
    fail(store::Failure::refused);
    EXPECT_EQ(ended, 1);
    pass(std::chrono::minutes(1));
    EXPECT_THAT(store->changes, IsEmpty());
}

}  // namespace
}  // namespace foorumi::dispatch
