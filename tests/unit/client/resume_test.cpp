#include "client/resume.hpp"

#include <gtest/gtest.h>

namespace foorumi::client {
namespace {

using foorumi::v1::Error;
using foorumi::v1::Item;
using foorumi::v1::Request;
using foorumi::v1::ServerFrame;

template <class Kind>
std::vector<Kind> all(const Actions& actions) {
    std::vector<Kind> out;
    for (const auto& action : actions) {
        if (const auto* one = std::get_if<Kind>(&action)) out.push_back(*one);
    }
    return out;
}

std::vector<Request> sent(const Actions& actions) {
    std::vector<Request> out;
    for (const auto& send : all<SendFrame>(actions)) {
        for (const auto& request : send.frame.requests()) out.push_back(request);
    }
    return out;
}

class ResumeTest : public testing::Test {
   protected:
    ResumeTest() : resume(settings(), [] { return 0.5; }) {}

    static Resume::Settings settings() {
        Resume::Settings out;
        out.hello.set_token("secret");
        return out;
    }

    Actions give(const Item& item) {
        ServerFrame frame;
        *frame.add_items() = item;
        return resume.on_frame(frame, now);
    }

    Actions welcome() {
        const auto hello = sent(resume.on_connected(now));
        EXPECT_EQ(hello.size(), 1U);
        EXPECT_EQ(hello.at(0).hello().token(), "secret");
        Item item;
        item.mutable_response()->set_id(hello.at(0).id());
        auto& answer = *item.mutable_response()->mutable_welcome();
        answer.set_now_ms(now + 1'000'000);
        answer.mutable_limits()->set_requests_per_second(1000);
        answer.mutable_limits()->set_requests_per_frame(2);
        answer.mutable_limits()->set_frame_bytes(2'000);
        return give(item);
    }

    void go_live() {
        EXPECT_EQ(all<ConnectAfter>(resume.start()).at(0).delay_ms, 0);
        static_cast<void>(welcome());
    }

    static Item synced(const Request& subscribe, std::uint64_t version, bool more = false) {
        Item item;
        const auto& cursor = subscribe.subscribe().cursors(0);
        item.mutable_synced()->set_channel(cursor.channel());
        item.mutable_synced()->set_generation(cursor.generation());
        item.mutable_synced()->set_since(cursor.since());
        item.mutable_synced()->set_version(version);
        item.mutable_synced()->set_more(more);
        return item;
    }

    static Item change(std::uint64_t version) {
        Item item;
        item.mutable_change()->set_channel("room:1");
        item.mutable_change()->set_previous_version(version - 1);
        item.mutable_change()->set_version(version);
        return item;
    }

    static Item hello_error(const Request& hello, Error::Code code, std::uint32_t retry_after_ms) {
        Item item;
        item.mutable_response()->set_id(hello.id());
        item.mutable_response()->mutable_error()->set_code(code);
        item.mutable_response()->mutable_error()->set_retry_after_ms(retry_after_ms);
        return item;
    }

    Request post(const std::string& change_id) {
        Request request;
        request.set_change_id(change_id);
        request.mutable_post_message()->set_text("x");
        return request;
    }

    Resume resume;
    Millis now = 100;
    std::uint64_t id = 0;
};

TEST_F(ResumeTest, TheFirstConnectionThatCannotBeMadeEndsIt) {
    static_cast<void>(resume.start());
    const auto actions = resume.on_disconnected(now);
    ASSERT_EQ(all<Failed>(actions).size(), 1U);
    EXPECT_FALSE(all<Failed>(actions)[0].refusal);
    EXPECT_TRUE(all<ConnectAfter>(actions).empty());
}

TEST_F(ResumeTest, NothingIsSentBeforeTheWelcome) {
    EXPECT_TRUE(resume.subscribe("room:1", 0, now).empty());
    EXPECT_TRUE(resume.request(post("a"), now, id).empty());
    static_cast<void>(resume.start());
    const auto requests = sent(welcome());
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_TRUE(requests[0].has_subscribe());
    EXPECT_EQ(requests[1].change_id(), "a");
    EXPECT_EQ(requests[1].made_at_ms(), now + 1'000'000) << "by the server's clock";
}

TEST_F(ResumeTest, ALostConnectionIsMadeAgainAndGoesOnWhereItWas) {
    go_live();
    const auto asked = sent(resume.subscribe("room:1", 5, now));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(all<Deliver>(give(synced(asked[0], 7))).size(), 1U);
    EXPECT_EQ(all<Deliver>(give(change(8))).size(), 1U);
    const auto lost = resume.on_disconnected(now);
    ASSERT_EQ(all<ConnectAfter>(lost).size(), 1U);
    EXPECT_GT(all<ConnectAfter>(lost)[0].delay_ms, 0);
    const auto again = welcome();
    EXPECT_TRUE(all<Welcomed>(again).at(0).again);
    const auto requests = sent(again);
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].subscribe().cursors(0).since(), 8U);
    EXPECT_NE(requests[0].subscribe().cursors(0).generation(), asked[0].subscribe().cursors(0).generation());
}

TEST_F(ResumeTest, AllChannelsResumeInOneRequest) {
    go_live();
    for (const char* name : {"room:1", "room:2", "member:9"}) static_cast<void>(resume.subscribe(name, 3, now));
    static_cast<void>(resume.on_disconnected(now));
    const auto requests = sent(welcome());
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].subscribe().cursors_size(), 3);
}

TEST_F(ResumeTest, ItemsOfAnOlderGenerationAreDropped) {
    go_live();
    const auto first = sent(resume.subscribe("room:1", 5, now));
    EXPECT_TRUE(all<Deliver>(give(change(6))).empty()) << "before its synced";
    static_cast<void>(resume.on_disconnected(now));
    const auto second = sent(welcome());
    EXPECT_TRUE(all<Deliver>(give(synced(first[0], 9))).empty());
    EXPECT_EQ(all<Deliver>(give(synced(second[0], 6))).size(), 1U);
    EXPECT_TRUE(all<Deliver>(give(change(6))).empty()) << "known already";
    EXPECT_EQ(all<Deliver>(give(change(7))).size(), 1U);
}

TEST_F(ResumeTest, AGapIsAskedForAgain) {
    go_live();
    const auto asked = sent(resume.subscribe("room:1", 5, now));
    static_cast<void>(give(synced(asked[0], 5)));
    const auto actions = give(change(7));
    EXPECT_TRUE(all<Deliver>(actions).empty());
    const auto again = sent(actions);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].subscribe().cursors(0).since(), 5U);
}

TEST_F(ResumeTest, MoreIsAskedForFromTheVersionReached) {
    go_live();
    const auto asked = sent(resume.subscribe("room:1", 5, now));
    const auto again = sent(give(synced(asked[0], 50, true)));
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].subscribe().cursors(0).since(), 50U);
}

TEST_F(ResumeTest, ARefusedChannelIsToldAndNotAskedForAgain) {
    go_live();
    const auto asked = sent(resume.subscribe("room:1", 0, now));
    Item item = synced(asked[0], 0);
    item.mutable_synced()->mutable_error()->set_code(Error::CODE_NOT_FOUND);
    EXPECT_EQ(all<Deliver>(give(item)).size(), 1U);
    static_cast<void>(resume.on_disconnected(now));
    EXPECT_TRUE(sent(welcome()).empty());
}

TEST_F(ResumeTest, AChannelThatCannotBeReadNowIsAskedForLater) {
    go_live();
    const auto asked = sent(resume.subscribe("room:1", 0, now));
    Item item = synced(asked[0], 0);
    item.mutable_synced()->mutable_error()->set_code(Error::CODE_UNAVAILABLE);
    item.mutable_synced()->mutable_error()->set_retry_after_ms(2'000);
    EXPECT_TRUE(give(item).empty());
    EXPECT_EQ(resume.wake_at(now), now + 2'000);
    now += 2'000;
    EXPECT_EQ(sent(resume.on_time(now)).size(), 1U);
}

TEST_F(ResumeTest, ASubscribeRefusedAsAWholeEndsItsChannels) {
    go_live();
    const auto asked = sent(resume.subscribe("room:1", 99, now));
    Item item;
    item.mutable_response()->set_id(asked[0].id());
    item.mutable_response()->mutable_error()->set_code(Error::CODE_INVALID);
    const auto told = all<Deliver>(give(item));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].item.synced().channel(), "room:1");
    EXPECT_EQ(told[0].item.synced().error().code(), Error::CODE_INVALID);
    EXPECT_FALSE(resume.subscriptions().holds("room:1"));
}

TEST_F(ResumeTest, AWrongTokenEndsIt) {
    static_cast<void>(resume.start());
    const auto hello = sent(resume.on_connected(now));
    const auto actions = give(hello_error(hello[0], Error::CODE_UNAUTHENTICATED, 0));
    ASSERT_EQ(all<Failed>(actions).size(), 1U);
    EXPECT_EQ(all<Failed>(actions)[0].refusal->code(), Error::CODE_UNAUTHENTICATED);
    EXPECT_EQ(all<Disconnect>(actions).size(), 1U);
    EXPECT_TRUE(resume.on_disconnected(now).empty());
}

TEST_F(ResumeTest, AServerThatIsNotReadyIsTriedAgainAfterTheTimeItNamed) {
    static_cast<void>(resume.start());
    const auto hello = sent(resume.on_connected(now));
    const auto actions = give(hello_error(hello[0], Error::CODE_UNAVAILABLE, 60'000));
    EXPECT_EQ(all<Disconnect>(actions).size(), 1U);
    EXPECT_GE(all<ConnectAfter>(actions).at(0).delay_ms, 60'000);
}

TEST_F(ResumeTest, AServerThatDoesNotWelcomeIsLeft) {
    static_cast<void>(resume.start());
    static_cast<void>(resume.on_connected(now));
    const auto deadline = resume.wake_at(now);
    ASSERT_TRUE(deadline);
    EXPECT_TRUE(resume.on_time(*deadline - 1).empty());
    const auto actions = resume.on_time(*deadline);
    EXPECT_EQ(all<Disconnect>(actions).size(), 1U);
    EXPECT_EQ(all<ConnectAfter>(actions).size(), 1U);
}

TEST_F(ResumeTest, ADrainingServerIsLeftWithinItsTime) {
    go_live();
    Item item;
    item.mutable_notice()->mutable_draining()->set_within_ms(4'000);
    EXPECT_EQ(all<Deliver>(give(item)).size(), 1U);
    EXPECT_EQ(resume.wake_at(now), now + 2'000) << "at random in the time: the source says one half";
    now += 2'000;
    const auto actions = resume.on_time(now);
    EXPECT_EQ(all<Disconnect>(actions).size(), 1U);
    EXPECT_EQ(all<ConnectAfter>(actions).at(0).delay_ms, 0);
}

TEST_F(ResumeTest, ADrainingServerThatClosesFirstIsNotTriedBeforeTheTime) {
    go_live();
    Item item;
    item.mutable_notice()->mutable_draining()->set_within_ms(4'000);
    static_cast<void>(give(item));
    now += 500;
    EXPECT_EQ(all<ConnectAfter>(resume.on_disconnected(now)).at(0).delay_ms, 1'500);
}

TEST_F(ResumeTest, AReasonThatWouldComeBackEndsIt) {
    go_live();
    Item item;
    item.mutable_notice()->mutable_closing()->mutable_error()->set_code(Error::CODE_MALFORMED);
    static_cast<void>(give(item));
    EXPECT_EQ(all<Failed>(resume.on_disconnected(now)).size(), 1U);
}

TEST_F(ResumeTest, AServerThatIsNotToBeTrustedAnyMoreEndsIt) {
    go_live();
    EXPECT_EQ(all<ConnectAfter>(resume.on_disconnected(now)).size(), 1U);
    const auto actions = resume.on_distrusted();
    ASSERT_EQ(all<Failed>(actions).size(), 1U);
    EXPECT_FALSE(all<Failed>(actions)[0].refusal);
    EXPECT_TRUE(all<ConnectAfter>(actions).empty());
    EXPECT_TRUE(resume.on_distrusted().empty());
    EXPECT_TRUE(resume.on_disconnected(now).empty());
}

TEST_F(ResumeTest, ASlowReaderComesBack) {
    go_live();
    Item item;
    item.mutable_notice()->mutable_closing()->mutable_error()->set_code(Error::CODE_LIMITED);
    item.mutable_notice()->mutable_closing()->mutable_error()->set_retry_after_ms(3'000);
    static_cast<void>(give(item));
    EXPECT_EQ(all<ConnectAfter>(resume.on_disconnected(now)).at(0).delay_ms, 3'000);
}

TEST_F(ResumeTest, AChannelWhoseAccessEndedIsNotResumed) {
    go_live();
    static_cast<void>(resume.subscribe("room:1", 5, now));
    Item item;
    item.mutable_notice()->mutable_access_changed()->set_channel("room:1");
    EXPECT_EQ(all<Deliver>(give(item)).size(), 1U);
    static_cast<void>(resume.on_disconnected(now));
    EXPECT_TRUE(sent(welcome()).empty());
}

TEST_F(ResumeTest, FramesKeepTheServersLimits) {
    for (int i = 0; i < 5; ++i) static_cast<void>(resume.request(post("c" + std::to_string(i)), now, id));
    static_cast<void>(resume.start());
    const auto frames = all<SendFrame>(welcome());
    ASSERT_EQ(frames.size(), 3U);
    for (const auto& send : frames) EXPECT_LE(send.frame.requests_size(), 2);
}

TEST_F(ResumeTest, ARequestLargerThanAFrameIsRefusedHere) {
    go_live();
    Request large = post("large");
    large.mutable_post_message()->set_text(std::string(3'000, 'x'));
    const auto actions = resume.request(large, now, id);
    EXPECT_TRUE(sent(actions).empty());
    ASSERT_EQ(all<Answered>(actions).size(), 1U);
    EXPECT_EQ(all<Answered>(actions)[0].answer.response.error().reason(), "request_too_big");
}

TEST_F(ResumeTest, DelaysGrowAndStartAgainAfterAGoodConnection) {
    go_live();
    std::vector<Millis> delays;
    for (int i = 0; i < 9; ++i) {
        delays.push_back(all<ConnectAfter>(resume.on_disconnected(now)).at(0).delay_ms);
        static_cast<void>(welcome());
    }
    for (std::size_t i = 1; i < delays.size(); ++i) EXPECT_GE(delays[i], delays[i - 1]);
    EXPECT_GT(delays.back(), 10 * delays.front());
    EXPECT_LE(delays.back(), Backoff::most_ms);
    now += 60'000;
    EXPECT_EQ(all<ConnectAfter>(resume.on_disconnected(now)).at(0).delay_ms, delays.front());
}

}  // namespace
}  // namespace foorumi::client
