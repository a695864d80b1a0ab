// Whatever is asked for: a contact person reaches no further than their councillors, and an administrator is left.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "invitations.hpp"

namespace foorumi::membership::test {
namespace {

class AnyStanding : public InvitationTest {
   protected:
    template <class T>
    static std::vector<T> some_of(std::vector<T> values) {
        return *rc::gen::container<std::vector<T>>(rc::gen::elementOf(std::move(values)));
    }
    template <class T>
    static T one_of(std::vector<T> values) {
        return *rc::gen::elementOf(std::move(values));
    }
    // More often a plain one than chance would make it.
    static Standing any_standing() {
        Standing standing;
        const bool plain = *rc::gen::arbitrary<bool>();
        const std::vector<Role> roles =
            plain ? std::vector{Role::councillor} : std::vector{Role::councillor, Role::office_holder, Role::expert,
                                                                Role::moderator,  Role::administrator, Role{}};
        for (const auto role : some_of(roles)) standing.grants.push_back({role, one_of<Id>({0, term, next_term, 77})});
        standing.municipality = one_of<std::string>({"091", "091", "890", "", "999"});
        if (*rc::gen::arbitrary<bool>())
            standing.positions = {{one_of<forum::PositionKind>({forum::PositionKind::mayor, forum::PositionKind{14}}),
                                   "", one_of<Id>({0, term})}};
        if (!plain) standing.moderates = some_of<Id>({strategy, other_forum, 77});
        if (!plain) standing.contact_for = one_of<std::string>({"", "091", "890"});
        return standing;
    }
    static bool is_plain_councillor(const forum::MemberCard& member) {
        const auto lasting =
            std::ranges::all_of(member.grants, [](auto grant) { return grant.role == Role::councillor; });
        return lasting && forum::Roles{Role::councillor}.includes(member.roles) && member.municipality == "091" &&
               member.moderates.empty() && member.contact_for.empty();
    }
    [[nodiscard]] std::size_t lasting_administrators() const {
        std::size_t count = 0;
        reg.directory().each_member(0, [&](const forum::MemberCard& member) {
            const bool granted = std::ranges::any_of(
                member.grants, [](auto grant) { return grant == forum::Grant{Role::administrator, 0}; });
            if (granted || (member.grants.empty() && member.roles.has(Role::administrator))) ++count;
            return true;
        });
        return count;
    }
};

RC_GTEST_FIXTURE_PROP(AnyStanding, ContactPersonReachesNoFurtherThanTheirCouncillors, ()) {
    const auto before = any_standing();
    const auto target = one_of<Id>({aino, biret, leader, contact, admin});
    if (const auto set = decided(admin, SetStanding{target, before}); set.has_value()) reg.commit(*set);
    const auto present = card(target);
    const auto next = any_standing();
    const auto decision = decided(contact, SetStanding{target, next});
    if (decision.has_error()) return;
    reg.commit(*decision);
    RC_ASSERT(target != contact);
    RC_ASSERT(is_plain_councillor(present));
    RC_ASSERT(is_plain_councillor(card(target)));
    RC_ASSERT(!needs_second_factor(card(target)));
}

RC_GTEST_FIXTURE_PROP(AnyStanding, WhomAContactPersonInvitesIsACouncillorOfTheirs, ()) {
    auto command = invite_of("kutsu");
    command.standing = any_standing();
    const auto decision = decided(contact, command);
    if (decision.has_error()) return;
    reg.commit(*decision);
    run(the_operator, accept_of("kutsu"));
    RC_ASSERT(is_plain_councillor(card(reg.version())));
}

// Terms may turn meanwhile, and administrators of all kinds act on one another.
RC_GTEST_FIXTURE_PROP(AnyStanding, SomeAdministratorIsLeftWhateverIsDecided, ()) {
    const auto steps = *rc::gen::inRange(1, 25);
    for (int step = 0; step < steps; ++step) {
        if (one_of<int>({0, 1, 2, 3}) == 0) now = one_of<Millis>({1'750'000'000'000, 1'900'000'000'000});
        if (const auto turning = terms_to_turn(actor(the_operator)); !turning.empty())
            run(the_operator, TurnTerms{turning});
        Standing standing = any_standing();
        if (one_of<int>({0, 1, 2}) == 0) standing.grants = {{Role::administrator, one_of<Id>({0, term})}};
        const auto who = one_of<Id>({admin, aino, biret, contact, the_operator});
        const auto decision = decided(who, SetStanding{one_of<Id>({admin, aino, biret}), standing});
        if (decision.has_value()) reg.commit(*decision);
        RC_ASSERT(lasting_administrators() > 0);
    }
}

}  // namespace
}  // namespace foorumi::membership::test
