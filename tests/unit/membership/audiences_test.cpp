// Who may read and write where: administrators say it, and must say it aloud where history would be opened.
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

class AudiencesTest : public MembershipTest {
   protected:
    static forum::Audience readers(forum::Roles roles) {
        forum::Audience audience;
        audience.read = roles;
        return audience;
    }
    static SetAudience of_forum(std::optional<forum::Audience> audience, bool exposes = false) {
        return {strategy, 0, std::move(audience), exposes};
    }
    static SetAudience of_room(std::optional<forum::Audience> audience, bool exposes = false) {
        return {0, square, std::move(audience), exposes};
    }
    Refusal refused_of(const forum::Audience& audience) const { return refused(admin, of_forum(audience)); }
    const Refusal widens = refusal(ErrorCode::forbidden, "audience_widens", "exposes_history");
};

TEST_F(AudiencesTest, NarrowerAudienceOfAForumTakesAway) {
    EXPECT_TRUE(run(admin, of_forum(readers({Role::expert}))).takes_away);
    EXPECT_EQ(reg.directory().forum(strategy)->audience, readers({Role::expert}));
    EXPECT_EQ(reg.directory().forum(strategy)->slug, "strategia");
    EXPECT_TRUE(changes_nothing(admin, of_forum(readers({Role::expert}))));
}

TEST_F(AudiencesTest, AudienceOfARoomIsItsOwnOrTheForums) {
    auto audience = readers({Role::councillor});
    audience.write = {Role::expert};
    audience.municipalities = {"091", "890"};
    audience.sizes = {forum::MunicipalitySize::under_2000};
    audience.terms = {term, next_term};
    EXPECT_TRUE(run(admin, of_room(audience)).takes_away);
    EXPECT_EQ(reg.directory().room(square)->audience, audience);
    EXPECT_EQ(reg.directory().room(square)->slug, "tori");
    EXPECT_EQ(refused(admin, of_room(std::nullopt)), widens) << "the forum's admits more";
    EXPECT_TRUE(run(admin, of_room(std::nullopt, true)).takes_away);
    EXPECT_EQ(reg.directory().room(square)->audience, std::nullopt);
    EXPECT_TRUE(changes_nothing(admin, of_room(std::nullopt)));
}

TEST_F(AudiencesTest, WiderAudienceMustBeMeant) {
    run(admin, of_forum(readers({Role::expert})));
    const auto wider = readers({Role::expert, Role::councillor});
    EXPECT_EQ(refused(admin, of_forum(wider)), widens);
    EXPECT_EQ(refused(admin, of_forum(forum::Audience())), widens);
    run(admin, of_forum(wider, true));
    EXPECT_EQ(reg.directory().forum(strategy)->audience, wider);
}

TEST_F(AudiencesTest, WhatIsStoredIsWhatIsWidened) {
    reg.fall_behind();
    run(admin, of_forum(readers({Role::expert})));
    EXPECT_EQ(refused(admin, of_forum(readers({Role::councillor}))), widens);
}

TEST_F(AudiencesTest, WritersAloneOpenNoHistory) {
    auto audience = forum::Audience();
    audience.write = {Role::expert};
    run(admin, of_forum(audience));
    run(admin, of_forum(forum::Audience()));
    EXPECT_TRUE(reg.directory().forum(strategy)->audience.write.empty());
}

TEST_F(AudiencesTest, AudiencesAreForAdministrators) {
    const auto admins_only = refusal(ErrorCode::forbidden, "administrators_only");
    for (const auto who : {contact, aino, leader, nobody})
        EXPECT_EQ(refused(who, of_forum(readers({Role::expert}))), admins_only) << who;
    EXPECT_TRUE(decided(the_operator, of_forum(readers({Role::expert}))).has_value());
}

TEST_F(AudiencesTest, ForumOrRoomIsNamedAndThere) {
    const auto one = refusal(ErrorCode::invalid, "forum_or_room", "forum");
    EXPECT_EQ(refused(admin, SetAudience{strategy, square, forum::Audience(), false}), one);
    EXPECT_EQ(refused(admin, SetAudience{0, 0, forum::Audience(), false}), one);
    EXPECT_EQ(refused(admin, SetAudience{square, 0, forum::Audience(), false}),
              refusal(ErrorCode::not_found, "forum_not_found", "forum"));
    EXPECT_EQ(refused(admin, SetAudience{0, strategy, forum::Audience(), false}),
              refusal(ErrorCode::not_found, "room_not_found", "room"));
    EXPECT_EQ(refused(admin, of_forum(std::nullopt)), refusal(ErrorCode::invalid, "audience_missing", "audience"));
}

TEST_F(AudiencesTest, EntriesHaveALimitAndAreThere) {
    forum::Audience audience;
    audience.municipalities = {"091", "890"};
    audience.terms = {term, next_term};
    EXPECT_TRUE(decided(admin, of_forum(audience)).has_value()) << "at the limit";
    auto over = audience;
    over.municipalities.emplace_back("091");
    EXPECT_EQ(refused_of(over), refusal(ErrorCode::limited, "too_many_municipalities", "audience"));
    over = audience;
    over.terms.push_back(term);
    EXPECT_EQ(refused_of(over), refusal(ErrorCode::limited, "too_many_terms", "audience"));
    audience.municipalities = {"999"};
    EXPECT_EQ(refused_of(audience), refusal(ErrorCode::not_found, "municipality_not_found", "audience"));
    audience.municipalities = {};
    audience.terms = {77};
    EXPECT_EQ(refused_of(audience), refusal(ErrorCode::not_found, "term_not_found", "audience"));
}

TEST_F(AudiencesTest, WhatIsNotKnownIsRefusedNotLeftOut) {
    EXPECT_EQ(refused_of(readers({Role{}})), refusal(ErrorCode::invalid, "role_unknown", "audience"));
    forum::Audience audience;
    audience.write = {Role::expert, Role{}};
    EXPECT_EQ(refused_of(audience), refusal(ErrorCode::invalid, "role_unknown", "audience"));
    audience.write = {};
    audience.sizes = {static_cast<forum::MunicipalitySize>(forum::municipality_sizes.size())};
    EXPECT_EQ(refused_of(audience), refusal(ErrorCode::invalid, "size_unknown", "audience"));
}

}  // namespace
}  // namespace foorumi::membership::test
