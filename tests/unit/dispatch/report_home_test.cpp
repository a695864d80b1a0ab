// A report: its message is looked up in the room's channel, and it is decided in the forum's moderation channel.
#include <gmock/gmock.h>

#include "codec/entity_codec.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ReportingHomeTest : public WorkerTest {
   protected:
    void report(forum::Id room, forum::Id message = 7) {
        auto job = std::make_shared<ChangeJob>();
        forum::FileReport command;
        command.room = room;
        command.message = message;
        command.category = forum::ReportCategory::spam;
        command.words = "Mainos";
        job->command = command;
        aim(job->command, worker.directory());
        job->channel = channel_of(job->command, officer);
        job->member = officer;
        job->token_hash = "bb";
        job->done = [this](const ChangeResult& result) {
            answers.push_back(result.has_value() ? "ok" : result.error().reason);
        };
        worker.home().change(job);
        run();
    }
    static std::string message_by(forum::Id author) {
        forum::Message message;
        message.thread = 6;
        message.author = author;
        message.text = "Ostakaa";
        return codec::encode_value(forum::Entity{message});
    }
    std::optional<store::Commit> decide(const std::vector<std::string>& there) {
        FakeView view;
        for (const auto& key : there) view.values[key] = {};
        store::Version decided_on = 0;
        return store->changes.front().decide(view, decided_on);
    }
    std::vector<std::string> answers;
};

TEST_F(ReportingHomeTest, IsDecidedWhereTheQueueIs) {
    report(square);
    ASSERT_THAT(store->reads, SizeIs(1));
    EXPECT_EQ(store->reads.front().channel, "room:2");
    store->answer_read(message_by(aino));
    run();
    ASSERT_THAT(store->changes, SizeIs(1));
    EXPECT_EQ(store->changes.front().request.channel, "moderation:1");
    EXPECT_THAT(store->changes.front().request.needs, ElementsAre(".reported:2:7", ".reporter:5"));
    const auto first = decide({".reported:2:7", ".reporter:5"});
    ASSERT_TRUE(first);
    EXPECT_THAT(first->further, ElementsAre(".reports"));
    const auto commit = decide({".reported:2:7", ".reporter:5", ".reports"});
    ASSERT_TRUE(commit);
    std::vector<std::string> keys;
    for (const auto& put : commit->puts) keys.push_back(put.key);
    EXPECT_THAT(
        keys, testing::UnorderedElementsAre(".reports", ".report:1:by:1", "report:1", ".reported:2:7", ".reporter:5"));
    EXPECT_THAT(commit->audit, IsEmpty());
}

TEST_F(ReportingHomeTest, AMessageThatIsNotThereIsRefused) {
    report(square);
    store->answer_read("");
    run();
    EXPECT_FALSE(decide({".reported:2:7", ".reporter:5"}));
}

TEST_F(ReportingHomeTest, OfARoomOutOfSightNothingIsLookedUp) {
    report(cabinet);
    report(99);
    EXPECT_THAT(store->reads, IsEmpty());
    ASSERT_THAT(store->changes, SizeIs(2));
    for (const auto& change : store->changes) EXPECT_THAT(change.request.needs, IsEmpty());
}

}  // namespace
}  // namespace foorumi::dispatch
