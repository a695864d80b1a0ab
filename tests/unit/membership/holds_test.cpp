// Legal holds, and retentions of rooms.
#include "membership/holds.hpp"

#include "membership/sanctions.hpp"
#include "register.hpp"

namespace foorumi::membership::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HoldsTest : public MembershipTest {
   protected:
    static constexpr Id moderator = 16, staff_room = 42;

    HoldsTest() {
        limits.places.holds = 2;
        limits.places.retention_days = 100;
        limits.reason_bytes = 15;
        add(moderator, "valvoja", "Väinö Valvoja", "091", {.grants = {{Role::moderator, 0}}, .moderates = {strategy}});
        reg.write({{"room:42", directory::encode(forum::RoomCard{0, other_forum, "henki", "Henkilöstö", "", 1,
                                                                 forum::Audience{{Role::office_holder}, {}}})}});
    }

    static SetHold holding(Id room = square, Id thread = 0, std::string reason = "Oikeudenkäynti") {
        return {room, thread, true, std::move(reason)};
    }
    static SetHold lifting(Id room = square, Id thread = 0) { return {room, thread, false, "Ohi"}; }
    [[nodiscard]] const forum::RoomCard& room(Id id = square) const { return *reg.directory().room(id); }

    const Refusal administrators = refusal(ErrorCode::forbidden, "administrators_only");
    const Refusal no_room = refusal(ErrorCode::not_found, "room_not_found", "room");
};

TEST_F(HoldsTest, AnAdministratorHoldsARoomAndItsThreadsAndLiftsThem) {
    EXPECT_TRUE(run(admin, holding(square, 12)).takes_away) << "fenced";
    EXPECT_TRUE(forum::is_held(room(), 12));
    EXPECT_FALSE(forum::is_held(room(), 13));
    EXPECT_FALSE(forum::is_held(room(), 0));
    run(admin, holding());
    EXPECT_TRUE(forum::is_held(room(), 13));
    EXPECT_THAT(room().holds, ElementsAre(0, 12));
    EXPECT_TRUE(run(admin, lifting()).takes_away);
    EXPECT_THAT(room().holds, ElementsAre(12)) << "each by itself";
    run(admin, lifting(square, 12));
    EXPECT_THAT(room().holds, IsEmpty());
}

TEST_F(HoldsTest, ReasonTimeAndWhoAreKeptInTheStoreAlone) {
    run(admin, holding(square, 12));
    const auto hold = reg.entity("room:41").room().holds(0);
    EXPECT_EQ(std::tuple(hold.thread(), hold.reason(), hold.by(), hold.at_ms()),
              std::tuple(Id{12}, "Oikeudenkäynti", admin, now));
    EXPECT_TRUE(changes_nothing(admin, holding(square, 12)));
    now += hour;
    run(admin, holding(square, 12, "Toinen syy"));
    EXPECT_EQ(reg.entity("room:41").room().holds(0).reason(), "Toinen syy");
    EXPECT_EQ(reg.entity("room:41").room().holds_size(), 1);
    EXPECT_TRUE(changes_nothing(admin, lifting(square, 13)));
}

TEST_F(HoldsTest, NobodyElseDoes) {
    for (const Id member : {moderator, contact, aino, nobody}) {
        EXPECT_EQ(refused(member, holding()), administrators) << member;
        EXPECT_EQ(refused(member, holding(999)), administrators) << "whether it is there is not told";
    }
    EXPECT_EQ(refused(admin, holding(999)), no_room);
    run(the_operator, holding());
}

TEST_F(HoldsTest, AnAdministratorHoldsWhatTheyMayNotRead) {
    run(admin, holding(staff_room));
    EXPECT_TRUE(forum::is_held(room(staff_room), 0));
}

TEST_F(HoldsTest, ThereAreNoMoreThanTheLimitAndEachHasAReason) {
    run(admin, holding(square, 1));
    run(admin, holding(square, 2));
    EXPECT_EQ(refused(admin, holding(square, 3)), refusal(ErrorCode::limited, "too_many_holds", "room"));
    run(admin, holding(square, 2, "Muu"));
    run(admin, lifting(square, 1));
    run(admin, holding(square, 3));
    EXPECT_EQ(refused(admin, holding(square, 3, "")), refusal(ErrorCode::invalid, "text_empty", "reason"));
    EXPECT_EQ(refused(admin, holding(square, 3, std::string(16, 'a'))),
              refusal(ErrorCode::invalid, "text_too_long", "reason"));
    EXPECT_EQ(refused(admin, SetHold{square, 3, false, ""}), refusal(ErrorCode::invalid, "text_empty", "reason"));
}

TEST_F(HoldsTest, OtherActsOnTheRoomLeaveThemAndTheRetentionWhereTheyAre) {
    run(admin, holding(square, 12));
    run(moderator, SetRetention{square, 30});
    run(admin, SetAudience{0, square, forum::Audience{{Role::councillor}, {}}, false});
    EXPECT_THAT(room().holds, ElementsAre(12));
    EXPECT_EQ(room().retention_days, 30U);
    EXPECT_TRUE(room().audience);
    EXPECT_EQ(reg.entity("room:41").room().holds(0).reason(), "Oikeudenkäynti");
}

class RetentionTest : public HoldsTest {};

TEST_F(RetentionTest, IsSetByWhoModeratesTheForumAndByAdministratorsAndTheRoomIsTold) {
    const auto decision = run(moderator, SetRetention{square, 30});
    EXPECT_TRUE(decision.takes_away) << "fenced";
    ASSERT_EQ(decision.effects.size(), 1U);
    EXPECT_EQ(decision.effects.front().room, square);
    EXPECT_EQ(room().retention_days, 30U);
    EXPECT_EQ(forum::told_of(reg.directory(), room()).retention_days, 30U);
    EXPECT_TRUE(changes_nothing(moderator, SetRetention{square, 30}));
    run(admin, SetRetention{square, 0});
    EXPECT_EQ(room().retention_days, 0U);
}

TEST_F(RetentionTest, IsNobodyElsesAndWithinTheLimit) {
    for (const Id member : {contact, aino})
        EXPECT_EQ(refused(member, SetRetention{square, 30}), refusal(ErrorCode::forbidden, "moderators_only", "room"));
    EXPECT_EQ(refused(moderator, SetRetention{staff_room, 30}), no_room);
    EXPECT_EQ(refused(moderator, SetRetention{999, 30}), no_room);
    EXPECT_EQ(refused(moderator, SetRetention{square, 101}), refusal(ErrorCode::invalid, "retention_too_long", "days"));
    run(moderator, SetRetention{square, 100});
}

}  // namespace
}  // namespace foorumi::membership::test
