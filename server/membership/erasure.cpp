#include <algorithm>
#include <iterator>

#include "directory/codec.hpp"
#include "membership/parts.hpp"
#include "membership/sanctions.hpp"

namespace foorumi::membership {
namespace {

Refusal no_member() { return not_found("member_not_found", "member"); }

bool is_own(const Actor& actor, forum::Id member) { return actor.member != 0 && actor.member == member; }

// Whether the network would be without an administrator, of whom there must be one to mend anything.
bool is_needed(const Actor& actor, const forum::MemberCard& member) {
    return is_lasting_administrator(member) && !other_administrator(actor, member.id);
}

bool is_due(const Actor& actor, const forum::MemberCard& member) {
    return member.erase_at != 0 && member.erase_at <= actor.now && !is_needed(actor, member);
}

// Whether the member has shown who they are, with what is stored now.
bool shows(const EraseMember& command, v1::StoredSecret& secret) {
    if (secret.password() != command.verified) return false;
    const bool shown = command.shown.totp_step != 0 || !command.shown.recovery.empty();
    return secret.totp().empty() || (shown && use_second_factor(command.shown, secret));
}

// Those that are the member's. Nobody else may take them before the erasure has ended.
std::vector<std::string> own_claims(const View& view, forum::Id member, const std::vector<std::string>& keys) {
    std::vector<std::string> own;
    std::ranges::copy_if(keys, std::back_inserter(own),
                         [&](const auto& key) { return entity_at(view, key).claim().member() == member; });
    return own;
}

}  // namespace

std::string erasure_key(forum::Id member) { return "erased:" + std::to_string(member); }

Keys needs(const Actor& actor, const EraseMember& command) {
    const bool own = is_own(actor, command.member);
    if (!own && !is_administrator(actor)) return forbidden("administrators_only");
    if (own && command.verified.empty()) return forbidden("own_erasure", "member");
    if (actor.directory.member(command.member) == nullptr) return no_member();
    std::vector keys{member_key(command.member)};
    if (own) keys.push_back(secret_key(command.member));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const EraseMember& command, const View& view) {
    auto member = member_at(view, command.member);
    if (!member) return no_member();
    auto secret = v1::DirectoryEntity();
    if (!command.verified.empty()) {
        secret = entity_at(view, secret_key(command.member));
        if (!shows(command, *secret.mutable_secret())) return wrong_credentials;
    }
    if (is_needed(actor, directory::member_card(command.member, *member)))
        return forbidden("last_administrator", "member");
    const bool removes = command.removes_content.value_or(
        member->erase_at_ms() != 0 ? member->erase_removes() : actor.limits.erasure_removes_content);
    Decision decision;
    if (!secret.secret().totp().empty())
        decision.puts.push_back({secret_key(command.member), secret.SerializeAsString(), {}});
    if (member->erase_at_ms() != 0 && member->erase_removes() == removes) return decision;
    if (member->erase_at_ms() == 0) member->set_erase_at_ms(actor.now + actor.limits.erasure_grace_ms);
    member->set_erase_removes(removes);
    put_member(command.member, *member, decision);
    // Of two administrators who both go, the second finds that they are the last one.
    decision.takes_away = is_lasting_administrator(directory::member_card(command.member, *member));
    return decision;
}

Keys needs(const Actor& actor, const KeepMember& command) {
    if (!is_own(actor, command.member) && !is_administrator(actor)) return forbidden("administrators_only");
    if (actor.directory.member(command.member) == nullptr) return no_member();
    return std::vector{member_key(command.member)};
}

forum::Result<Decision> decide(const Actor&, const KeepMember& command, const View& view) {
    auto member = member_at(view, command.member);
    if (!member) return no_member();
    Decision decision;
    if (member->erase_at_ms() == 0) return decision;
    member->clear_erase_at_ms();
    member->clear_erase_removes();
    put_member(command.member, *member, decision);
    return decision;
}

std::vector<forum::Id> members_to_erase(const Actor& actor) {
    std::vector<forum::Id> due;
    actor.directory.each_member(0, [&](const forum::MemberCard& member) {
        if (is_due(actor, member)) due.push_back(member.id);
        return true;
    });
    return due;
}

Keys needs(const Actor& actor, const Erase& command) {
    const auto* card = actor.directory.member(command.member);
    if (card == nullptr) return no_member();
    std::vector keys{member_key(command.member), secret_key(command.member), sanctions_key(command.member)};
    // First the handle's.
    for (auto& key : name_claims(actor, card->handle, command.email, card->name, card->municipality))
        keys.push_back(std::move(key));
    for (const auto& key : command.claims)
        if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    return keys;
}

// The sign-ins and the invitations that are left are over by this, and are cleared away as such.
forum::Result<Decision> decide(const Actor& actor, const Erase& command, const View& view) {
    const auto keys = needs(actor, command);
    if (keys.has_error()) return keys.error();
    Decision decision;
    const auto member = member_at(view, command.member);
    const auto secret = entity_at(view, secret_key(command.member));
    if (!member || !is_due(actor, directory::member_card(command.member, *member)) ||
        secret.secret().email() != command.email)
        return decision;
    const std::vector<std::string> names(keys->begin() + 3, keys->end());
    auto claims = own_claims(view, command.member, names);
    // Of a member who came in before there were claims the handle is held now.
    if (view.at(names.front()).empty()) {
        v1::DirectoryEntity claim;
        claim.mutable_claim()->set_member(command.member);
        decision.puts.push_back({names.front(), claim.SerializeAsString(), {}});
        claims.push_back(names.front());
    }
    v1::DirectoryEntity erasure;
    erasure.mutable_erasure()->set_removes(member->erase_removes());
    erasure.mutable_erasure()->set_handle(member->handle());
    erasure.mutable_erasure()->mutable_claims()->Assign(claims.begin(), claims.end());
    decision.puts.push_back({member_key(command.member), "", {}});
    decision.puts.push_back({secret_key(command.member), "", {}});
    if (!view.at(sanctions_key(command.member)).empty())
        decision.puts.push_back({sanctions_key(command.member), "", {}});
    decision.puts.push_back({erasure_key(command.member), erasure.SerializeAsString(), {}});
    decision.takes_away = true;
    return decision;
}

Keys needs(const Actor& actor, const EndSweep& command) {
    if (actor.directory.erasure(command.member) == nullptr) return no_member();
    return std::vector{erasure_key(command.member)};
}

// Fenced: a node that still goes through the channels commits nothing more.
forum::Result<Decision> decide(const Actor&, const EndSweep& command, const View& view) {
    auto entity = entity_at(view, erasure_key(command.member));
    Decision decision;
    if (!entity.has_erasure() || entity.erasure().handle().empty()) return decision;
    entity.mutable_erasure()->clear_handle();
    decision.puts.push_back({erasure_key(command.member), entity.SerializeAsString(), {}});
    decision.takes_away = true;
    return decision;
}

Keys needs(const Actor& actor, const EndErasure& command) {
    const auto* card = actor.directory.erasure(command.member);
    if (card == nullptr) return no_member();
    std::vector keys{erasure_key(command.member)};
    keys.insert(keys.end(), card->claims.begin(), card->claims.end());
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const EndErasure& command, const View& view) {
    const auto keys = needs(actor, command);
    if (keys.has_error()) return keys.error();
    Decision decision;
    const auto entity = entity_at(view, keys->front());
    if (!entity.has_erasure() || !entity.erasure().handle().empty()) return decision;
    for (auto& key : own_claims(view, command.member, {keys->begin() + 1, keys->end()}))
        decision.puts.push_back({std::move(key), "", {}});
    decision.puts.push_back({keys->front(), "", {}});
    return decision;
}

}  // namespace foorumi::membership
