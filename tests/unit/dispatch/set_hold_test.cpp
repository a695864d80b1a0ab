// A hold of a thread is acknowledged where the thread stands at rest behind the hold's fence.
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

class SetHoldTest : public WorkerTest {
   protected:
    static constexpr forum::Id chief = 6;

    SetHoldTest() {
        write({{"member:6", directory::encode({0, "ylli", "Ylli", "", {forum::Role::administrator}, {}})},
               {"token:" + auth::hash_token("secret"), directory::encode_token(chief, 1)}});
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
    ~SetHoldTest() override { handler->on_closed(net::EndReason::peer_closed); }

    void send(const v1::Request& request) {
        v1::ClientFrame frame;
        *frame.add_requests() = request;
        handler->on_frame(frame.SerializeAsString());
        run();
    }
    void ask() {
        v1::Request request;
        request.set_id(2);
        request.set_change_id(std::string(16, 'x'));
        request.set_made_at_ms(900);
        auto& hold = *request.mutable_set_hold();
        hold.set_room(square);
        hold.set_thread(7);
        hold.set_held(true);
        hold.set_reason("Oikeuden pyyntö");
        send(request);
    }
    static std::string at_rest() { return codec::encode_value(forum::Entity{forum::Thread{}}); }
    static std::string leaving() {
        forum::Thread thread;
        thread.moving = 950;
        return codec::encode_value(forum::Entity{thread});
    }
    void answer_read(const std::string& bytes) {
        ASSERT_THAT(store->reads, SizeIs(1));
        EXPECT_THAT(store->reads.front().keys, ElementsAre("thread:7"));
        store->answer_read(bytes);
        run();
    }
    // Up to the fence, inclusive.
    void commit() {
        ASSERT_THAT(store->changes, SizeIs(1));
        FakeView view;
        view.strict = false;
        store->decide(view, {7, false});
        ASSERT_TRUE(store->decided);
        run();
        ASSERT_THAT(store->fences, SizeIs(1));
        store->answer_fence();
        run();
    }

    ToldConnection connection{"192.0.2.1"};
    std::unique_ptr<net::ConnectionHandler> handler = worker.dispatcher().open_session(connection);
};

TEST_F(SetHoldTest, IsAcknowledgedWhenTheThreadIsStillThere) {
    ask();
    answer_read(at_rest());
    commit();
    EXPECT_THAT(connection.told, IsEmpty()) << "it is looked at behind the fence";
    answer_read(at_rest());
    EXPECT_THAT(connection.told, ElementsAre("2 other"));
}

TEST_F(SetHoldTest, OfAThreadThatHasBegunToLeaveIsNotAcknowledged) {
    ask();
    answer_read(at_rest());
    commit();
    answer_read(leaving());
    EXPECT_THAT(connection.told, ElementsAre("2 thread_moving"));
    EXPECT_EQ(connection.retry_after_ms, 1'000U);
}

TEST_F(SetHoldTest, OfAThreadThatIsLeavingIsNotBegun) {
    ask();
    answer_read(leaving());
    EXPECT_THAT(store->changes, IsEmpty());
    EXPECT_THAT(connection.told, ElementsAre("2 thread_moving"));
}

TEST_F(SetHoldTest, WhereThatCannotBeReadIsNotAcknowledged) {
    ask();
    answer_read(at_rest());
    commit();
    ASSERT_THAT(store->reads, SizeIs(1));
    store->answer_read({}, store::Failure::unavailable);
    run();
    EXPECT_THAT(connection.told, ElementsAre("2 store_unavailable"));
}

}  // namespace
}  // namespace foorumi::dispatch
