#include <algorithm>

#include "codec/entity_codec.hpp"
#include "directory/codec.hpp"
#include "forum/text.hpp"
#include "membership/parts.hpp"

namespace foorumi::membership {
namespace {

bool is_privileged(forum::Role role) { return role == forum::Role::moderator || role == forum::Role::administrator; }

bool grants_only(const Standing& standing, forum::Role role) {
    return std::ranges::all_of(standing.grants, [&](const auto& grant) { return grant.role == role; });
}

// A contact person looks after the councillors of one municipality, and after nobody who is more than that.
bool within_contact(const forum::MemberCard& contact, const Standing& standing, const forum::MemberCard* before) {
    const auto& municipality = contact.contact_for;
    const auto is_plain = [&](const forum::MemberCard& member) {
        const auto councillor = [](const auto& grant) { return grant.role == forum::Role::councillor; };
        const forum::Roles only{forum::Role::councillor};
        // Whom an administrator has left without any role is not theirs to bring back.
        return member.municipality == municipality && only.includes(member.roles) && member.moderates.empty() &&
               member.contact_for.empty() && std::ranges::all_of(member.grants, councillor) &&
               (!member.grants.empty() || !member.roles.empty());
    };
    return standing.municipality == municipality && standing.moderates.empty() && standing.contact_for.empty() &&
           grants_only(standing, forum::Role::councillor) && (before == nullptr || is_plain(*before));
}

forum::Result<void> check_references(const Actor& actor, const Standing& standing) {
    const auto no_term = [&](forum::Id term) { return term != 0 && actor.directory.term(term) == nullptr; };
    const auto no_municipality = [&](std::string_view code) {
        return !code.empty() && actor.directory.municipality(code) == nullptr;
    };
    if (no_municipality(standing.municipality)) return not_found("municipality_not_found", "municipality");
    if (no_municipality(standing.contact_for)) return not_found("municipality_not_found", "contact_for");
    for (const auto& grant : standing.grants)
        if (no_term(grant.term)) return not_found("term_not_found", "grants");
    for (const auto& position : standing.positions)
        if (no_term(position.term)) return not_found("term_not_found", "positions");
    for (const auto forum : standing.moderates)
        if (actor.directory.forum(forum) == nullptr) return not_found("forum_not_found", "moderates");
    return {};
}

forum::Result<void> check_amounts(const Actor& actor, const Standing& standing) {
    if (standing.grants.size() > actor.limits.grants) return limited("too_many_grants", "grants");
    if (standing.positions.size() > actor.limits.names.positions) return limited("too_many_positions", "positions");
    if (standing.moderates.size() > actor.limits.moderated_forums) return limited("too_many_forums", "moderates");
    for (const auto& grant : standing.grants)
        if (std::ranges::find(forum::all_roles, grant.role) == forum::all_roles.end())
            return invalid("role_unknown", "grants");
    for (const auto& position : standing.positions) {
        if (position.kind < forum::PositionKind::council_chair || position.kind > forum::PositionKind::office_holder)
            return invalid("position_unknown", "positions");
        if (auto checked = forum::check_draft_title(position.body, actor.limits.names.position_bytes, "positions");
            checked.has_error())
            return checked;
    }
    return {};
}

}  // namespace

Standing standing_of(const forum::MemberCard& card) {
    Standing standing{card.grants, card.municipality, card.positions, card.moderates, card.contact_for};
    if (card.grants.empty())
        for (const auto role : forum::all_roles)
            if (card.roles.has(role)) standing.grants.push_back({role, 0});
    return standing;
}

bool needs_second_factor(const forum::MemberCard& member) {
    return !member.moderates.empty() || !member.contact_for.empty() ||
           member.roles.intersects({forum::Role::moderator, forum::Role::administrator}) ||
           std::ranges::any_of(member.grants, [](const auto& grant) { return is_privileged(grant.role); });
}

forum::Result<void> check_standing(const Actor& actor, const Standing& standing, const forum::MemberCard* before) {
    const auto* card = card_of(actor);
    if (!is_administrator(actor)) {
        if (!is_contact(actor)) return forbidden("administrators_only");
        if (before != nullptr && before->id == actor.member) return forbidden("own_standing", "member");
        if (!within_contact(*card, standing, before)) return forbidden("beyond_contact", "standing");
    }
    if (auto checked = check_amounts(actor, standing); checked.has_error()) return checked;
    return check_references(actor, standing);
}

void put_standing(const Standing& standing, v1::StoredMember& out) {
    forum::MemberCard card;
    card.handle = out.handle();
    card.name = out.name();
    card.second_factor = out.second_factor();
    card.epoch = out.epoch();
    card.erase_at = out.erase_at_ms();
    card.erase_removes = out.erase_removes();
    card.municipality = standing.municipality;
    card.grants = standing.grants;
    card.positions = standing.positions;
    card.moderates = standing.moderates;
    card.contact_for = standing.contact_for;
    out.Clear();
    directory::to_stored(card, out);
}

namespace {

// Of a member who comes to another municipality: what they give free and what they take.
std::vector<std::string> names_moved(const Actor& actor, const forum::MemberCard& member, const Standing& standing) {
    if (member.municipality == standing.municipality) return {};
    auto keys = twin_claims(actor, member.name, member.municipality);
    for (auto& key : twin_claims(actor, member.name, standing.municipality)) keys.push_back(std::move(key));
    return keys;
}

forum::Result<void> move_name(const Actor& actor, const forum::MemberCard& before, const forum::MemberCard& after,
                              const View& view, Decision& decision) {
    if (has_twin(actor, before.id, after.name, after.municipality))
        return Refusal{ErrorCode::conflict, "name_taken", "municipality", 0};
    v1::DirectoryEntity claim;
    claim.mutable_claim()->set_member(before.id);
    for (const auto& key : twin_claims(actor, before.name, before.municipality))
        if (entity_at(view, key).claim().member() == before.id) decision.puts.push_back({key, "", {}});
    for (const auto& key : twin_claims(actor, after.name, after.municipality)) {
        if (!view.at(key).empty() && entity_at(view, key).claim().member() != before.id)
            return Refusal{ErrorCode::conflict, "name_taken", "municipality", 0};
        decision.puts.push_back({key, claim.SerializeAsString(), {}});
    }
    return {};
}

}  // namespace

Keys needs(const Actor& actor, const SetStanding& command) {
    const auto* member = actor.directory.member(command.member);
    if (!is_administrator(actor) && !is_contact(actor)) return forbidden("administrators_only");
    if (member == nullptr) return not_found("member_not_found", "member");
    if (auto checked = check_standing(actor, command.standing, member); checked.has_error()) return checked.error();
    std::vector keys{member_key(command.member)};
    for (auto& key : names_moved(actor, *member, command.standing)) keys.push_back(std::move(key));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const SetStanding& command, const View& view) {
    auto stored = member_at(view, command.member);
    if (!stored) return not_found("member_not_found", "member");
    const auto before = directory::member_card(command.member, *stored);
    if (auto checked = check_standing(actor, command.standing, &before); checked.has_error()) return checked.error();
    Decision decision;
    put_standing(command.standing, *stored);
    const auto after = directory::member_card(command.member, *stored);
    if (is_lasting_administrator(before) && !is_lasting_administrator(after) &&
        !other_administrator(actor, command.member))
        return forbidden("last_administrator", "member");
    decision.takes_away = true;  // also where somebody else has done so a moment ago
    if (directory::encode(before) == directory::encode(after)) return decision;
    if (after.municipality != before.municipality) {
        if (auto moved = move_name(actor, before, after, view, decision); moved.has_error()) return moved.error();
    }
    // New power wants a new sign-in, with the second factor.
    if (needs_second_factor(after) && !needs_second_factor(before)) end_sessions(view, "", *stored, decision);
    put_member(command.member, *stored, decision);
    return decision;
}

}  // namespace foorumi::membership
