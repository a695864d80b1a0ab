#include <algorithm>

#include "directory/codec.hpp"
#include "membership/parts.hpp"
#include "names/display_name.hpp"
#include "names/email.hpp"
#include "names/handle.hpp"

namespace foorumi::membership {
namespace {

const Refusal no_invitation = not_found("invitation_not_found", "invitation");

std::vector<std::string> claims(const Actor& actor, const v1::StoredMember& member, std::string_view email) {
    return name_claims(actor, member.handle(), email, member.name(), member.municipality());
}

// Nothing: all are free.
std::optional<Refusal> taken(const Actor& actor, const v1::StoredMember& member, const std::vector<std::string>& keys,
                             const View& view) {
    if (!view.at(keys[0]).empty() || actor.directory.member_by_handle(member.handle()) != nullptr)
        return Refusal{ErrorCode::conflict, "handle_taken", "handle", 0};
    if (!view.at(keys[1]).empty()) return Refusal{ErrorCode::conflict, "email_taken", "email", 0};
    if (!view.at(keys[2]).empty() || !view.at(keys[3]).empty() ||
        has_twin(actor, 0, member.name(), member.municipality()))
        return Refusal{ErrorCode::conflict, "name_taken", "name", 0};
    return std::nullopt;
}

void note_maker(const Actor& actor, v1::StoredInvitation& invitation) {
    invitation.set_by(actor.member);
    if (const auto* card = card_of(actor)) invitation.set_by_epoch(card->epoch);
}

forum::Result<v1::StoredInvitation> invitation_of(const Actor& actor, const Invite& command) {
    if (auto checked = check_hash(command.invitation, "invitation"); checked.has_error()) return checked.error();
    auto name = names::normal_display_name(command.name, actor.limits.names);
    if (name.has_error()) return name.error();
    if (auto checked = names::check_handle(command.handle, actor.limits.names); checked.has_error())
        return checked.error();
    if (auto checked = names::check_email(command.email); checked.has_error()) return checked.error();
    if (auto checked = check_standing(actor, command.standing, nullptr); checked.has_error()) return checked.error();
    if (command.valid_ms < 0 || command.valid_ms > actor.limits.invitation_ms)
        return invalid("invitation_too_long", "valid_hours");
    v1::StoredInvitation out;
    out.set_email(names::normal_email(command.email));
    out.set_created_ms(actor.now);
    out.set_expires_ms(actor.now + (command.valid_ms == 0 ? actor.limits.invitation_ms : command.valid_ms));
    note_maker(actor, out);
    out.mutable_member()->set_name(*name);
    out.mutable_member()->set_handle(command.handle);
    put_standing(command.standing, *out.mutable_member());
    return out;
}

// Contact persons have a limit of their own, and none of the limits keeps the operator out.
bool too_many_open(const Actor& actor) {
    if (actor.member == 0) return false;
    std::size_t all = 0, own = 0;
    actor.directory.each_invitation([&](std::string_view, const directory::InvitationCard& card) {
        if (card.expires <= actor.now) return true;
        ++all;
        if (card.by == actor.member) ++own;
        return true;
    });
    return all >= actor.limits.invitations || (!is_administrator(actor) && own >= actor.limits.contact_invitations);
}

forum::Result<Decision> put_invitation(const Actor& actor, const std::string& hash, v1::StoredInvitation invitation,
                                       const View& view) {
    if (!view.at(invitation_key(hash)).empty())
        return Refusal{ErrorCode::conflict, "invitation_exists", "invitation", 0};
    if (too_many_open(actor)) return limited("too_many_invitations", "invitation");
    v1::DirectoryEntity entity;
    *entity.mutable_invitation() = std::move(invitation);
    Decision decision;
    decision.puts.push_back({invitation_key(hash), entity.SerializeAsString(), {}});
    return decision;
}

// The full hash of the invitation that is seen as `id`; empty: there is none that the actor may see.
std::string visible_invitation(const Actor& actor, std::string_view id) {
    std::string found;
    const auto* card = card_of(actor);
    actor.directory.each_invitation([&](std::string_view hash, const directory::InvitationCard& invitation) {
        const bool own = card != nullptr && !card->contact_for.empty() && invitation.by == actor.member;
        if (session_id(hash) == id && (own || is_administrator(actor))) found = hash;
        return found.empty();
    });
    return found;
}

// It is pending where the new member must set up a second factor first.
SignIn first_sign_in(const Accept& command, const v1::StoredMember& member) {
    SignIn sign_in;
    sign_in.pending = needs_second_factor(directory::member_card(0, member));
    sign_in.token = command.token;
    sign_in.device = command.device;
    return sign_in;
}

// A new password ends all sign-ins of before.
forum::Result<Decision> reset_password(const Actor& actor, const Accept& command,
                                       const v1::StoredInvitation& invitation, const View& view) {
    const auto id = invitation.resets();
    auto member = member_at(view, id);
    auto secret = entity_at(view, secret_key(id));
    // A link of before the last password was for something that is over; one that clears the second factor as well must
    // not meet another one.
    if (!member || !secret.has_secret() || secret.secret().changed_ms() > invitation.created_ms()) return no_invitation;
    if (invitation.clears_second_factor() && member->epoch() != invitation.member().epoch()) return no_invitation;
    Decision decision;
    end_sessions(view, "", *member, decision);
    if (invitation.clears_second_factor()) {
        member->set_second_factor(false);
        secret.mutable_secret()->clear_totp();
        secret.mutable_secret()->clear_recovery();
    }
    put_member(id, *member, decision);
    secret.mutable_secret()->set_password(command.password);
    secret.mutable_secret()->set_changed_ms(actor.now);
    decision.puts.push_back({secret_key(id), secret.SerializeAsString(), {}});
    decision.puts.push_back({invitation_key(command.invitation), "", {}});
    return decision;
}

forum::Result<Decision> new_member(const Actor& actor, const Accept& command, const v1::StoredInvitation& invitation,
                                   const std::vector<std::string>& keys, const View& view) {
    if (auto refusal = taken(actor, invitation.member(), keys, view)) return *refusal;
    Decision decision;
    v1::DirectoryEntity member;
    *member.mutable_member() = invitation.member();
    member.mutable_member()->set_joined_ms(actor.now);
    decision.puts.push_back({"member:@", member.SerializeAsString(), {}});
    v1::DirectoryEntity secret;
    secret.mutable_secret()->set_password(command.password);
    secret.mutable_secret()->set_email(invitation.email());
    secret.mutable_secret()->set_changed_ms(actor.now);
    decision.puts.push_back({"secret:@", secret.SerializeAsString(), {}});
    for (const auto& key : keys) decision.puts.push_back({key, "", "\x0a\x08"});  // DirectoryEntity.claim.member
    decision.puts.push_back({invitation_key(command.invitation), "", {}});
    if (!command.token.empty())
        decision.puts.push_back(new_session(actor, 0, first_sign_in(command, invitation.member())));
    return decision;
}

}  // namespace

bool is_meant(const Actor& actor, const v1::StoredInvitation& invitation) {
    if (invitation.expires_ms() <= actor.now) return false;
    if (invitation.by() == 0) return true;
    const Actor maker{invitation.by(), {}, actor.directory, actor.now, actor.limits, actor.installation};
    const auto* card = card_of(maker);
    if (card == nullptr || forum::is_shut_out(*card, 0, actor.now)) return false;
    const bool same_sign_ins = card->epoch == invitation.by_epoch();
    if (invitation.resets() != 0) return is_administrator(maker) && same_sign_ins;
    const auto becomes = directory::member_card(0, invitation.member());
    return check_standing(maker, standing_of(becomes), nullptr).has_value() &&
           (same_sign_ins || !needs_second_factor(becomes));
}

Keys needs(const Actor& actor, const Invite& command) {
    auto invitation = invitation_of(actor, command);
    if (invitation.has_error()) return invitation.error();
    auto keys = claims(actor, invitation->member(), invitation->email());
    keys.push_back(invitation_key(command.invitation));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const Invite& command, const View& view) {
    auto invitation = invitation_of(actor, command);
    if (invitation.has_error()) return invitation.error();
    const auto keys = claims(actor, invitation->member(), invitation->email());
    if (auto refusal = taken(actor, invitation->member(), keys, view)) return *refusal;
    return put_invitation(actor, command.invitation, std::move(*invitation), view);
}

Keys needs(const Actor& actor, const IssueReset& command) {
    if (!is_administrator(actor)) return forbidden("administrators_only");
    if (auto checked = check_hash(command.invitation, "invitation"); checked.has_error()) return checked.error();
    if (actor.directory.member(command.member) == nullptr) return not_found("member_not_found", "member");
    return std::vector{invitation_key(command.invitation), secret_key(command.member), member_key(command.member)};
}

forum::Result<Decision> decide(const Actor& actor, const IssueReset& command, const View& view) {
    if (!is_administrator(actor)) return forbidden("administrators_only");
    const auto member = member_at(view, command.member);
    if (!member || !entity_at(view, secret_key(command.member)).has_secret())
        return not_found("member_not_found", "member");
    v1::StoredInvitation invitation;
    invitation.set_created_ms(actor.now);
    invitation.set_expires_ms(actor.now + actor.limits.reset_ms);
    note_maker(actor, invitation);
    invitation.set_resets(command.member);
    invitation.mutable_member()->set_name(member->name());
    invitation.mutable_member()->set_municipality(member->municipality());
    invitation.mutable_member()->set_epoch(member->epoch());
    invitation.set_clears_second_factor(command.clears_second_factor);
    return put_invitation(actor, command.invitation, std::move(invitation), view);
}

Keys needs(const Actor& actor, const WithdrawInvitation& command) {
    const auto hash = visible_invitation(actor, command.invitation);
    if (hash.empty()) return no_invitation;
    return std::vector{invitation_key(hash)};
}

forum::Result<Decision> decide(const Actor& actor, const WithdrawInvitation& command, const View& view) {
    const auto hash = visible_invitation(actor, command.invitation);
    if (hash.empty() || view.at(invitation_key(hash)).empty()) return no_invitation;
    Decision decision;
    decision.puts.push_back({invitation_key(hash), "", {}});
    return decision;
}

// What the invitation names is in the store alone; the caller has read it, and gives it along.
Keys needs(const Actor& actor, const Accept& command) {
    if (check_hash(command.invitation, "invitation").has_error()) return no_invitation;
    if (command.device.size() > actor.limits.device_bytes) return invalid("device_too_long", "device");
    std::vector keys{invitation_key(command.invitation)};
    v1::DirectoryEntity entity;
    if (!entity.ParseFromString(command.stored) || !entity.has_invitation()) return no_invitation;
    const auto& invitation = entity.invitation();
    if (invitation.resets() != 0) {
        keys.push_back(member_key(invitation.resets()));
        keys.push_back(secret_key(invitation.resets()));
        return keys;
    }
    for (auto& key : claims(actor, invitation.member(), invitation.email())) keys.push_back(std::move(key));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const Accept& command, const View& view) {
    if (view.at(invitation_key(command.invitation)) != command.stored) return no_invitation;
    const auto entity = entity_at(view, invitation_key(command.invitation));
    if (!entity.has_invitation() || !is_meant(actor, entity.invitation())) return no_invitation;
    const auto& invitation = entity.invitation();
    if (invitation.resets() != 0) return reset_password(actor, command, invitation, view);
    return new_member(actor, command, invitation, claims(actor, invitation.member(), invitation.email()), view);
}

}  // namespace foorumi::membership
