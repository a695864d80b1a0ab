#include <algorithm>
#include <tuple>

#include "directory/codec.hpp"
#include "membership/parts.hpp"
#include "membership/sanctions.hpp"

namespace foorumi::membership {
namespace {

// The hash of the member's own sign-in that is seen as `id`; empty: there is none.
std::string hash_of(const Actor& actor, std::string_view id) {
    std::string found;
    actor.directory.each_session_of(actor.member, [&](std::string_view hash, const directory::SessionCard&) {
        if (session_id(hash) == id) found = hash;
        return found.empty();
    });
    return found;
}

bool is_over(const Actor& actor, const directory::SessionCard& card) {
    return !actor.directory.is_good(card, actor.now, actor.limits.session_idle_ms);
}

bool is_gone(const Actor& actor, forum::Id member) { return member != 0 && actor.directory.member(member) == nullptr; }

// Nobody accepts any more what an erased member has made, or what is of them.
bool is_over(const Actor& actor, const directory::InvitationCard& card) {
    return card.expires <= actor.now || is_gone(actor, card.by) || is_gone(actor, card.resets);
}

// The sign-ins that must go so that one more is within the limit: those that are over, then those that wait for the
// second factor (with the password alone nobody ends more than one whole sign-in), then the least recently used.
std::vector<std::string> surplus(const Actor& actor, forum::Id member, std::string_view spared) {
    std::vector<std::tuple<int, forum::Millis, std::string>> all;
    actor.directory.each_session_of(member, [&](std::string_view hash, const directory::SessionCard& card) {
        const int worth = is_over(actor, card) ? 0 : card.pending ? 1 : 2;
        if (card.expires != 0 && hash != spared) all.emplace_back(worth, card.used, hash);
        return true;
    });
    std::vector<std::string> gone;
    if (all.size() < actor.limits.sessions) return gone;
    std::ranges::sort(all);
    all.resize(all.size() + 1 - actor.limits.sessions);
    for (auto& [worth, used, hash] : all) gone.push_back(std::move(hash));
    return gone;
}

}  // namespace

Put new_session(const Actor& actor, forum::Id member, const SignIn& command) {
    v1::DirectoryEntity entity;
    auto& token = *entity.mutable_token();
    token.set_member(member);
    token.set_created_ms(actor.now);
    token.set_used_ms(actor.now);
    token.set_expires_ms(actor.now + (command.pending ? actor.limits.pending_ms : actor.limits.session_ms));
    token.set_device(command.device);
    token.set_pending(command.pending);
    token.set_second_factor(command.second_factor);
    if (const auto* card = actor.directory.member(member)) token.set_epoch(card->epoch);
    // DirectoryEntity.token.member, where only the commit knows it.
    return {token_key(command.token), entity.SerializeAsString(), member == 0 ? "\x72\x08" : ""};
}

Keys needs(const Actor& actor, const RevokeSessions& command) {
    if (command.sessions.size() > actor.limits.sessions) return limited("too_many_sessions", "sessions");
    if (command.others) return std::vector{member_key(actor.member), token_key(actor.session)};
    std::vector<std::string> keys;
    for (const auto& id : command.sessions) {
        const auto hash = hash_of(actor, id);
        if (hash.empty()) return not_found("session_not_found", "sessions");
        keys.push_back(token_key(hash));
    }
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const RevokeSessions& command, const View& view) {
    Decision decision;
    if (command.others) {
        auto member = member_at(view, actor.member);
        if (!member) return session_gone;
        end_sessions(view, actor.session, *member, decision);
        put_member(actor.member, *member, decision);
        return decision;
    }
    const auto keys = needs(actor, command);
    if (keys.has_error()) return keys.error();
    for (const auto& key : *keys)
        if (!view.at(key).empty()) decision.puts.push_back({key, "", {}});
    decision.takes_away = !decision.puts.empty();
    return decision;
}

Keys needs(const Actor& actor, const EndSessions& command) {
    if (!is_administrator(actor)) return forbidden("administrators_only");
    if (actor.directory.member(command.member) == nullptr) return not_found("member_not_found", "member");
    return std::vector{member_key(command.member)};
}

forum::Result<Decision> decide(const Actor& actor, const EndSessions& command, const View& view) {
    if (!is_administrator(actor)) return forbidden("administrators_only");
    auto member = member_at(view, command.member);
    if (!member) return not_found("member_not_found", "member");
    Decision decision;
    end_sessions(view, "", *member, decision);
    put_member(command.member, *member, decision);
    return decision;
}

Keys needs(const Actor& actor, const SignIn& command) {
    if (command.device.size() > actor.limits.device_bytes) return invalid("device_too_long", "device");
    std::vector keys{member_key(command.member), secret_key(command.member), token_key(command.token)};
    if (!command.replaces.empty()) keys.push_back(token_key(command.replaces));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const SignIn& command, const View& view) {
    const auto member = member_at(view, command.member);
    auto secret = entity_at(view, secret_key(command.member));
    const auto* card = actor.directory.member(command.member);
    if (!member || card == nullptr || card->epoch != member->epoch() || !secret.has_secret() ||
        secret.secret().password() != command.password)
        return wrong_credentials;
    if (auto refusal = shut_out(*card, actor.now)) return *refusal;
    // A second factor that is needed since the password was verified.
    if (!command.pending && !command.second_factor && (needs_second_factor(*card) || !secret.secret().totp().empty()))
        return wrong_credentials;
    Decision decision;
    if (!command.replaces.empty()) {
        const auto pending = entity_at(view, token_key(command.replaces));
        if (!pending.has_token() || !pending.token().pending() || pending.token().member() != command.member ||
            pending.token().expires_ms() <= actor.now || pending.token().epoch() != member->epoch())
            return session_gone;
        decision.puts.push_back({token_key(command.replaces), "", {}});
    }
    if (!command.rehashed.empty()) secret.mutable_secret()->set_password(command.rehashed);
    if (command.totp_step != 0 || !command.recovery.empty() || !command.rehashed.empty()) {
        if (!use_second_factor(command, *secret.mutable_secret())) return wrong_credentials;
        decision.puts.push_back({secret_key(command.member), secret.SerializeAsString(), {}});
    }
    for (const auto& hash : surplus(actor, command.member, command.replaces)) {
        decision.puts.push_back({token_key(hash), "", {}});
        decision.takes_away = true;
    }
    decision.puts.push_back(new_session(actor, command.member, command));
    return decision;
}

Keys needs(const Actor&, const SignOut& command) { return std::vector{token_key(command.token)}; }

forum::Result<Decision> decide(const Actor&, const SignOut& command, const View& view) {
    Decision decision;
    if (view.at(token_key(command.token)).empty()) return decision;
    decision.puts.push_back({token_key(command.token), "", {}});
    decision.takes_away = true;
    return decision;
}

Keys needs(const Actor&, const TouchSessions& command) {
    std::vector<std::string> keys;
    keys.reserve(command.tokens.size());
    for (const auto& hash : command.tokens) keys.push_back(token_key(hash));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const TouchSessions& command, const View& view) {
    Decision decision;
    for (const auto& hash : command.tokens) {
        auto entity = entity_at(view, token_key(hash));
        if (!entity.has_token() || entity.token().used_ms() >= actor.now) continue;
        entity.mutable_token()->set_used_ms(actor.now);
        decision.puts.push_back({token_key(hash), entity.SerializeAsString(), {}});
    }
    return decision;
}

std::vector<std::string> expired_keys(const Actor& actor, std::size_t limit) {
    std::vector<std::string> keys;
    actor.directory.each_session([&](std::string_view hash, const directory::SessionCard& card) {
        if (is_over(actor, card)) keys.push_back(token_key(hash));
        return keys.size() < limit;
    });
    actor.directory.each_invitation([&](std::string_view hash, const directory::InvitationCard& card) {
        if (keys.size() < limit && is_over(actor, card)) keys.push_back(invitation_key(hash));
        return keys.size() < limit;
    });
    return keys;
}

Keys needs(const Actor&, const ExpireAll& command) { return command.keys; }

// What was found expired may have been used, or moved to a new epoch, since.
forum::Result<Decision> decide(const Actor& actor, const ExpireAll& command, const View& view) {
    Decision decision;
    for (const auto& key : command.keys) {
        const auto entity = entity_at(view, key);
        if (entity.has_token()) {
            const auto card = directory::session_card(entity.token());
            const auto* member = actor.directory.member(card.member);
            if (card.alive(actor.now, actor.limits.session_idle_ms) && member != nullptr && member->epoch <= card.epoch)
                continue;
        } else if (!entity.has_invitation() || !is_over(actor, directory::invitation_card(entity.invitation()))) {
            continue;
        }
        decision.puts.push_back({key, "", {}});
    }
    decision.takes_away = !decision.puts.empty();
    return decision;
}

}  // namespace foorumi::membership
