#include "membership/parts.hpp"

namespace foorumi::membership {
namespace {

std::vector<std::string> keys_of_actor(const Actor& actor) {
    std::vector keys{member_key(actor.member), secret_key(actor.member)};
    if (!actor.session.empty()) keys.push_back(token_key(actor.session));
    return keys;
}

// The secret, where the password is still the one that was verified.
forum::Result<v1::DirectoryEntity> verified_secret(const Actor& actor, const std::string& verified, const View& view) {
    auto entity = entity_at(view, secret_key(actor.member));
    if (!entity.has_secret() || entity.secret().password() != verified) return wrong_credentials;
    return entity;
}

}  // namespace

Keys needs(const Actor& actor, const ChangePassword&) { return keys_of_actor(actor); }

forum::Result<Decision> decide(const Actor& actor, const ChangePassword& command, const View& view) {
    auto secret = verified_secret(actor, command.verified, view);
    if (secret.has_error()) return secret.error();
    auto member = member_at(view, actor.member);
    if (!member) return wrong_credentials;
    Decision decision;
    secret->mutable_secret()->set_password(command.password);
    secret->mutable_secret()->set_changed_ms(actor.now);
    decision.puts.push_back({secret_key(actor.member), secret->SerializeAsString(), {}});
    end_sessions(view, actor.session, *member, decision);
    put_member(actor.member, *member, decision);
    return decision;
}

Keys needs(const Actor& actor, const SetSecondFactor& command) {
    auto keys = keys_of_actor(actor);
    if (!command.token.empty()) keys.push_back(token_key(command.token));
    return keys;
}

// A pending sign-in, of one who had to set it up, becomes a whole one by it.
forum::Result<Decision> decide(const Actor& actor, const SetSecondFactor& command, const View& view) {
    auto secret = verified_secret(actor, command.verified, view);
    if (secret.has_error()) return secret.error();
    auto member = member_at(view, actor.member);
    const auto* card = actor.directory.member(actor.member);
    if (!member || card == nullptr) return wrong_credentials;
    if (command.totp.empty() && needs_second_factor(*card)) return forbidden("second_factor_required", "code");
    auto token = actor.session.empty() ? v1::DirectoryEntity() : entity_at(view, token_key(actor.session));
    if (!actor.session.empty() && !token.has_token()) return session_gone;
    // Another one was set up since: that one would have to be shown.
    if (secret->secret().totp() != command.shown)
        return Refusal{ErrorCode::unauthenticated, "credentials_invalid", "current", 0};
    // Who knows the password alone sets up the first one, and replaces none.
    if (token.token().pending() && !secret->secret().totp().empty()) return session_gone;
    Decision decision;
    auto& stored = *secret->mutable_secret();
    stored.set_totp(command.totp);
    stored.set_totp_step(command.totp_step);
    stored.mutable_recovery()->Assign(command.recovery.begin(), command.recovery.end());
    decision.puts.push_back({secret_key(actor.member), secret->SerializeAsString(), {}});
    member->set_second_factor(!command.totp.empty());
    // The others were not asked for it, or for another one.
    end_sessions(view, "", *member, decision);
    put_member(actor.member, *member, decision);
    if (!token.has_token()) return decision;
    auto& session = *token.mutable_token();
    if (session.pending()) session.set_expires_ms(actor.now + actor.limits.session_ms);
    session.set_pending(false);
    session.set_second_factor(!command.totp.empty());
    session.set_epoch(member->epoch());
    // What was shown to open less does not come to open more: another token takes its place.
    if (!command.token.empty()) decision.puts.push_back({token_key(actor.session), "", {}});
    decision.puts.push_back(
        {token_key(command.token.empty() ? actor.session : command.token), token.SerializeAsString(), {}});
    return decision;
}

}  // namespace foorumi::membership
