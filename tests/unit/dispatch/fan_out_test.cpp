// What a worker hands to its subscribers of the commits that are released on it.
#include <gmock/gmock.h>

#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Recording final : public fanout::Subscriber {
   public:
    std::size_t deliver(std::span<const ItemRef> items, net::Priority /*priority*/) override {
        runs.push_back(0);
        for (const auto& item : items) runs.back() += item->items();
        return items.size();
    }
    std::vector<std::size_t> runs;
};

class FanOutTest : public WorkerTest {
   protected:
    FanOutTest() {
        worker.topics().add("room:2", subscriber);
        worker.home().broadcaster().add_interest("room:2", 0);
    }
    void release(store::Version version) {
        auto released = std::make_shared<store::Released>();
        released->channel = "room:2";
        released->version = version;
        released->position = version;
        sinks.released(released);
    }

    Recording subscriber;
    store::Sinks sinks = worker.sinks();
};

TEST_F(FanOutTest, RunOfCommitsIsDeliveredTogether) {
    release(1);
    release(2);
    release(3);
    EXPECT_THAT(posted, IsEmpty()) << "before the run's end";
    sinks.released_all();
    EXPECT_EQ(posted.size(), 1U);
    run();
    release(4);
    sinks.released_all();
    run();
    EXPECT_THAT(subscriber.runs, ElementsAre(3, 1));
}

TEST_F(FanOutTest, EphemeralsWaitForNoRun) {
    worker.home().broadcaster().broadcast("room:2", "typing", net::Priority::ephemeral);
    EXPECT_EQ(posted.size(), 1U);
    run();
    EXPECT_THAT(subscriber.runs, ElementsAre(1));
}

TEST_F(FanOutTest, LongRunIsAcknowledgedSoThatThereIsRoomAgain) {
    for (store::Version version = 1; version <= fanout::default_window; ++version) release(version);
    EXPECT_FALSE(sinks.may_release());
    sinks.released_all();
    run();
    EXPECT_TRUE(sinks.may_release());
    EXPECT_THAT(subscriber.runs, ElementsAre(fanout::default_window));
}

}  // namespace
}  // namespace foorumi::dispatch
