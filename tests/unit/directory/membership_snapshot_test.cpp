// What the directory in memory knows of members: sign-ins, invitations, council terms.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>

#include "directory/codec.hpp"
#include "directory/snapshot.hpp"

namespace foorumi::directory {
namespace {

using forum::Role;

struct Written {
    std::string key;
    std::string bytes;
};

std::shared_ptr<const Snapshot> written(const Snapshot& before, const std::vector<Written>& changes) {
    std::vector<EntityChange> views;
    const auto version = before.version() + 1;
    for (const auto& change : changes) views.push_back({change.key, version, change.bytes});
    return before.with(views, version);
}

forum::MemberCard councillor() { return {0, "aino.metsala", "Aino Metsälä", "297", {Role::councillor}, {}}; }

// --- sign-ins

std::string token(forum::Id member, std::uint32_t epoch, bool pending = false) {
    v1::DirectoryEntity entity;
    entity.mutable_token()->set_member(member);
    entity.mutable_token()->set_epoch(epoch);
    entity.mutable_token()->set_pending(pending);
    return entity.SerializeAsString();
}

std::string member_of_epoch(std::uint32_t epoch) {
    auto card = councillor();
    card.epoch = epoch;
    return encode(card);
}

std::vector<std::string> sessions_of(const Snapshot& directory, forum::Id member) {
    std::vector<std::string> hashes;
    directory.each_session_of(member, [&](std::string_view hash, const SessionCard& card) {
        EXPECT_EQ(card.member, member);
        hashes.emplace_back(hash);
        return true;
    });
    return hashes;
}

TEST(MembersSnapshot, SignInOfAnotherEpochOrThatWaitsOpensNothing) {
    auto directory = written({}, {{"member:1", member_of_epoch(3)},
                                  {"token:now", token(1, 3)},
                                  {"token:before", token(1, 2)},
                                  {"token:waits", token(1, 3, true)}});
    EXPECT_EQ(directory->member_by_token("now"), directory->member(1));
    EXPECT_EQ(directory->member_by_token("before"), nullptr);
    EXPECT_EQ(directory->member_by_token("waits"), nullptr);
    EXPECT_NE(directory->session("before"), nullptr);
    EXPECT_NE(directory->session("waits"), nullptr);
    directory = written(*directory, {{"token:now", token(1, 4)}, {"member:1", member_of_epoch(4)}});
    EXPECT_EQ(directory->member_by_token("now"), directory->member(1)) << "in one step with the new epoch";
}

TEST(MembersSnapshot, SignInsOfAMemberStandTogether) {
    auto directory = written({}, {{"token:b", token(2, 0)}, {"token:a", token(1, 0)}, {"token:c", token(2, 0)}});
    EXPECT_THAT(sessions_of(*directory, 1), testing::ElementsAre("a"));
    EXPECT_THAT(sessions_of(*directory, 2), testing::UnorderedElementsAre("b", "c"));
    EXPECT_THAT(sessions_of(*directory, 3), testing::IsEmpty());
    const auto later = written(*directory, {{"token:b", ""}, {"token:c", token(1, 0)}, {"token:gone", ""}});
    EXPECT_THAT(sessions_of(*later, 1), testing::UnorderedElementsAre("a", "c")) << "moved to another member";
    EXPECT_THAT(sessions_of(*later, 2), testing::IsEmpty());
    EXPECT_THAT(sessions_of(*directory, 2), testing::UnorderedElementsAre("b", "c")) << "a snapshot never changes";
}

TEST(MembersSnapshot, VisitsOfSignInsAndInvitationsEndWhenAsked) {
    v1::DirectoryEntity invitation;
    invitation.mutable_invitation()->set_by(9);
    auto directory = written({}, {{"token:a", token(1, 0)},
                                  {"token:b", token(1, 0)},
                                  {"token:c", token(2, 0)},
                                  {"invitation:x", invitation.SerializeAsString()},
                                  {"invitation:y", invitation.SerializeAsString()}});
    int of_one = 0, of_all = 0, all = 0, invitations = 0;
    directory->each_session_of(1, [&](auto, const auto&) { return ++of_one < 1; });
    directory->each_session([&](auto, const auto&) { return ++of_all < 2; });
    directory->each_session([&](auto, const auto&) { return ++all < 9; });
    directory->each_invitation([&](auto, const auto&) { return ++invitations < 1; });
    EXPECT_EQ(of_one, 1);
    EXPECT_EQ(of_all, 2);
    EXPECT_EQ(all, 3);
    EXPECT_EQ(invitations, 1);
}

TEST(SessionCard, IsAliveUntilItIsOldOrIdle) {
    SessionCard card;
    card.used = 100;
    EXPECT_TRUE(card.alive(1'000'000, 10)) << "never expires";
    card.expires = 1'000;
    EXPECT_TRUE(card.alive(109, 10));
    EXPECT_FALSE(card.alive(110, 10));
    card.used = 995;
    EXPECT_TRUE(card.alive(999, 10));
    EXPECT_FALSE(card.alive(1'000, 10));
}

TEST(SessionCard, ThatWasNeverNotedWasUsedWhenItWasMade) {
    v1::StoredToken stored;
    stored.set_created_ms(50);
    EXPECT_EQ(session_card(stored).used, 50);
    stored.set_used_ms(70);
    EXPECT_EQ(session_card(stored).used, 70);
}

// --- invitations

TEST(MembersSnapshot, InvitationIsThereUntilItIsTakenAway) {
    v1::DirectoryEntity entity;
    auto& stored = *entity.mutable_invitation();
    stored.set_by(9);
    stored.set_created_ms(10);
    stored.set_expires_ms(20);
    stored.set_resets(4);
    stored.mutable_member()->set_name("Aino");
    stored.mutable_member()->set_municipality("091");
    stored.set_email("aino@example.fi");
    const auto directory = written({}, {{"invitation:x", entity.SerializeAsString()}});
    const auto* card = directory->invitation("x");
    ASSERT_NE(card, nullptr);
    EXPECT_EQ(card->by, 9U);
    EXPECT_EQ(card->created, 10);
    EXPECT_EQ(card->expires, 20);
    EXPECT_EQ(card->resets, 4U);
    EXPECT_EQ(card->name, "Aino");
    EXPECT_EQ(card->municipality, "091");
    EXPECT_EQ(directory->invitation("y"), nullptr);
    EXPECT_EQ(written(*directory, {{"invitation:x", ""}})->invitation("x"), nullptr);
}

// --- members and municipalities in their order

TEST(MembersSnapshot, MembersComeByIdBehindTheOneNamed) {
    auto directory = written(
        {},
        {{"member:30", encode(councillor())}, {"member:4", encode(councillor())}, {"member:17", encode(councillor())}});
    const auto behind = [&](forum::Id id, std::size_t most = 9) {
        std::vector<forum::Id> ids;
        directory->each_member(id, [&](const forum::MemberCard& card) {
            ids.push_back(card.id);
            return ids.size() < most;
        });
        return ids;
    };
    EXPECT_THAT(behind(0), testing::ElementsAre(4, 17, 30));
    EXPECT_THAT(behind(3), testing::ElementsAre(4, 17, 30));
    EXPECT_THAT(behind(4), testing::ElementsAre(17, 30));
    EXPECT_THAT(behind(30), testing::IsEmpty());
    EXPECT_THAT(behind(0, 2), testing::ElementsAre(4, 17));
}

TEST(MembersSnapshot, MembersBehindTheGreatestIdAreNone) {
    auto directory = written({}, {{"member:4", encode(councillor())}});
    int seen = 0;
    directory->each_member(std::numeric_limits<forum::Id>::max(), [&](const auto&) { return ++seen > 0; });
    EXPECT_EQ(seen, 0);
}

TEST(MembersSnapshot, MunicipalitiesComeByCode) {
    std::vector<Written> changes;
    for (const auto* code : {"890", "005", "091", "445", "049", "010"})
        changes.push_back({std::string("municipality:") + code, encode(MunicipalityCard{code, "nimi", "namn", 3'000})});
    const auto directory = written({}, changes);
    std::vector<std::string> codes;
    for (const auto* card : directory->municipalities()) codes.push_back(card->code);
    EXPECT_THAT(codes, testing::ElementsAre("005", "010", "049", "091", "445", "890"));
    EXPECT_EQ(directory->municipality("049")->name_sv, "namn");
    EXPECT_EQ(directory->size_class("049"), forum::MunicipalitySize::up_to_5000);
    EXPECT_EQ(directory->size_class("999"), std::nullopt);
}

// --- council terms

std::string term(bool current) {
    v1::DirectoryEntity entity;
    entity.mutable_term()->set_name("2025-2029");
    entity.mutable_term()->set_current(current);
    return entity.SerializeAsString();
}

std::string granted(std::vector<forum::Grant> grants) {
    auto card = councillor();
    card.roles = {};
    card.grants = std::move(grants);
    return encode(card);
}

TEST(MembersSnapshot, RolesOfATermComeAndGoWithIt) {
    auto directory = written({}, {{"term:7", term(false)},
                                  {"member:1", granted({{Role::councillor, 7}, {Role::expert, 0}})},
                                  {"member:2", granted({{Role::councillor, 8}})},
                                  {"member:3", encode(councillor())},
                                  {"token:abc", token(1, 0)}});
    EXPECT_EQ(directory->member(1)->roles, forum::Roles{Role::expert});
    const auto on = written(*directory, {{"term:7", term(true)}});
    EXPECT_EQ(on->member(1)->roles, (forum::Roles{Role::councillor, Role::expert}));
    EXPECT_EQ(on->member(1)->terms, std::vector<forum::Id>{7});
    EXPECT_EQ(on->member_by_handle("aino.metsala")->id, 1U) << "all have this handle: the least id";
    EXPECT_EQ(on->member_by_token("abc"), on->member(1));
    EXPECT_TRUE(on->member(2)->roles.empty()) << "of another term";
    EXPECT_EQ(on->member(3), directory->member(3)) << "has nothing of a term";
    EXPECT_EQ(directory->member(1)->roles, forum::Roles{Role::expert}) << "a snapshot never changes";
    const auto off = written(*on, {{"term:7", term(false)}});
    EXPECT_EQ(off->member(1)->roles, forum::Roles{Role::expert});
    EXPECT_TRUE(off->member(1)->terms.empty());
    const auto gone = written(*on, {{"term:7", ""}});
    EXPECT_EQ(gone->member(1)->roles, forum::Roles{Role::expert});
    EXPECT_EQ(gone->term(7), nullptr);
    EXPECT_FALSE(gone->term_current(7));
}

TEST(MembersSnapshot, MemberAndTermOfOneCommitMeetInEitherOrder) {
    const Written member{"member:1", granted({{Role::councillor, 7}})}, on{"term:7", term(true)};
    for (const auto& changes : {std::vector{member, on}, std::vector{on, member}})
        EXPECT_EQ(written({}, changes)->member(1)->roles, forum::Roles{Role::councillor});
}

TEST(MembersSnapshot, TermsComeById) {
    auto directory = written({}, {{"term:30", term(false)}, {"term:4", term(true)}});
    std::vector<forum::Id> ids;
    for (const auto* card : directory->terms()) ids.push_back(card->id);
    EXPECT_THAT(ids, testing::ElementsAre(4, 30));
    EXPECT_EQ(directory->term(4)->name, "2025-2029");
}

// What a member is follows from what is stored, whatever came first.
RC_GTEST_PROP(MembersSnapshot, IsTheSameInWhateverOrderTermsAndMembersCame, ()) {
    std::map<std::string, std::string> stored;
    auto stepwise = std::make_shared<const Snapshot>();
    for (int step = *rc::gen::inRange(1, 30); step > 0; --step) {
        const auto id = std::to_string(*rc::gen::inRange(1, 4));
        Written change{"term:" + id, *rc::gen::element<std::string>(term(true), term(false), "")};
        if (*rc::gen::arbitrary<bool>()) {
            std::vector<forum::Grant> grants;
            for (const auto role : *rc::gen::container<std::vector<Role>>(rc::gen::elementOf(forum::all_roles)))
                grants.push_back({role, *rc::gen::inRange<forum::Id>(0, 4)});
            change = {"member:" + id, granted(grants)};
        }
        stored[change.key] = change.bytes;
        stepwise = written(*stepwise, {change});
    }
    std::vector<Written> all;
    for (const auto& [key, bytes] : stored) all.push_back({key, bytes});
    const auto at_once = written({}, all);
    for (forum::Id id = 1; id < 4; ++id) {
        RC_ASSERT(stepwise->term_current(id) == at_once->term_current(id));
        const auto* one = stepwise->member(id);
        const auto* other = at_once->member(id);
        RC_ASSERT((one == nullptr) == (other == nullptr));
        if (one == nullptr) continue;
        RC_ASSERT(one->roles == other->roles);
        RC_ASSERT(one->terms == other->terms);
        RC_ASSERT(one->grants == other->grants);
    }
}

}  // namespace
}  // namespace foorumi::directory
