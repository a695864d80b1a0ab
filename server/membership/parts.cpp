#include "membership/parts.hpp"

#include <algorithm>
#include <stdexcept>

#include "auth/token.hpp"
#include "names/email.hpp"
#include "names/twins.hpp"

namespace foorumi::membership {

std::string token_key(std::string_view hash) { return "token:" + std::string(hash); }
std::string invitation_key(std::string_view hash) { return "invitation:" + std::string(hash); }
std::string secret_key(forum::Id member) { return "secret:" + std::to_string(member); }
std::string member_key(forum::Id member) { return "member:" + std::to_string(member); }
std::string term_key(forum::Id term) { return "term:" + std::to_string(term); }

std::string claim_key(const Actor& actor, NameKind kind, std::string_view name) {
    std::string text(actor.installation);
    text.push_back(static_cast<char>(kind));
    text.append(name);
    return "claim:" + auth::hash_token(text);
}

std::string_view session_id(std::string_view hash) { return hash.substr(0, session_id_length); }

v1::DirectoryEntity entity_at(const View& view, std::string_view key) {
    v1::DirectoryEntity entity;
    const auto bytes = view.at(key);
    if (!entity.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        throw std::runtime_error("directory entity " + std::string(key) + " cannot be read");
    return entity;
}

const forum::MemberCard* card_of(const Actor& actor) {
    return actor.member == 0 ? nullptr : actor.directory.member(actor.member);
}

bool is_administrator(const Actor& actor) {
    if (actor.member == 0) return true;
    const auto* card = card_of(actor);
    return card != nullptr && card->roles.has(forum::Role::administrator) && !forum::is_muted(*card, 0, actor.now);
}

bool is_contact(const Actor& actor) {
    const auto* card = card_of(actor);
    return card != nullptr && !card->contact_for.empty() && !forum::is_muted(*card, 0, actor.now);
}

forum::Result<void> not_restrained_in(const Actor& actor, forum::Id forum, const Refusal& as_if_absent) {
    const auto* card = card_of(actor);
    if (card == nullptr) return {};
    if (forum::is_shut_out(*card, forum, actor.now)) return as_if_absent;
    if (forum::is_muted(*card, forum, actor.now)) return forbidden("muted", "forum");
    return {};
}

forum::Result<void> check_power_in(const Actor& actor, forum::Id forum) {
    if (is_administrator(actor)) {
        if (forum == 0) return {};
        auto absent = not_found("forum_not_found", "forum");
        if (actor.directory.forum(forum) == nullptr) return absent;
        return not_restrained_in(actor, forum, absent);
    }
    if (forum == 0) return forbidden("administrators_only");
    const auto* card = card_of(actor);
    const auto* place = actor.directory.forum(forum);
    if (card == nullptr || place == nullptr || !forum::may_read_forum(actor.directory, *card, *place, actor.now))
        return not_found("forum_not_found", "forum");
    if (!forum::may_moderate(actor.directory, *card, forum, actor.now)) return forbidden("moderators_only", "forum");
    return {};
}

std::optional<v1::StoredMember> member_at(const View& view, forum::Id member) {
    auto entity = entity_at(view, member_key(member));
    if (!entity.has_member()) return std::nullopt;
    return std::move(*entity.mutable_member());
}

void put_member(forum::Id member, const v1::StoredMember& stored, Decision& decision) {
    v1::DirectoryEntity entity;
    *entity.mutable_member() = stored;
    decision.puts.push_back({member_key(member), entity.SerializeAsString(), {}});
}

void end_sessions(const View& view, std::string_view spared, v1::StoredMember& member, Decision& decision) {
    member.set_epoch(member.epoch() + 1);
    decision.takes_away = true;
    if (spared.empty()) return;
    auto entity = entity_at(view, token_key(spared));
    if (!entity.has_token()) return;
    entity.mutable_token()->set_epoch(member.epoch());
    decision.puts.push_back({token_key(spared), entity.SerializeAsString(), {}});
}

bool use_second_factor(const ShownFactor& shown, v1::StoredSecret& secret) {
    if (shown.totp_step != 0) {
        if (shown.totp_step <= secret.totp_step() || shown.totp != secret.totp()) return false;
        secret.set_totp_step(shown.totp_step);
    }
    if (!shown.recovery.empty()) {
        auto& codes = *secret.mutable_recovery();
        const auto found = std::ranges::find(codes, shown.recovery);
        if (found == codes.end()) return false;
        codes.erase(found);
    }
    return true;
}

std::vector<std::string> twin_claims(const Actor& actor, std::string_view name, std::string_view municipality) {
    const auto [folded, seen] = names::twin_keys(name);
    const auto within = std::string(municipality);
    return {claim_key(actor, NameKind::twin, within + "\nfolded\n" + folded),
            claim_key(actor, NameKind::twin, within + "\nseen\n" + seen)};
}

bool has_twin(const Actor& actor, forum::Id but, std::string_view name, std::string_view municipality) {
    const auto own = names::twin_keys(name);
    bool found = false;
    actor.directory.each_member(0, [&](const forum::MemberCard& other) {
        found = other.id != but && other.municipality == municipality &&
                names::are_twins(own, names::twin_keys(other.name));
        return !found;
    });
    return found;
}

std::vector<std::string> name_claims(const Actor& actor, std::string_view handle, std::string_view email,
                                     std::string_view name, std::string_view municipality) {
    std::vector<std::string> keys{claim_key(actor, NameKind::handle, handle),
                                  claim_key(actor, NameKind::email, names::email_key(email))};
    for (auto& key : twin_claims(actor, name, municipality)) keys.push_back(std::move(key));
    return keys;
}

bool is_lasting_administrator(const forum::MemberCard& member) {
    if (member.grants.empty()) return member.roles.has(forum::Role::administrator);
    return std::ranges::any_of(
        member.grants, [](const auto& grant) { return grant.role == forum::Role::administrator && grant.term == 0; });
}

bool other_administrator(const Actor& actor, forum::Id but) {
    bool found = false;
    actor.directory.each_member(0, [&](const forum::MemberCard& member) {
        found = member.id != but && member.erase_at == 0 && is_lasting_administrator(member) &&
                !forum::is_shut_out(member, 0, actor.now);
        return !found;
    });
    return found;
}

forum::Result<void> check_hash(std::string_view hash, std::string_view field) {
    const bool good = hash.size() == 64 && std::ranges::all_of(hash, [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
    if (!good) return invalid("hash_malformed", field);
    return {};
}

}  // namespace foorumi::membership
