// What frame_codec.hpp encodes: items and the fingerprints of requests.
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <deque>
#include <set>

#include "codec/entity_codec.hpp"
#include "codec/frame_codec.hpp"
#include "codec/serialize.hpp"
#include "samples.hpp"

namespace foorumi::codec::test {
namespace {

TEST(Fingerprint, IsOfTheCommandAlone) {
    auto request = post();
    const auto first = fingerprint(request);
    request.set_id(8);
    request.set_change_id("0123456789abcdef");
    request.set_made_at_ms(5);
    EXPECT_EQ(fingerprint(request), first);
}

TEST(Fingerprint, TellsContentsApart) {
    std::set<std::array<std::uint8_t, 16>> all;
    for (const auto& [name, request] : sample_requests()) all.insert(fingerprint(request));
    EXPECT_EQ(all.size(), sample_requests().size());
    EXPECT_NE(fingerprint(post("Hei")), fingerprint(post("Hei!")));
}

TEST(Fingerprint, TellsCommandsOfTheSameFieldsApart) {
    v1::Request typing;
    typing.mutable_typing()->set_room(3);
    v1::Request removal;
    removal.mutable_delete_message()->set_room(3);
    EXPECT_NE(fingerprint(typing), fingerprint(removal));
}

TEST(Fingerprint, CountsFieldsOfALaterClient) {
    auto request = post();
    const auto first = fingerprint(request);
    auto& command = *request.mutable_post_message();
    command.GetReflection()->MutableUnknownFields(&command)->AddVarint(99, 1);
    EXPECT_NE(fingerprint(request), first);
}

// It stands in Redis for a day: two releases must agree on it.
TEST(Fingerprint, StaysTheSameOverReleases) {
    const auto hash = fingerprint(post());
    std::string hex;
    for (const auto byte : hash) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    EXPECT_EQ(hex, "4c68c110ca06fcc77f3f2567f87022bd");
}

TEST(EncodedItems, OneBehindTheOtherAreAFrame) {
    std::string bytes;
    for (const auto& [name, item] : sample_items()) append_item(bytes, item);
    v1::ServerFrame frame;
    ASSERT_TRUE(parse(bytes, frame));
    ASSERT_EQ(frame.items_size(), static_cast<int>(sample_items().size()));
    for (int i = 0; i < frame.items_size(); ++i) {
        EXPECT_EQ(serialize(frame.items(i)), serialize(sample_items()[static_cast<std::size_t>(i)].second));
    }
}

TEST(EncodedItems, OfNothingAreStillItems) {
    v1::ServerFrame frame;
    ASSERT_TRUE(parse(encode_item(v1::Item{}), frame));
    EXPECT_EQ(frame.items_size(), 1);
}

v1::Item change_by_protobuf(std::string_view channel, std::uint64_t version, const std::vector<EntityBytes>& entities) {
    v1::Item item;
    auto& change = *item.mutable_change();
    change.set_channel(std::string(channel));
    change.set_previous_version(version - 1);
    change.set_version(version);
    for (const auto& entity : entities) EXPECT_TRUE(codec::to_proto(entity, *change.add_entities()));
    return item;
}

TEST(EncodedChanges, AreWhatProtobufWouldMake) {
    std::vector<std::string> values;
    for (const auto& [name, entity] : sample_entities()) values.push_back(encode_value(entity));
    values.emplace_back();
    std::vector<EntityBytes> entities;
    for (const auto& value : values) entities.push_back({"message:57", 901, value});
    for (const std::uint64_t version : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{128}, UINT64_MAX}) {
        EXPECT_EQ(encode_change_item("room:3", version, entities),
                  encode_item(change_by_protobuf("room:3", version, entities)));
    }
    EXPECT_EQ(encode_change_item("room:3", 1, {}), encode_item(change_by_protobuf("room:3", 1, {})));
}

RC_GTEST_PROP(EncodedChangesOf, AnythingAreWhatProtobufWouldMake, ()) {
    const auto letters = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    const auto channel = *letters;
    const auto version = *rc::gen::positive<std::uint64_t>();
    std::vector<std::string> keys;
    std::vector<std::string> values;
    const auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
        keys.push_back(*letters);
        const forum::Draft draft{*letters, *letters, *rc::gen::arbitrary<forum::Millis>()};
        values.push_back(*rc::gen::arbitrary<bool>() ? encode_value(draft) : "");
    }
    std::vector<EntityBytes> entities;
    for (std::size_t i = 0; i < keys.size(); ++i)
        entities.push_back({keys[i], *rc::gen::arbitrary<std::uint64_t>(), values[i]});
    RC_ASSERT(encode_change_item(channel, version, entities) ==
              encode_item(change_by_protobuf(channel, version, entities)));
}

RC_GTEST_PROP(EncodedHistoriesOf, AnythingAreWhatProtobufWouldMake, ()) {
    const auto letters = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    std::deque<std::string> strings;  // which the entities point to
    const auto some = [&] {
        std::vector<EntityBytes> entities;
        for (int count = *rc::gen::inRange(0, 5); count > 0; --count) {
            const auto& key = strings.emplace_back(*letters);
            const forum::Draft draft{*letters, *letters, *rc::gen::arbitrary<forum::Millis>()};
            const auto& value = strings.emplace_back(*rc::gen::arbitrary<bool>() ? encode_value(draft) : "");
            entities.push_back({key, *rc::gen::arbitrary<std::uint64_t>(), value});
        }
        return entities;
    };
    const auto messages = some(), reactions = some();
    const auto request = *rc::gen::arbitrary<std::uint64_t>(), version = *rc::gen::arbitrary<std::uint64_t>();
    const auto more = *rc::gen::arbitrary<bool>();
    v1::Item item;
    auto& response = *item.mutable_response();
    response.set_id(request);
    auto& history = *response.mutable_history();
    history.set_version(version);
    history.set_more(more);
    for (const auto& entity : messages) RC_ASSERT(codec::to_proto(entity, *history.add_messages()));
    for (const auto& entity : reactions) RC_ASSERT(codec::to_proto(entity, *history.add_reactions()));
    RC_ASSERT(encode_history_item(request, {version, more, messages, reactions}) == encode_item(item));
}

TEST(EntityMessages, OfBytesThatAreNoEntityAreToldApart) {
    v1::Entity entity;
    EXPECT_FALSE(codec::to_proto(EntityBytes{"room", 1, "\xFF"}, entity));
}

}  // namespace
}  // namespace foorumi::codec::test
