// Requests of membership as commands of its rules: everything that was asked, and what is not known kept as such.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "dispatch/membership_job.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

using forum::Role;
using testing::ElementsAre;

template <class Command>
Command asked_for(const std::string& text) {
    v1::Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    return std::get<Command>(membership_command_of(request));
}

TEST(MembershipCommands, SignInsAreNamed) {
    const auto revoke = asked_for<membership::RevokeSessions>(R"(revoke_sessions { sessions: "a" sessions: "b" })");
    EXPECT_THAT(revoke.sessions, ElementsAre("a", "b"));
    EXPECT_FALSE(revoke.others);
    EXPECT_TRUE(asked_for<membership::RevokeSessions>("revoke_sessions { others: true }").others);
    EXPECT_EQ(asked_for<membership::EndSessions>("end_sessions { member: 9 }").member, 9U);
}

TEST(MembershipCommands, InvitationHasItsWholeStanding) {
    const auto invite = asked_for<membership::Invite>(R"(invite { invitation: "i" name: "n" handle: "h" email: "e"
        standing { grants { role: ROLE_MODERATOR term: 4 } municipality: "091"
        positions { kind: KIND_MAYOR body: "b" term: 5 } moderates: 2 moderates: 3 contact_for: "890" }
        valid_hours: 48 })");
    EXPECT_EQ(invite.invitation, "i");
    EXPECT_EQ(invite.name, "n");
    EXPECT_EQ(invite.handle, "h");
    EXPECT_EQ(invite.email, "e");
    EXPECT_EQ(invite.valid_ms, 48LL * 3'600'000);
    EXPECT_THAT(invite.standing.grants, ElementsAre(forum::Grant{Role::moderator, 4}));
    EXPECT_EQ(invite.standing.municipality, "091");
    EXPECT_THAT(invite.standing.positions, ElementsAre(forum::Position{forum::PositionKind::mayor, "b", 5}));
    EXPECT_THAT(invite.standing.moderates, ElementsAre(2, 3));
    EXPECT_EQ(invite.standing.contact_for, "890");
}

TEST(MembershipCommands, PlacesAreAsAsked) {
    const auto forum = asked_for<membership::CreateForum>(
        R"(create_forum { slug: "s" title: "t" description: "d" audience { read: ROLE_EXPERT } })");
    EXPECT_EQ(forum.text.slug + forum.text.title + forum.text.description, "std");
    EXPECT_EQ(forum.audience->read, forum::Roles{Role::expert});
    EXPECT_FALSE(asked_for<membership::CreateForum>("create_forum {}").audience);
    const auto room = asked_for<membership::CreateRoom>(R"(create_room { forum: 2 slug: "s" title: "t" audience {} })");
    EXPECT_EQ(room.forum, 2U);
    EXPECT_EQ(room.audience, forum::Audience());
    const auto described = asked_for<membership::DescribePlace>(R"(describe_place { room: 3 description: "" })");
    EXPECT_EQ(described.room, 3U);
    EXPECT_EQ(described.description, "");
    EXPECT_FALSE(described.slug || described.title) << "they stay";
    EXPECT_THAT(asked_for<membership::OrderPlaces>("order_places { forum: 2 places: 7 places: 3 }").places,
                ElementsAre(7, 3));
    const auto archive = asked_for<membership::ArchivePlace>(R"(archive_place { room: 3 archived: true reason: "r" })");
    EXPECT_TRUE(archive.archived);
    EXPECT_EQ(archive.room, 3U);
    EXPECT_EQ(archive.reason, "r");
}

TEST(MembershipCommands, LongestValidityIsNoShortOne) {
    const auto invite = asked_for<membership::Invite>("invite { valid_hours: 4294967295 }");
    EXPECT_EQ(invite.valid_ms, 4'294'967'295LL * 3'600'000);
}

TEST(MembershipCommands, LinksStandingsAndTermsAreAsAsked) {
    const auto reset = asked_for<membership::IssueReset>(R"(issue_reset { invitation: "i" member: 9 })");
    EXPECT_EQ(reset.invitation, "i");
    EXPECT_EQ(reset.member, 9U);
    EXPECT_EQ(asked_for<membership::WithdrawInvitation>(R"(withdraw_invitation { invitation: "i" })").invitation, "i");
    const auto set = asked_for<membership::SetStanding>("set_standing { member: 9 standing { moderates: 2 } }");
    EXPECT_EQ(set.member, 9U);
    EXPECT_THAT(set.standing.moderates, ElementsAre(2));
    const auto put = asked_for<membership::PutTerm>(R"(put_term { term: 4 name: "n" first_day: "f" last_day: "l" })");
    EXPECT_EQ(put.term, 4U);
    EXPECT_EQ(put.name, "n");
    EXPECT_EQ(put.first_day, "f");
    EXPECT_EQ(put.last_day, "l");
}

TEST(MembershipCommands, AudienceIsThereOrNot) {
    const auto set = asked_for<membership::SetAudience>(R"(set_audience { forum: 2 room: 3 audience {
        read: ROLE_COUNCILLOR write: ROLE_EXPERT municipalities: "091" sizes: SIZE_CLASS_OVER_100000 terms: 4 }
        exposes_history: true })");
    EXPECT_EQ(set.forum, 2U);
    EXPECT_EQ(set.room, 3U);
    EXPECT_TRUE(set.exposes_history);
    ASSERT_TRUE(set.audience);
    EXPECT_EQ(set.audience->read, forum::Roles{Role::councillor});
    EXPECT_EQ(set.audience->write, forum::Roles{Role::expert});
    EXPECT_THAT(set.audience->municipalities, ElementsAre("091"));
    EXPECT_EQ(set.audience->sizes, forum::MunicipalitySizes{forum::MunicipalitySize::over_100000});
    EXPECT_THAT(set.audience->terms, ElementsAre(4));
    EXPECT_FALSE(asked_for<membership::SetAudience>("set_audience { room: 3 }").audience);
    EXPECT_EQ(asked_for<membership::SetAudience>("set_audience { room: 3 audience {} }").audience, forum::Audience());
}

// Left out, it would make an empty list, which admits all.
TEST(MembershipCommands, RoleOrSizeOfALaterProtocolIsNotLeftOut) {
    for (const auto* list : {"read: 99", "write: 99", "read: 0", "sizes: 99", "sizes: 0"}) {
        const auto set =
            asked_for<membership::SetAudience>(std::string("set_audience { room: 3 audience { ") + list + " } }");
        EXPECT_NE(set.audience, forum::Audience()) << list;
    }
    const auto set = asked_for<membership::SetStanding>("set_standing { standing { grants { role: 99 term: 4 } } }");
    EXPECT_THAT(set.standing.grants, ElementsAre(forum::Grant{Role{}, 4}));
}

TEST(MembershipCommands, AnotherRequestIsNone) {
    v1::Request request;
    EXPECT_THROW((void)membership_command_of(request), std::logic_error);
    request.mutable_typing();
    EXPECT_THROW((void)membership_command_of(request), std::logic_error);
}

TEST(MembershipCommands, FiltersAreAsAskedAndAKindOrAnActionOfALaterProtocolIsNone) {
    const auto set = asked_for<membership::SetFilter>(
        R"(set_filter { forum: 2 kind: FILTER_KIND_LINK pattern: "evil.com" action: FILTER_ACTION_REFUSE })");
    EXPECT_EQ(set.forum, 2U);
    EXPECT_EQ(set.kind, forum::FilterKind::link);
    EXPECT_EQ(set.pattern, "evil.com");
    EXPECT_EQ(set.action, forum::FilterAction::refuse);
    for (const int number : {0, 4, 257, -1}) {
        v1::Request request;
        request.mutable_set_filter()->set_kind(static_cast<v1::FilterKind>(number));
        request.mutable_set_filter()->set_action(static_cast<v1::FilterAction>(number));
        EXPECT_FALSE(std::get<membership::SetFilter>(membership_command_of(request)).kind) << number;
        EXPECT_FALSE(std::get<membership::SetFilter>(membership_command_of(request)).action) << number;
    }
    EXPECT_EQ(asked_for<membership::LiftFilter>("lift_filter { forum: 2 filter: 4 }").filter, 4U);
}

TEST(MembershipCommands, SanctionsAreAsAskedAndAKindOfALaterProtocolIsNone) {
    const auto sanction = asked_for<membership::Sanction>(R"(sanction { member: 9 kind: SANCTION_KIND_SUSPEND forum: 2
        until_ms: 7 reason: "r" appeal: "a" })");
    EXPECT_EQ(sanction.member, 9U);
    EXPECT_EQ(sanction.kind, forum::SanctionKind::suspend);
    EXPECT_EQ(sanction.forum, 2U);
    EXPECT_EQ(sanction.until, 7);
    EXPECT_EQ(sanction.reason + sanction.appeal, "ra");
    for (const int number : {0, 5, 257, -1}) {
        v1::Request request;
        request.mutable_sanction()->set_kind(static_cast<v1::SanctionKind>(number));
        EXPECT_FALSE(std::get<membership::Sanction>(membership_command_of(request)).kind) << number;
    }
    const auto lift = asked_for<membership::LiftSanction>(R"(lift_sanction { member: 9 sanction: 4 reason: "r" })");
    EXPECT_EQ(lift.member, 9U);
    EXPECT_EQ(lift.sanction, 4U);
    EXPECT_EQ(lift.reason, "r");
}

}  // namespace
}  // namespace foorumi::dispatch
