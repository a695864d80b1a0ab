#include "codec/entity_codec.hpp"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "codec/effects_codec.hpp"
#include "codec/serialize.hpp"
#include "foorumi/v1/stored.pb.h"
#include "samples.hpp"

namespace foorumi::codec::test {
namespace {

using namespace forum;

TEST(EntityCodec, ReadsWhatItWrote) {
    for (const auto& [name, entity] : sample_entities()) EXPECT_EQ(decode_value(encode_value(entity)), entity) << name;
}

TEST(EntityCodec, NothingIsNoBytes) {
    EXPECT_EQ(encode_value(Entity{}), "");
    EXPECT_EQ(decode_value(""), Entity{});
}

TEST(EntityCodec, AnEntityOfDefaultsIsStillThere) {
    for (const Entity& entity :
         {Entity{Room{}}, Entity{Thread{}}, Entity{Message{}}, Entity{Reactions{}}, Entity{ReadMark{}}, Entity{Draft{}},
          Entity{Watch{}}, Entity{InboxEntry{}}, Entity{EarlierText{}}, Entity{Pins{}}, Entity{Pace{}}}) {
        EXPECT_NE(encode_value(entity), "");
        EXPECT_EQ(decode_value(encode_value(entity)), entity);
    }
}

TEST(EntityCodec, BytesThatAreNoEntityAreToldApart) {
    EXPECT_FALSE(decode_value("\xFF"));
    EXPECT_FALSE(decode_value("Hyvää päivää"));
    const std::string truncated = encode_value(Thread{"Otsikko", 1, {}, 2, false});
    EXPECT_FALSE(decode_value(std::string_view(truncated).substr(0, truncated.size() - 1)));
    v1::Entity only_key;
    only_key.set_key("room");
    EXPECT_FALSE(decode_value(serialize(only_key)));
}

TEST(EntityCodec, ValuesOfALaterServerAreNotGuessed) {
    v1::Entity unknown;
    unknown.GetReflection()->MutableUnknownFields(&unknown)->AddLengthDelimited(999, "uutta");
    EXPECT_FALSE(decode_value(serialize(unknown)));
    v1::Entity watch;
    watch.mutable_watch()->set_level(static_cast<v1::Watch::Level>(9));
    EXPECT_FALSE(decode_value(serialize(watch)));
    v1::Entity entry;
    entry.mutable_inbox_entry()->set_kind(static_cast<v1::InboxEntry::Kind>(99));
    EXPECT_FALSE(decode_value(serialize(entry)));
    entry.mutable_inbox_entry()->set_kind(v1::InboxEntry::KIND_SANCTIONED);
    entry.mutable_inbox_entry()->mutable_sanction()->set_kind(static_cast<v1::SanctionKind>(9));
    EXPECT_FALSE(decode_value(serialize(entry)));
    v1::Entity thread;
    thread.mutable_thread()->set_state(static_cast<v1::ThreadState>(9));
    EXPECT_FALSE(decode_value(serialize(thread)));
    v1::Entity report;
    report.mutable_report()->set_state(static_cast<v1::Report::State>(9));
    EXPECT_FALSE(decode_value(serialize(report)));
    report.mutable_report()->set_state(v1::Report::STATE_NEW);
    EXPECT_TRUE(decode_value(serialize(report)));
    report.mutable_report()->add_categories(static_cast<v1::Report::Category>(99));
    EXPECT_FALSE(decode_value(serialize(report)));
    v1::Entity words;
    words.mutable_report_words()->set_category(static_cast<v1::Report::Category>(99));
    EXPECT_FALSE(decode_value(serialize(words)));
    v1::Entity note;
    note.mutable_report_note()->set_to(static_cast<v1::ReportNote::To>(9));
    EXPECT_FALSE(decode_value(serialize(note)));
}

TEST(EntityCodec, AThreadForRolesOfALaterServerAloneIsNotForEverybody) {
    v1::Entity thread;
    thread.mutable_thread()->add_write(static_cast<v1::Role>(99));
    EXPECT_FALSE(decode_value(serialize(thread)));
    thread.mutable_thread()->add_write(v1::ROLE_EXPERT);
    const auto known = decode_value(serialize(thread));
    ASSERT_TRUE(known);
    EXPECT_EQ(std::get<Thread>(*known).write, Roles{Role::expert});
}

TEST(EntityCodec, AThreadThatWasLockedBeforeLocksHadReasonsIsLocked) {
    const auto thread = decode_value({"\x5A\x05\x0A\x01\x61\x28\x01", 7});
    Thread expected;
    expected.title = "a";
    expected.locked = true;
    EXPECT_EQ(thread, Entity{expected});
}

TEST(EntityCodec, TextThatIsNotUtf8IsRefusedInSilence) {
    std::string bytes = encode_value(Draft{"kesä", "", 0});
    bytes[bytes.size() - 2] = '\xE4';
    testing::internal::CaptureStderr();
    EXPECT_FALSE(decode_value(bytes));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(EntityCodec, TheOwnThreadFieldBecomesTheMessagesThread) {
    for (const Version version : {Version{1}, Version{127}, Version{128}, Version{300}, Version{UINT64_MAX}}) {
        Message message;
        message.author = 9;
        message.text = "Avaus";
        std::string varint;
        for (Version rest = version;; rest >>= 7) {
            varint += static_cast<char>((rest & 0x7F) | (rest >= 0x80 ? 0x80 : 0));
            if (rest < 0x80) break;
        }
        // As the commit script appends it: outer tag, length, inner tag, version.
        std::string bytes = encode_value(message);
        bytes += own_thread_field[0];
        bytes += static_cast<char>(1 + varint.size());
        bytes += own_thread_field[1];
        bytes += varint;
        message.thread = version;
        EXPECT_EQ(decode_value(bytes), Entity{message});
    }
}

TEST(EntityCodec, RolesKeepTheirNumbers) {
    EXPECT_EQ(codec::to_proto(Role::councillor), v1::ROLE_COUNCILLOR);
    EXPECT_EQ(codec::to_proto(Role::office_holder), v1::ROLE_OFFICE_HOLDER);
    EXPECT_EQ(codec::to_proto(Role::expert), v1::ROLE_EXPERT);
    EXPECT_EQ(codec::to_proto(Role::moderator), v1::ROLE_MODERATOR);
    EXPECT_EQ(codec::to_proto(Role::administrator), v1::ROLE_ADMINISTRATOR);
}

TEST(EntityCodec, UnknownRolesAreLeftOut) {
    google::protobuf::RepeatedField<int> roles;
    for (const int role : {0, 3, 99, -1, 3}) roles.Add(role);
    EXPECT_EQ(roles_from_proto(roles), Roles{Role::expert});
    codec::to_proto(Roles{Role::administrator, Role::councillor}, roles);
    ASSERT_EQ(roles.size(), 2);
    EXPECT_EQ(roles.Get(0), v1::ROLE_COUNCILLOR);
    EXPECT_EQ(roles.Get(1), v1::ROLE_ADMINISTRATOR);
}

RC_GTEST_PROP(EntityCodecOf, AnyMessageReadsWhatItWrote, ()) {
    Message message;
    message.thread = *rc::gen::arbitrary<Id>();
    message.author = *rc::gen::arbitrary<Id>();
    message.text = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    message.reply_to = *rc::gen::arbitrary<Id>();
    message.mentions = *rc::gen::arbitrary<std::vector<Id>>();
    message.created = *rc::gen::arbitrary<Millis>();
    message.edited = *rc::gen::arbitrary<Millis>();
    message.edits = *rc::gen::arbitrary<std::uint32_t>();
    message.deleted = *rc::gen::arbitrary<Millis>();
    message.removed = *rc::gen::arbitrary<Millis>();
    message.reason = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    message.purged = *rc::gen::arbitrary<Millis>();
    message.removals = *rc::gen::arbitrary<std::uint32_t>();
    message.author_deleted = *rc::gen::arbitrary<Millis>();
    RC_ASSERT(decode_value(encode_value(message)) == std::optional<Entity>(message));
}

RC_GTEST_PROP(EntityCodecOf, AnyBytesAnswers, (const std::string& bytes)) {
    const auto entity = decode_value(bytes);
    if (entity) RC_ASSERT(decode_value(encode_value(*entity)) == entity);
}

TEST(EntityCodec, SubscribersGetEarlierTextsWithoutTheText) {
    EarlierText earlier{3, 12, 57, 9, "Salaista", 1, true, 2, {7}, 15, "Asiatonta", false};
    const auto told = decode_value(value_for_subscribers(encode_value(earlier)));
    earlier.text.clear();
    earlier.mentions.clear();
    EXPECT_EQ(told, std::optional<Entity>(earlier));
    const auto thread = encode_value(Thread{"Otsikko", 9, {}, 1, false});
    EXPECT_EQ(value_for_subscribers(thread), thread);
    const auto redirect = encode_value(Redirect{7, 4, 40, 41});
    EXPECT_EQ(decode_value(value_for_subscribers(redirect)), Entity(Redirect{7, 0, 0, 0}));
    EXPECT_TRUE(is_redirect(redirect));
    EXPECT_TRUE(is_redirect(value_for_subscribers(redirect)));
    for (const auto& [name, entity] : sample_entities())
        EXPECT_EQ(is_redirect(encode_value(entity)), std::holds_alternative<Redirect>(entity)) << name;
    const Move move{MoveKind::merge, 3, 12, 4, 40, {}, "", 15, 7};
    const auto shown = std::get<Move>(*decode_value(value_for_subscribers(encode_value(move))));
    EXPECT_EQ(shown.to_room + shown.to_thread, 0U);
    EXPECT_EQ(shown.thread, 12U);
    EXPECT_EQ(value_for_subscribers(""), "");
    EXPECT_EQ(value_for_subscribers("\xff"), "") << "what cannot be read is not told";
}

// As a release from before this one has written it.
TEST(EffectsCodec, ReadsEffectsThatTakeNothing) {
    v1::Effects stored;
    auto& one = *stored.add_effects();
    one.set_channel("moderation:2");
    one.set_key("earlier:3:57:1");
    one.mutable_value()->mutable_earlier_text()->set_text("Ennen");
    const auto decoded = decode_effects(serialize(stored), 901);
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(decoded->front().takes.empty());
}

TEST(EffectsCodec, FillsInTheCommitsVersion) {
    auto expected = sample_effects();
    expected[0].key = "inbox:3:901";
    std::get<InboxEntry>(expected[0].value).thread = 901;
    std::get<InboxEntry>(expected[0].value).message = 901;
    EXPECT_EQ(decode_effects(encode_effects(sample_effects()), 901), expected);
}

TEST(EffectsCodec, KeepsTheThreadThatIsKnown) {
    const std::vector<Effect> effects{
        {"member:9", "inbox:3:@", InboxEntry{InboxKind::mention, 3, 12, 0, 7, 1, false}, ""}};
    const auto decoded = decode_effects(encode_effects(effects), 901);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<InboxEntry>(decoded->front().value).thread, 12u);
    EXPECT_EQ(std::get<InboxEntry>(decoded->front().value).message, 901u);
}

TEST(EffectsCodec, OfASanctionThereIsNothingToFillIn) {
    InboxEntry entry{InboxKind::sanctioned, 0, 0, 0, 0, 1, false, "Asiatonta", 0, Sanctioned{4, SanctionKind::ban, 2}};
    const std::vector<Effect> effects{{"member:9", "inbox:0:4:1", entry, "inbox"}};
    EXPECT_EQ(decode_effects(encode_effects(effects), 901), effects);
}

TEST(EffectsCodec, ARoomThatIsToldOfIsTheOneNamedOrTheCommitsOwn) {
    Effect named, own;
    named.room = 7;
    own.room = 0;
    const auto decoded = decode_effects(encode_effects({named, own}), 901);
    ASSERT_TRUE(decoded);
    named.channel = "room:7";
    own.room = 901;
    own.channel = "room:901";
    EXPECT_EQ(*decoded, (std::vector<Effect>{named, own}));
}

TEST(EffectsCodec, NoneIsNoBytes) {
    EXPECT_EQ(encode_effects({}), "");
    EXPECT_EQ(decode_effects("", 1), std::vector<Effect>{});
}

TEST(EffectsCodec, BytesThatAreNoEffectsAreToldApart) {
    EXPECT_FALSE(decode_effects("\x0A\x05x", 1));
    v1::Effects without_value;
    without_value.add_effects()->set_channel("member:9");
    EXPECT_FALSE(decode_effects(serialize(without_value), 1));
}

RC_GTEST_PROP(EffectsCodecOf, AnyBytesAnswers, (const std::string& bytes, Version version)) {
    (void)decode_effects(bytes, version);
}

}  // namespace
}  // namespace foorumi::codec::test
