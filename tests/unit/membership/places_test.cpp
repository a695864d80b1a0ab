// Which forums and rooms there are, what they are called, their order, and whether they are archived.
#include "membership/places.hpp"

#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PlacesTest : public MembershipTest {
   protected:
    static constexpr Id moderator = 16, staff_room = 42;

    PlacesTest() {
        limits.places = {.forums = 3, .rooms = 3, .slug_bytes = 12, .title_bytes = 20, .description_bytes = 10};
        limits.reason_bytes = 15;
        add(moderator, "valvoja", "Väinö Valvoja", "091", {.grants = {{Role::moderator, 0}}, .moderates = {strategy}});
        reg.write({{"room:42", directory::encode(forum::RoomCard{0, other_forum, "henki", "Henkilöstö", "", 1,
                                                                 forum::Audience{{Role::office_holder}, {}}})}});
    }

    static CreateRoom room_of(std::string slug, Id forum = strategy) {
        return {forum, {std::move(slug), "Huone", ""}, {}};
    }
    static CreateForum forum_of(std::string slug) { return {{std::move(slug), "Foorumi", ""}, forum::Audience()}; }
    static ArchivePlace archiving(Id room, std::string reason = "Hiljaista") {
        return {0, room, true, std::move(reason)};
    }
    static ArchivePlace archiving_forum(Id forum) { return {forum, 0, true, "Ohi"}; }
    static DescribePlace slug_of(Id room, std::string slug) { return {0, room, std::move(slug), {}, {}}; }

    Id created(Id member, const CreateRoom& command) {
        run(member, command);
        return reg.version();
    }
    [[nodiscard]] std::vector<Id> rooms(Id forum = strategy) const {
        std::vector<Id> ids;
        reg.directory().each_room(forum, nullptr, [&](const forum::RoomCard& card) {
            ids.push_back(card.id);
            return true;
        });
        return ids;
    }
    [[nodiscard]] std::vector<Id> forums() const {
        std::vector<Id> ids;
        for (const auto* card : reg.directory().forums()) ids.push_back(card->id);
        return ids;
    }
    static std::vector<Id> told(const Decision& decision) {
        std::vector<Id> ids;
        for (const auto& effect : decision.effects) ids.push_back(effect.room.value_or(nobody));
        return ids;
    }
    [[nodiscard]] const forum::RoomCard& room(Id id) const { return *reg.directory().room(id); }

    const Refusal moderators_of_room = refusal(ErrorCode::forbidden, "moderators_only", "room");
    const Refusal moderators_of_forum = refusal(ErrorCode::forbidden, "moderators_only", "forum");
    const Refusal no_room = refusal(ErrorCode::not_found, "room_not_found", "room");
    const Refusal no_forum = refusal(ErrorCode::not_found, "forum_not_found", "forum");
};

// --- creating

TEST_F(PlacesTest, ModeratorsCreateRoomsBehindTheOthers) {
    CreateRoom command{strategy, {"sote-2", "Sote", "Kuvaus"}, forum::Audience{{Role::councillor}, {}}};
    const auto decision = run(moderator, command);
    const Id id = reg.version();
    EXPECT_TRUE(decision.takes_away) << "fenced";
    EXPECT_THAT(told(decision), ElementsAre(0)) << "the room that it creates";
    EXPECT_THAT(rooms(), ElementsAre(square, id));
    EXPECT_EQ(room(id).forum, strategy);
    EXPECT_EQ(room(id).slug, "sote-2");
    EXPECT_EQ(room(id).title, "Sote");
    EXPECT_EQ(room(id).description, "Kuvaus");
    EXPECT_EQ(room(id).audience, command.audience);
    EXPECT_EQ(room(id).changed, id);
    EXPECT_EQ(room(created(admin, room_of("toinen"))).audience, std::nullopt) << "the forum's alone";
}

TEST_F(PlacesTest, AdministratorsCreateForums) {
    auto command = forum_of("uusi");
    command.audience = forum::Audience{{Role::expert}, {}};
    EXPECT_TRUE(run(admin, command).takes_away);
    EXPECT_THAT(forums(), ElementsAre(strategy, other_forum, reg.version()));
    EXPECT_EQ(reg.directory().forum(reg.version())->audience, command.audience);
    command.audience.reset();
    EXPECT_EQ(refused(admin, command), refusal(ErrorCode::invalid, "audience_missing", "audience"));
    EXPECT_EQ(refused(moderator, forum_of("toinen")), refusal(ErrorCode::forbidden, "administrators_only"));
}

TEST_F(PlacesTest, SlugsAreOfTheirParentAlone) {
    const auto taken = refusal(ErrorCode::conflict, "slug_taken", "slug");
    EXPECT_EQ(refused(moderator, room_of("tori")), taken);
    EXPECT_EQ(refused(admin, forum_of("talous")), taken);
    run(admin, room_of("tori", other_forum));
    const Id second = created(moderator, room_of("toinen"));
    EXPECT_EQ(refused(moderator, slug_of(second, "tori")), taken);
    EXPECT_TRUE(changes_nothing(moderator, slug_of(square, "tori"))) << "its own";
    run(moderator, slug_of(square, "kauppatori"));
    run(moderator, slug_of(second, "tori"));
}

TEST_F(PlacesTest, SlugsAreOfAddresses) {
    for (const char* good : {"a", "sote-2", "2025-kausi", "abcdefghijkl"}) EXPECT_TRUE(check_slug(good, 12)) << good;
    for (const char* bad : {"", "12", "2025-26", "-a", "a-", "a--b", "A", "ä", "a b", "a/b", "a_b", "a.b"})
        EXPECT_EQ(check_slug(bad, 12).error(), refusal(ErrorCode::invalid, "slug_letters", "slug")) << bad;
    EXPECT_EQ(check_slug("abcdefghijklm", 12).error(), refusal(ErrorCode::invalid, "slug_too_long", "slug"));
    EXPECT_EQ(refused(moderator, room_of("Tori")).reason, "slug_letters");
    EXPECT_EQ(refused(moderator, slug_of(square, "Tori")).reason, "slug_letters");
}

TEST_F(PlacesTest, TextsHaveLimits) {
    auto command = room_of("uusi");
    command.text.title = std::string(20, 'a');
    command.text.description = std::string(10, 'a');
    EXPECT_TRUE(decided(moderator, command));
    command.text.title += 'a';
    EXPECT_EQ(refused(moderator, command), refusal(ErrorCode::invalid, "text_too_long", "title"));
    command.text.title = " ";
    EXPECT_EQ(refused(moderator, command), refusal(ErrorCode::invalid, "text_empty", "title"));
    command.text.title = "a";
    command.text.description += 'a';
    EXPECT_EQ(refused(moderator, command), refusal(ErrorCode::invalid, "text_too_long", "description"));
    DescribePlace describe{0, square, {}, "a\nb", {}};
    EXPECT_EQ(refused(moderator, describe), refusal(ErrorCode::invalid, "title_line_break", "title"));
    describe.title = "a";
    describe.description = std::string(11, 'a');
    EXPECT_EQ(refused(moderator, describe), refusal(ErrorCode::invalid, "text_too_long", "description"));
    EXPECT_TRUE(decided(moderator, archiving(square, std::string(15, 'a'))));
    EXPECT_EQ(refused(moderator, archiving(square, std::string(16, 'a'))),
              refusal(ErrorCode::invalid, "text_too_long", "reason"));
}

TEST_F(PlacesTest, ThereAreNoMoreThanTheLimits) {
    const auto full = refusal(ErrorCode::limited, "too_many_places", "forum");
    run(moderator, room_of("toinen"));
    run(moderator, room_of("kolmas"));
    EXPECT_EQ(refused(moderator, room_of("neljas")), full);
    run(admin, room_of("toinen", other_forum));
    run(admin, forum_of("kolmas"));
    EXPECT_EQ(refused(admin, forum_of("neljas")), full);
}

TEST_F(PlacesTest, AnAudienceOfANewPlaceIsOneThatThereIs) {
    auto command = room_of("uusi");
    command.audience = forum::Audience{};
    command.audience->municipalities = {"000"};
    EXPECT_EQ(refused(moderator, command), refusal(ErrorCode::not_found, "municipality_not_found", "audience"));
    command.audience->municipalities = {"091", "890", "091"};
    EXPECT_EQ(refused(moderator, command), refusal(ErrorCode::limited, "too_many_municipalities", "audience"));
}

// --- who may

TEST_F(PlacesTest, WhoDoesNotModerateArrangesNothing) {
    for (const Id member : {aino, leader}) {  // leads no more by role
        EXPECT_EQ(refused(member, room_of("uusi")), moderators_of_forum);
        EXPECT_EQ(refused(member, DescribePlace{0, square, {}, "Uusi", {}}), moderators_of_room);
        EXPECT_EQ(refused(member, archiving(square)), moderators_of_room);
        EXPECT_EQ(refused(member, OrderPlaces{strategy, {square}}), moderators_of_forum);
    }
    EXPECT_EQ(refused(moderator, room_of("uusi", other_forum)), moderators_of_forum) << "of another forum";
    const auto administrators = refusal(ErrorCode::forbidden, "administrators_only", "forum");
    EXPECT_EQ(refused(moderator, archiving_forum(strategy)), administrators);
    EXPECT_EQ(refused(moderator, DescribePlace{strategy, 0, {}, "Uusi", {}}), administrators);
    EXPECT_EQ(refused(moderator, OrderPlaces{0, {strategy}}), refusal(ErrorCode::forbidden, "administrators_only"));
}

TEST_F(PlacesTest, WhatIsNotSeenIsNotThere) {
    for (const Id id : {staff_room, nobody}) {
        EXPECT_EQ(refused(admin, DescribePlace{0, id, {}, "Uusi", {}}), no_room);
        EXPECT_EQ(refused(admin, archiving(id)), no_room);
        EXPECT_EQ(refused(admin, OrderPlaces{other_forum, {id}}),
                  refusal(ErrorCode::not_found, "room_not_found", "places"));
    }
    run(admin, SetAudience{other_forum, 0, forum::Audience{{Role::office_holder}, {}}, false});
    for (const Id id : {other_forum, nobody}) {
        EXPECT_EQ(refused(admin, room_of("uusi", id)), no_forum);
        EXPECT_EQ(refused(admin, archiving_forum(id)), no_forum);
        EXPECT_EQ(refused(admin, DescribePlace{id, 0, {}, "Uusi", {}}), no_forum);
        EXPECT_EQ(refused(admin, OrderPlaces{0, {id}}), refusal(ErrorCode::not_found, "forum_not_found", "places"));
    }
}

TEST_F(PlacesTest, OneOfTheTwoIsNamed) {
    const auto which = refusal(ErrorCode::invalid, "forum_or_room", "forum");
    EXPECT_EQ(refused(admin, DescribePlace{0, 0, {}, "Uusi", {}}), which);
    EXPECT_EQ(refused(admin, DescribePlace{strategy, square, {}, "Uusi", {}}), which);
    EXPECT_EQ(refused(admin, ArchivePlace{0, 0, true, "Ohi"}), which);
}

// --- describing

TEST_F(PlacesTest, WhatIsNotGivenStays) {
    run(admin, SetAudience{0, square, forum::Audience{{Role::councillor}, {}}, false});
    const auto decision = run(moderator, DescribePlace{0, square, {}, "Kauppatori", {}});
    EXPECT_THAT(told(decision), ElementsAre(square));
    EXPECT_TRUE(decision.takes_away);
    EXPECT_EQ(room(square).title, "Kauppatori");
    EXPECT_EQ(room(square).slug, "tori");
    EXPECT_EQ(room(square).audience, (forum::Audience{{Role::councillor}, {}}));
    run(moderator, DescribePlace{0, square, {}, {}, "Kuvaus"});
    EXPECT_EQ(room(square).description, "Kuvaus");
    run(moderator, DescribePlace{0, square, {}, {}, ""});
    EXPECT_EQ(room(square).description, "");
    EXPECT_TRUE(changes_nothing(moderator, DescribePlace{0, square, "tori", "Kauppatori", ""}));
    const auto forum = run(admin, DescribePlace{strategy, 0, "suunta", "Suunta", "x"});
    EXPECT_THAT(told(forum), IsEmpty()) << "no room's channel says it";
    EXPECT_EQ(reg.directory().forum_by_slug("suunta")->title, "Suunta");
}

TEST_F(PlacesTest, WhatALaterReleaseHasWrittenStays) {
    auto entity = reg.entity("room:41");
    entity.mutable_room()->GetReflection()->MutableUnknownFields(entity.mutable_room())->AddVarint(900, 7);
    entity.mutable_room()->mutable_audience()->add_read(static_cast<v1::Role>(99));
    reg.write({{"room:41", entity.SerializeAsString()}});
    run(moderator, DescribePlace{0, square, {}, "Uusi", {}});
    run(moderator, archiving(square));
    const auto after = reg.entity("room:41").room();
    EXPECT_EQ(after.audience().read(0), 99) << "nobody, and not everybody";
    EXPECT_EQ(after.GetReflection()->GetUnknownFields(after).field_count(), 1);
}

// --- order

TEST_F(PlacesTest, ThoseNamedTakeThePlacesThatTheyHave) {
    const Id second = created(moderator, room_of("toinen"));
    const Id third = created(moderator, room_of("kolmas"));
    const auto decision = run(moderator, OrderPlaces{strategy, {third, square}});
    EXPECT_TRUE(decision.takes_away);
    EXPECT_THAT(told(decision), IsEmpty());
    EXPECT_THAT(rooms(), ElementsAre(third, second, square));
    EXPECT_TRUE(changes_nothing(moderator, OrderPlaces{strategy, {third, square}}));
    EXPECT_TRUE(changes_nothing(moderator, OrderPlaces{strategy, {second}}));
    run(moderator, OrderPlaces{strategy, {square, second, third}});
    EXPECT_THAT(rooms(), ElementsAre(square, second, third));
    run(admin, OrderPlaces{0, {other_forum, strategy}});
    EXPECT_THAT(forums(), ElementsAre(other_forum, strategy));
}

TEST_F(PlacesTest, AnOrderNamesRoomsOfTheForumOnceEach) {
    EXPECT_EQ(refused(moderator, OrderPlaces{strategy, {}}), refusal(ErrorCode::invalid, "places_missing", "places"));
    EXPECT_EQ(refused(moderator, OrderPlaces{strategy, {square, square}}),
              refusal(ErrorCode::invalid, "place_twice", "places"));
    const Id elsewhere = created(admin, room_of("toinen", other_forum));
    EXPECT_EQ(refused(moderator, OrderPlaces{strategy, {square, elsewhere}}),
              refusal(ErrorCode::not_found, "room_not_found", "places"));
    EXPECT_EQ(refused(moderator, OrderPlaces{strategy, {1, 2, 3, 4}}),
              refusal(ErrorCode::limited, "too_many_places", "places"));
}

TEST_F(PlacesTest, AnOrderOfMoreThanTheLimitIsRefused) {
    run(moderator, room_of("toinen"));
    limits.places.rooms = 1;
    EXPECT_EQ(refused(moderator, OrderPlaces{strategy, {square}}),
              refusal(ErrorCode::limited, "too_many_places", "forum"));
}

// What was ordered anew between needs() and decide() is not among what was read.
TEST_F(PlacesTest, AnOrderThatHasChangedMeanwhileIsTriedAgain) {
    const Id second = created(moderator, room_of("toinen"));
    const OrderPlaces command{strategy, {second, square}};
    const auto keys = needs(actor(moderator), command);
    ASSERT_TRUE(keys);
    reg.write({{"room:50", directory::encode(forum::RoomCard{0, strategy, "valiin", "Väliin", "", 1, {}})}});
    auto decision = decide(actor(moderator), command, NeededView(reg.stored(), *keys));
    ASSERT_TRUE(decision.has_error());
    EXPECT_EQ(decision.error(), (Refusal{ErrorCode::unavailable, "contended", "", 200}));
}

// --- archiving

TEST_F(PlacesTest, AnArchivedRoomIsToldAndRestored) {
    const auto decision = run(moderator, archiving(square));
    EXPECT_TRUE(decision.takes_away);
    EXPECT_THAT(told(decision), ElementsAre(square));
    EXPECT_TRUE(forum::is_archived(reg.directory(), room(square)));
    EXPECT_EQ(room(square).archive_reason, "Hiljaista");
    EXPECT_TRUE(changes_nothing(moderator, archiving(square)));
    run(moderator, archiving(square, "Toinen syy"));
    EXPECT_EQ(room(square).archive_reason, "Toinen syy");
    EXPECT_EQ(refused(moderator, DescribePlace{0, square, {}, "Uusi", {}}),
              refusal(ErrorCode::forbidden, "room_archived", "room"));
    EXPECT_THAT(told(run(moderator, ArchivePlace{0, square, false, ""})), ElementsAre(square));
    EXPECT_FALSE(forum::is_archived(reg.directory(), room(square)));
    EXPECT_EQ(room(square).archive_reason, "");
    EXPECT_TRUE(changes_nothing(moderator, ArchivePlace{0, square, false, "syy"}));
    EXPECT_EQ(refused(moderator, archiving(square, "")), refusal(ErrorCode::invalid, "text_empty", "reason"));
}

// Whoever is told that it is archived may rely on it, also where the act that did so still waits for its fence.
TEST_F(PlacesTest, WhatIsSoAlreadyIsFencedAllTheSame) {
    run(moderator, archiving(square));
    const auto again = run(moderator, archiving(square));
    EXPECT_TRUE(again.puts.empty());
    EXPECT_TRUE(again.takes_away);
    EXPECT_TRUE(run(admin, SetAudience{strategy, 0, reg.directory().forum(strategy)->audience, false}).takes_away);
}

TEST_F(PlacesTest, AnArchivedForumTakesItsRoomsAlong) {
    const Id second = created(moderator, room_of("toinen"));
    EXPECT_THAT(told(run(admin, archiving_forum(strategy))), ElementsAre(square, second));
    EXPECT_TRUE(forum::is_archived(reg.directory(), room(second)));
    EXPECT_FALSE(room(second).archived) << "itself it is not";
    EXPECT_EQ(refused(moderator, room_of("kolmas")), refusal(ErrorCode::forbidden, "forum_archived", "forum"));
    EXPECT_EQ(refused(moderator, OrderPlaces{strategy, {square}}),
              refusal(ErrorCode::forbidden, "forum_archived", "forum"));
    EXPECT_EQ(refused(moderator, archiving(square)), refusal(ErrorCode::forbidden, "forum_archived", "room"));
    EXPECT_EQ(refused(admin, DescribePlace{strategy, 0, {}, "Uusi", {}}),
              refusal(ErrorCode::forbidden, "forum_archived", "forum"));
    EXPECT_THAT(told(run(admin, ArchivePlace{strategy, 0, false, ""})), ElementsAre(square, second));
    EXPECT_FALSE(forum::is_archived(reg.directory(), room(second)));
}

}  // namespace
}  // namespace foorumi::membership::test
