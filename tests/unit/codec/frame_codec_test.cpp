#include "codec/frame_codec.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "codec/serialize.hpp"
#include "samples.hpp"

namespace foorumi::codec::test {
namespace {

using forum::ErrorCode;
using forum::Refusal;
using testing::ElementsAre;
using testing::IsEmpty;

Refusal refusal(ErrorCode code, std::string reason, std::string field = "") {
    return {code, std::move(reason), std::move(field)};
}

std::string frame_of(const std::vector<std::string>& requests) {
    std::string frame;
    for (const auto& request : requests) {
        // Not through the message: what a request holds may be no request.
        frame += '\x0A';
        for (std::size_t rest = request.size();; rest >>= 7) {
            frame += static_cast<char>((rest & 0x7F) | (rest >= 0x80 ? 0x80 : 0));
            if (rest < 0x80) break;
        }
        frame += request;
    }
    return frame;
}

Refusal split_refusal(std::string_view frame, std::size_t max = 8) {
    const auto split = split_client_frame(frame, max);
    return split ? Refusal{} : split.error();
}

struct Decoded {
    std::uint64_t id = 0;
    Refusal refusal;
    bool ok = false;
};

Decoded decode(std::string_view bytes) {
    google::protobuf::Arena arena;
    testing::internal::CaptureStderr();
    const auto decoded = decode_request(bytes, arena);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "a client must not fill the log";
    return {decoded.id, decoded.request ? Refusal{} : decoded.request.error(), decoded.request.has_value()};
}

// The bytes with the one place where they say `from` saying `to` instead, of the same length.
std::string replaced(std::string bytes, std::string_view from, std::string_view to) {
    const auto at = bytes.find(from);
    EXPECT_NE(at, std::string::npos);
    return bytes.replace(at, to.size(), to);
}

TEST(SplittingAFrame, GivesItsRequestsInOrder) {
    const auto first = serialize(post("yksi"));
    const auto second = serialize(post(std::string(300, 'a')));
    const auto frame = frame_of({first, second, ""});
    const auto split = split_client_frame(frame, 3);
    ASSERT_TRUE(split);
    EXPECT_THAT(*split, ElementsAre(first, second, ""));
    EXPECT_THAT(split->front().data(), testing::Ge(frame.data())) << "views, not copies";
}

TEST(SplittingAFrame, OfNoRequestsGivesNone) {
    const auto split = split_client_frame("", 3);
    ASSERT_TRUE(split);
    EXPECT_THAT(*split, IsEmpty());
}

TEST(SplittingAFrame, KeepsToTheLimitOfRequests) {
    EXPECT_TRUE(split_client_frame(frame_of({"", ""}), 3));
    EXPECT_TRUE(split_client_frame(frame_of({"", "", ""}), 3));
    EXPECT_EQ(split_refusal(frame_of({"", "", "", ""}), 3),
              refusal(ErrorCode::limited, "too_many_requests", "requests"));
}

TEST(SplittingAFrame, SkipsFieldsItDoesNotKnow) {
    v1::ClientFrame frame;
    frame.add_requests()->set_id(7);
    auto& unknown = *frame.GetReflection()->MutableUnknownFields(&frame);
    unknown.AddVarint(2, 150);
    unknown.AddFixed32(3, 1);
    unknown.AddFixed64(4, 1);
    unknown.AddLengthDelimited(5, "tulevaisuus");
    auto* group = unknown.AddGroup(6);
    group->AddVarint(1, 9);
    group->AddGroup(7)->AddLengthDelimited(1, "x");
    const std::string bytes = serialize(frame);
    const auto split = split_client_frame(bytes, 1);
    ASSERT_TRUE(split);
    EXPECT_EQ(split->size(), 1u);
    EXPECT_TRUE(split_client_frame("\x08\x01", 0)) << "requests of another wire type are unknown, too";
}

class MalformedFrame : public testing::TestWithParam<std::string_view> {};

TEST_P(MalformedFrame, IsRefused) {
    EXPECT_EQ(split_refusal(GetParam()), refusal(ErrorCode::malformed, "frame_malformed"));
}

using namespace std::string_view_literals;
INSTANTIATE_TEST_SUITE_P(Bytes, MalformedFrame,
                         testing::Values("\x0A"sv,
                                         "\x0A\x05"
                                         "abcd"sv,
                                         "\x0A\x80"sv, "\x00\x00"sv, "\x02\x00"sv, "\x0E"sv, "\x0F"sv, "\x0C"sv,
                                         "\x0B"sv, "\x0B\x14"sv, "\x0D\x01\x02\x03"sv,
                                         "\x09\x01\x02\x03\x04\x05\x06\x07"sv,
                                         "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"sv, "\xFF\xFF\xFF\xFF\x7F\x01"sv,
                                         "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv, "Hyvää päivää"sv,
                                         "{\"requests\":[]}"sv));

TEST(SplittingAFrame, OfGroupsWithinGroupsEnds) {
    const std::string nested(100'000, '\x0B');
    EXPECT_EQ(split_refusal(nested).reason, "frame_malformed");
}

TEST(DecodingARequest, GivesItWithItsId) {
    google::protobuf::Arena arena;
    const auto bytes = serialize(post("Čáhcesuolu"));
    const auto decoded = decode_request(bytes, arena);
    EXPECT_EQ(decoded.id, 7u);
    ASSERT_TRUE(decoded.request);
    EXPECT_EQ((*decoded.request)->post_message().text(), "Čáhcesuolu");
    EXPECT_EQ((*decoded.request)->GetArena(), &arena);
}

TEST(DecodingARequest, WithoutAnIdIsRefused) {
    auto request = post();
    request.set_id(0);
    const auto decoded = decode(serialize(request));
    EXPECT_EQ(decoded.refusal, refusal(ErrorCode::invalid, "request_id_missing", "id"));
    EXPECT_EQ(decoded.id, 0u);
    EXPECT_EQ(decode("").refusal.reason, "request_id_missing");
}

TEST(DecodingARequest, OfNoCommandOrOneNotKnownIsRefusedWithItsId) {
    v1::Request request;
    request.set_id(7);
    const auto expected = refusal(ErrorCode::unknown_request, "request_unknown");
    EXPECT_EQ(decode(serialize(request)).refusal, expected);
    request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(999, "tulevaisuus");
    const auto decoded = decode(serialize(request));
    EXPECT_EQ(decoded.refusal, expected);
    EXPECT_EQ(decoded.id, 7u);
}

TEST(DecodingARequest, OfTextThatIsNotUtf8TellsTheField) {
    const auto bytes = replaced(serialize(post("kesä")), "kes", "\xE4\xE4\xE4");
    const auto decoded = decode(bytes);
    EXPECT_EQ(decoded.refusal, refusal(ErrorCode::invalid, "text_not_utf8", "text"));
    EXPECT_EQ(decoded.id, 7u);
}

TEST(DecodingARequest, OfTextThatIsNotUtf8TellsTheFieldInside) {
    v1::Request request;
    request.set_id(7);
    request.mutable_subscribe()->add_cursors()->set_channel("room:3");
    request.mutable_subscribe()->add_cursors()->set_channel("huone");
    EXPECT_EQ(decode(replaced(serialize(request), "huone", "\xFFuone")).refusal,
              refusal(ErrorCode::invalid, "text_not_utf8", "cursors.channel"));
}

TEST(DecodingARequest, OfBytesTakesAnyChangeId) {
    auto request = post();
    request.set_change_id("\xFF\xFE");
    EXPECT_TRUE(decode(serialize(request)).ok) << "bytes are no text";
}

TEST(DecodingARequest, ThatIsMalformedTellsItsIdWhereItCanBeRead) {
    const auto bytes = serialize(post());
    const auto cut = decode(std::string_view(bytes).substr(0, bytes.size() - 1));
    EXPECT_EQ(cut.refusal, refusal(ErrorCode::malformed, "request_malformed"));
    EXPECT_EQ(cut.id, 7u);
    const auto garbage = decode("\xFF\xFF\xFF");
    EXPECT_EQ(garbage.refusal, refusal(ErrorCode::malformed, "request_malformed"));
    EXPECT_EQ(garbage.id, 0u);
}

TEST(DecodingARequest, WithAMalformedCommandIsRefused) {
    const auto bytes = replaced(serialize(post("Hei")), "\x1A\x03Hei", "\x1A\x7FHei");
    EXPECT_EQ(decode(bytes).refusal, refusal(ErrorCode::malformed, "request_malformed"));
}

RC_GTEST_PROP(BytesOfAClient, WhateverTheyAreAreAnswered, (const std::string& bytes)) {
    const auto split = split_client_frame(bytes, 4);
    if (split) RC_ASSERT(split->size() <= 4u);
    google::protobuf::Arena arena;
    (void)decode_request(bytes, arena);
}

// Closer to the mark than plain noise: a real request with some bytes changed, or its end cut off.
RC_GTEST_PROP(BytesOfAClient, DamagedRequestsAreAnsweredAsProtobufWould, ()) {
    const auto& requests = sample_requests();
    auto bytes = serialize(requests[*rc::gen::inRange<std::size_t>(0, requests.size())].second);
    const auto changes = *rc::gen::inRange(0, 4);
    for (int i = 0; i < changes; ++i)
        bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
    google::protobuf::Arena arena;
    const auto decoded = decode_request(bytes, arena);
    v1::Request reference;
    google::protobuf::LogSilencer silent;
    const bool parses = reference.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    const bool usable = parses && reference.id() != 0 && reference.command_case() != v1::Request::COMMAND_NOT_SET;
    RC_ASSERT(decoded.request.has_value() == usable);
    if (parses) RC_ASSERT(decoded.id == reference.id());
}

}  // namespace
}  // namespace foorumi::codec::test
