// What a worker counts of its sessions.
#include "dispatch/counts.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "auth/token.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "told_connection.hpp"
#include "worker_fixture.hpp"

namespace foorumi::dispatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CountsTest : public WorkerTest {
   protected:
    CountsTest() {
        write({{"token:" + auth::hash_token("known"), directory::encode_token(aino, 1)}});
        open();
    }
    ~CountsTest() override { end(); }

    void open() { handler_ = worker.dispatcher().open_session(connection_); }
    void end(net::EndReason reason = net::EndReason::peer_closed) {
        if (handler_) handler_->on_closed(reason);
        handler_.reset();
    }
    void send(v1::Request request) {
        request.set_id(1);
        v1::ClientFrame frame;
        *frame.add_requests() = std::move(request);
        handler_->on_frame(frame.SerializeAsString());
        run();
    }
    void greet(const std::string& token = "known") {
        v1::Request request;
        request.mutable_hello()->set_protocol_min(1);
        request.mutable_hello()->set_protocol_max(1);
        request.mutable_hello()->set_token(token);
        send(request);
    }
    static v1::Request new_thread() {
        v1::Request request;
        request.set_change_id(std::string(16, 'x'));
        request.set_made_at_ms(1);
        request.mutable_start_thread()->set_room(square);
        request.mutable_start_thread()->set_title("Otsikko");
        request.mutable_start_thread()->set_text("Teksti");
        return request;
    }
    // The change that was asked for last is decided in Redis after this time.
    void commit(bool repeated, std::chrono::milliseconds after) {
        ASSERT_EQ(store->changes.size(), 1U);
        const auto done = std::move(store->changes.front().done);
        store->changes.pop_front();
        clock.now += after;
        done({std::nullopt, {5, repeated}, 0});
        run();
    }

    [[nodiscard]] const Counts& counts() { return worker.dispatcher().counts(); }
    [[nodiscard]] std::uint64_t requests(std::string_view command) {
        const auto table = command_table();
        const auto row = std::ranges::find(table, command, &CommandRow::name);
        return counts().requests.at(static_cast<std::size_t>(row - table.begin()));
    }
    // "reason count" of those that are not 0.
    static std::vector<std::string> told(const config::ReasonCounts& counts) {
        std::vector<std::string> words;
        for (const auto& row : counts.rows())
            if (row.count > 0) words.push_back(std::string(row.reason) + ' ' + std::to_string(row.count));
        return words;
    }

    ToldConnection connection_{"192.0.2.1"};
    std::unique_ptr<net::ConnectionHandler> handler_;
};

TEST_F(CountsTest, RequestsAreCountedByCommandWhateverBecomesOfThem) {
    v1::Request list;
    list.mutable_list_terms();
    send(list);
    greet();
    send(list);
    EXPECT_EQ(requests("list_terms"), 2U);
    EXPECT_EQ(requests("hello"), 1U);
    EXPECT_EQ(requests("post_message"), 0U);
    EXPECT_THAT(told(counts().refused), ElementsAre("hello_required 1"));
}

TEST_F(CountsTest, ChannelsThatAreRefusedAreCountedToo) {
    greet();
    v1::Request follow;
    for (const auto* channel : {"room:999999", "room:999998"})
        follow.mutable_subscribe()->add_cursors()->set_channel(channel);
    send(follow);
    EXPECT_EQ(requests("subscribe"), 1U);
    EXPECT_THAT(told(counts().refused), ElementsAre("channel_not_found 2"));
}

TEST_F(CountsTest, RequestsOfNoCommandAreCountedTogether) {
    send({});
    handler_->on_frame("\x0a\x02\xff\xff");
    EXPECT_EQ(counts().requests_without_row, 2U);
    EXPECT_EQ(std::ranges::count(counts().requests, 0U), static_cast<std::ptrdiff_t>(counts().requests.size()));
}

TEST_F(CountsTest, AnEndIsCountedOnceByWhatCameFirst) {
    greet("");
    EXPECT_THAT(told(counts().ended), ElementsAre("token_invalid 1"));
    end();
    EXPECT_THAT(told(counts().ended), ElementsAre("token_invalid 1"));
}

TEST_F(CountsTest, EveryEndHasARowOfItsOwn) {
    for (const auto reason : {net::EndReason::peer_closed, net::EndReason::closed_by_us, net::EndReason::idle_timeout,
                              net::EndReason::frame_too_big, net::EndReason::error}) {
        end(reason);
        open();
    }
    EXPECT_THAT(told(counts().ended),
                ElementsAre("closed_by_us 1", "error 1", "frame_too_big 1", "idle_timeout 1", "peer_closed 1"));
    greet();
    write({{"token:" + auth::hash_token("known"), ""}});
    worker.refresh_directory();
    worker.dispatcher().revalidate();
    EXPECT_THAT(told(counts().ended), testing::Contains("sign_in_again 1"));
}

TEST_F(CountsTest, ChangesAreCountedWhenTheyAreAcknowledgedWithTheTimeSinceTheyCame) {
    greet();
    send(new_thread());
    EXPECT_EQ(counts().acknowledged, 0U);
    commit(false, std::chrono::milliseconds(4));
    send(new_thread());
    commit(true, std::chrono::milliseconds(30));
    EXPECT_EQ(counts().acknowledged, 2U);
    EXPECT_EQ(counts().repeated, 1U);
    EXPECT_EQ(counts().acknowledgement.sum(), std::chrono::milliseconds(34));
    EXPECT_EQ(counts().acknowledgement.counts()[2], 1U);  // to 5 ms
    EXPECT_EQ(counts().acknowledgement.counts()[5], 1U);  // to 50 ms
    EXPECT_THAT(told(counts().refused), IsEmpty());
}

TEST_F(CountsTest, OpeningsUnderWayAndWaitingAreThoseOfAllPartitions) {
    const auto open_often = [this](forum::Id room, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            worker.home().open({forum::room_channel(room), 0, 0, aino, 0}, [](auto) {});
    };
    ASSERT_NE(store::partition_of(forum::room_channel(square), settings().partitions),
              store::partition_of(forum::room_channel(cabinet), settings().partitions));
    const std::size_t at_once = settings().session.syncs_at_once;
    open_often(square, at_once + 2);
    open_often(cabinet, 1);
    EXPECT_EQ(worker.home().openings().under_way, at_once + 1);
    EXPECT_EQ(worker.home().openings().waiting, 2U);
}

TEST_F(CountsTest, WhatIsRememberedWaitsForNoTurn) {
    const auto open = [this](forum::Version since) {
        worker.home().open({forum::room_channel(square), since, 0, aino, 0}, [](auto) {});
    };
    for (std::size_t i = 0; i < settings().session.syncs_at_once; ++i) open(1);
    ASSERT_EQ(store->syncs.size(), settings().session.syncs_at_once);
    open(1);
    ASSERT_EQ(store->syncs.size(), settings().session.syncs_at_once);
    store->remembers_all = true;
    open(0);  // a snapshot
    EXPECT_EQ(store->syncs.size(), settings().session.syncs_at_once);
    open(1);
    EXPECT_EQ(store->syncs.size(), settings().session.syncs_at_once + 1);
    EXPECT_EQ(worker.home().openings().waiting, 2U);
}

TEST_F(CountsTest, ARefusedChangeIsNotAcknowledged) {
    greet();
    send(new_thread());
    store->changes.front().done({store::Failure::overloaded, {}, 200});
    run();
    EXPECT_EQ(counts().acknowledged, 0U);
    EXPECT_THAT(told(counts().refused), ElementsAre("overloaded 1"));
}

}  // namespace
}  // namespace foorumi::dispatch
