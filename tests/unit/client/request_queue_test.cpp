#include "client/request_queue.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

using foorumi::v1::Error;
using foorumi::v1::Request;
using foorumi::v1::Response;

Request change(const std::string& id) {
    Request request;
    request.set_change_id(id);
    request.mutable_post_message()->set_text(id);
    return request;
}

Response done(std::uint64_t id) {
    Response response;
    response.set_id(id);
    response.mutable_committed()->set_version(id);
    return response;
}

Response refused(std::uint64_t id, Error::Code code, std::uint32_t retry_after_ms = 0) {
    Response response;
    response.set_id(id);
    response.mutable_error()->set_code(code);
    response.mutable_error()->set_retry_after_ms(retry_after_ms);
    return response;
}

std::vector<std::uint64_t> ids(const std::vector<Request>& requests) {
    std::vector<std::uint64_t> out;
    for (const auto& request : requests) out.push_back(request.id());
    return out;
}

using Ids = std::vector<std::uint64_t>;

class RequestQueueTest : public testing::Test {
   protected:
    explicit RequestQueueTest(std::size_t window = 4) : queue(window) { queue.set_pace(1000, 0); }
    void add(int count) {
        for (int i = 0; i < count; ++i) queue.add(change("c" + std::to_string(++added)));
    }
    RequestQueue queue;
    int added = 0;
};

TEST_F(RequestQueueTest, SendsInOrderUpToTheWindow) {
    add(6);
    EXPECT_EQ(ids(queue.take(0, 0)), (Ids{1, 2, 3, 4}));
    EXPECT_TRUE(queue.take(0, 0).empty());
    EXPECT_EQ(queue.next_turn(0), std::nullopt) << "only an answer can change it";
    EXPECT_TRUE(queue.on_response(done(2), 0));
    EXPECT_EQ(ids(queue.take(0, 0)), Ids{5});
}

TEST_F(RequestQueueTest, ARepeatedChangeKeepsItsIdAndTime) {
    add(1);
    const auto first = queue.take(0, 5'000);
    queue.on_disconnected();
    const auto second = queue.take(9, 6'000);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(first[0].SerializeAsString(), second[0].SerializeAsString());
    EXPECT_EQ(second[0].made_at_ms(), 5'000);
}

TEST_F(RequestQueueTest, AfterALostConnectionAllThatWasUnansweredIsSentAgainInOrder) {
    add(5);
    ASSERT_EQ(queue.take(0, 0).size(), 4U);
    EXPECT_TRUE(queue.on_response(done(2), 0));
    queue.on_disconnected();
    EXPECT_EQ(ids(queue.take(0, 0)), (Ids{1, 3, 4, 5}));
}

TEST_F(RequestQueueTest, AfterARefusalNothingOvertakesTheRepeatedOne) {
    add(6);
    ASSERT_EQ(queue.take(0, 0).size(), 4U);
    EXPECT_FALSE(queue.on_response(refused(1, Error::CODE_LIMITED, 50), 0));
    EXPECT_TRUE(queue.take(0, 0).empty()) << "2 to 4 are under way";
    EXPECT_TRUE(queue.on_response(done(2), 0));
    EXPECT_FALSE(queue.on_response(refused(3, Error::CODE_LIMITED, 70), 0));
    EXPECT_TRUE(queue.on_response(done(4), 0));
    EXPECT_TRUE(queue.take(69, 0).empty()) << "the server asked for a pause";
    const auto turn = queue.next_turn(0);
    ASSERT_TRUE(turn && *turn >= 70);
    EXPECT_EQ(ids(queue.take(*turn, 0)), Ids{1});
    EXPECT_TRUE(queue.take(*turn, 0).empty()) << "one at a time";
    EXPECT_TRUE(queue.on_response(done(1), *turn));
    EXPECT_EQ(ids(queue.take(*turn, 0)), Ids{3});
    EXPECT_TRUE(queue.on_response(done(3), *turn));
    EXPECT_EQ(ids(queue.take(*turn, 0)), (Ids{5, 6}));
}

TEST_F(RequestQueueTest, UnavailableIsRepeatedEvenWithoutAHint) {
    add(1);
    ASSERT_EQ(queue.take(0, 0).size(), 1U);
    EXPECT_FALSE(queue.on_response(refused(1, Error::CODE_UNAVAILABLE), 0));
    const auto turn = queue.next_turn(0);
    ASSERT_TRUE(turn && *turn > 0);
    EXPECT_EQ(ids(queue.take(*turn, 0)), Ids{1});
}

TEST_F(RequestQueueTest, PausesGrowWhileRefusalsGoOn) {
    add(1);
    Millis now = 0;
    Millis last = 0;
    for (int i = 0; i < 6; ++i) {
        ASSERT_EQ(queue.take(now, 0).size(), 1U);
        EXPECT_FALSE(queue.on_response(refused(1, Error::CODE_UNAVAILABLE), now));
        const auto turn = queue.next_turn(now);
        ASSERT_TRUE(turn);
        EXPECT_GT(*turn - now, last);
        last = *turn - now;
        now = *turn;
    }
    EXPECT_LE(last, 5'000);
}

TEST_F(RequestQueueTest, AFinalRefusalIsAnAnswer) {
    add(2);
    ASSERT_EQ(queue.take(0, 0).size(), 2U);
    const auto answer = queue.on_response(refused(1, Error::CODE_FORBIDDEN), 0);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->request.change_id(), "c1");
    EXPECT_FALSE(answer->outcome_unknown);
    EXPECT_TRUE(queue.on_response(refused(2, Error::CODE_LIMITED, 0), 0)) << "no use in trying again";
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(RequestQueueTest, SlowModeOfOneThreadHoldsNothingUp) {
    add(2);
    ASSERT_EQ(queue.take(0, 0).size(), 2U);
    auto slow = refused(1, Error::CODE_LIMITED, 3'600'000);
    slow.mutable_error()->set_reason("slow_mode");
    EXPECT_TRUE(queue.on_response(slow, 0)) << "whoever wrote it decides";
    EXPECT_TRUE(queue.on_response(done(2), 0));
    add(1);
    EXPECT_EQ(queue.take(0, 0).size(), 1U);
}

TEST_F(RequestQueueTest, LateAndForeignAnswersAreIgnored) {
    add(1);
    EXPECT_FALSE(queue.on_response(done(1), 0)) << "not sent yet";
    ASSERT_EQ(queue.take(0, 0).size(), 1U);
    EXPECT_FALSE(queue.on_response(done(7), 0));
    EXPECT_TRUE(queue.on_response(done(1), 0));
    EXPECT_FALSE(queue.on_response(done(1), 0));
}

TEST_F(RequestQueueTest, TheFateOfAnUnansweredChangeIsUnknownWhateverRefusesItLater) {
    add(2);
    EXPECT_EQ(RequestQueue::fate(queue.pending()[0]), RequestQueue::Fate::not_applied);
    ASSERT_EQ(queue.take(0, 0).size(), 2U);
    EXPECT_EQ(RequestQueue::fate(queue.pending()[0]), RequestQueue::Fate::unknown);
    EXPECT_FALSE(queue.on_response(refused(2, Error::CODE_UNAVAILABLE), 0));
    EXPECT_EQ(RequestQueue::fate(queue.pending()[1]), RequestQueue::Fate::not_applied);
    queue.on_disconnected();
    ASSERT_EQ(ids(queue.take(0, 0)), (Ids{1, 2}));
    EXPECT_FALSE(queue.on_response(refused(1, Error::CODE_LIMITED, 10), 0));
    EXPECT_EQ(RequestQueue::fate(queue.pending()[0]), RequestQueue::Fate::unknown)
        << "the first sending may have done it";
}

TEST_F(RequestQueueTest, ExpiredAfterADoubtfulSendingLeavesTheOutcomeUnknown) {
    add(2);
    ASSERT_EQ(queue.take(0, 0).size(), 2U);
    const auto plain = queue.on_response(refused(1, Error::CODE_EXPIRED), 0);
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->outcome_unknown);
    queue.on_disconnected();
    ASSERT_EQ(queue.take(0, 0).size(), 1U);
    const auto doubtful = queue.on_response(refused(2, Error::CODE_EXPIRED), 0);
    ASSERT_TRUE(doubtful);
    EXPECT_TRUE(doubtful->outcome_unknown);
}

class Paced : public RequestQueueTest {
   protected:
    Paced() : RequestQueueTest(1'000) { queue.set_pace(40, 0); }
};

TEST_F(Paced, TheServersPaceIsKept) {
    RequestQueue slow(1'000);
    slow.set_pace(40, 0);
    for (int i = 0; i < 500; ++i) slow.add(change("c" + std::to_string(i)));
    std::size_t sent = 0;
    Millis now = 0;
    while (now < 5'000) {
        sent += slow.take(now, 0).size();
        EXPECT_LE(sent, static_cast<std::size_t>(10 + 40 * now / 1000 + 1)) << now;
        const auto turn = slow.next_turn(now);
        ASSERT_TRUE(turn && *turn > now);
        now = *turn;
    }
    EXPECT_GT(sent, 150U) << "and made use of";
}

TEST_F(Paced, RefusalsOfOneWindowSlowItDownOnce) {
    RequestQueue limited(8);
    limited.set_pace(40, 0);
    for (int i = 0; i < 200; ++i) limited.add(change("c" + std::to_string(i)));
    const auto first = limited.take(0, 0);
    ASSERT_EQ(first.size(), 8U);
    for (const auto& request : first)
        EXPECT_FALSE(limited.on_response(refused(request.id(), Error::CODE_LIMITED, 1), 0));
    Millis now = 0;
    std::size_t acknowledged = 0;
    while (acknowledged < 60) {
        const auto turn = limited.next_turn(now);
        ASSERT_TRUE(turn);
        now = *turn;
        for (const auto& request : limited.take(now, 0)) {
            ASSERT_TRUE(limited.on_response(done(request.id()), now));
            ++acknowledged;
        }
    }
    EXPECT_LT(now, 8'000) << "60 at less than 8 a second";
}

}  // namespace
}  // namespace foorumi::client
