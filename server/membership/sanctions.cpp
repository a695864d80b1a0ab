#include "membership/sanctions.hpp"

#include <algorithm>

#include "codec/entity_codec.hpp"
#include "directory/codec.hpp"
#include "forum/keys.hpp"
#include "forum/text.hpp"
#include "membership/parts.hpp"

namespace foorumi::membership {
namespace {

using forum::Millis;
using forum::SanctionKind;

// The last number of the inbox entries' keys.
constexpr forum::Version act_imposed = 1, act_lifted = 2;

bool shuts_out(SanctionKind kind) { return kind == SanctionKind::suspend || kind == SanctionKind::ban; }

// One that a later release wrote is as hard as any.
SanctionKind kind_of(const v1::SanctionRecord& sanction) {
    return codec::sanction_from_proto(sanction.kind()).value_or(SanctionKind::ban);
}

// Of a ban a suspension takes the place as well, and the other way round.
bool replaces(SanctionKind next, const v1::SanctionRecord& present) {
    const auto kind = kind_of(present);
    return next != SanctionKind::warn && (next == kind || (shuts_out(next) && shuts_out(kind)));
}

Refusal unknown_member() { return not_found("member_not_found", "member"); }

bool has_power_in(const forum::MemberCard& member, forum::Id forum) {
    return member.roles.has(forum::Role::administrator) ||
           std::ranges::find(member.moderates, forum) != member.moderates.end();
}

forum::Result<void> check_sanctioned(const Actor& actor, const forum::MemberCard* member, forum::Id forum) {
    if (member == nullptr) return unknown_member();
    if (member->id == actor.member) return forbidden("own_sanction", "member");
    if (!is_administrator(actor) && has_power_in(*member, forum)) return forbidden("member_moderates", "member");
    return {};
}

forum::Result<void> check_until(const Actor& actor, const Sanction& command) {
    const auto kind = *command.kind;
    if (command.until == 0) {
        if (kind == SanctionKind::suspend) return invalid("until_missing", "until_ms");
        return {};
    }
    if (kind == SanctionKind::warn || kind == SanctionKind::ban) return invalid("until_not_allowed", "until_ms");
    if (command.until <= actor.now) return invalid("until_in_past", "until_ms");
    if (command.until - actor.now > actor.limits.sanctions.longest_ms) return invalid("sanction_too_long", "until_ms");
    return {};
}

forum::Result<void> check_fields(const Actor& actor, const Sanction& command) {
    const auto& limits = actor.limits.sanctions;
    if (!command.kind) return invalid("sanction_unknown", "kind");
    if (auto checked = forum::check_text(command.reason, limits.reason_bytes, "reason"); checked.has_error())
        return checked;
    if (auto checked = forum::check_draft(command.appeal, limits.appeal_bytes, "appeal"); checked.has_error())
        return checked;
    return check_until(actor, command);
}

forum::Result<void> check_sanction(const Actor& actor, const Sanction& command, const forum::MemberCard* member) {
    if (auto checked = check_fields(actor, command); checked.has_error()) return checked;
    if (auto checked = check_power_in(actor, command.forum); checked.has_error()) return checked;
    return check_sanctioned(actor, member, command.forum);
}

// When it was over, or will be; 0: nobody knows. A warning is over when it is told.
Millis over_at(const v1::SanctionRecord& sanction) {
    if (sanction.ended_ms() != 0) return sanction.ended_ms();
    return kind_of(sanction) == SanctionKind::warn ? sanction.begun_ms() : sanction.until_ms();
}

bool is_kept(const Actor& actor, const v1::SanctionRecord& sanction) {
    const auto over = over_at(sanction);
    return over == 0 || actor.now - over < actor.limits.sanctions.keep_ms;
}

void forget_old(const Actor& actor, v1::StoredSanctions& stored) {
    auto& records = *stored.mutable_records();
    const auto gone = std::remove_if(records.begin(), records.end(),
                                     [&](const v1::SanctionRecord& record) { return !is_kept(actor, record); });
    records.erase(gone, records.end());
}

// The oldest that is over goes for each that is too many.
void keep_within(const Actor& actor, v1::StoredSanctions& stored) {
    auto& records = *stored.mutable_records();
    while (static_cast<std::size_t>(records.size()) > actor.limits.sanctions.records) {
        const auto over = std::find_if(records.begin(), records.end() - 1, [&](const v1::SanctionRecord& record) {
            return !is_in_force(record, actor.now);
        });
        if (over == records.end() - 1) return;
        records.erase(over);
    }
}

v1::SanctionRecord record_of(const Actor& actor, const Sanction& command, std::uint64_t number) {
    v1::SanctionRecord record;
    record.set_number(number);
    record.set_kind(static_cast<v1::SanctionKind>(*command.kind));
    record.set_forum(command.forum);
    record.set_begun_ms(actor.now);
    record.set_until_ms(command.until);
    record.set_reason(command.reason);
    record.set_appeal(command.appeal.empty() ? actor.limits.sanctions.appeal : command.appeal);
    record.set_by(actor.member);
    return record;
}

// What the member learns; not by whom.
void tell_sanctioned(const Actor& actor, forum::Id member, forum::InboxKind kind, const v1::SanctionRecord& record,
                     Decision& decision) {
    decision.sanction = {record.number(), kind_of(record), record.forum(), record.until_ms(), record.appeal()};
    forum::InboxEntry entry;
    entry.kind = kind;
    entry.created = actor.now;
    entry.reason = kind == forum::InboxKind::sanctioned ? record.reason() : record.end_reason();
    entry.sanction = decision.sanction;
    const auto act = kind == forum::InboxKind::sanctioned ? act_imposed : act_lifted;
    decision.effects.push_back({forum::member_channel(member), forum::act_inbox_key(0, record.number(), act),
                                std::move(entry), std::string(forum::inbox_index)});
}

void put_sanctions(forum::Id member, const v1::StoredSanctions& stored, Decision& decision) {
    v1::DirectoryEntity entity;
    *entity.mutable_sanctions() = stored;
    decision.puts.push_back({sanctions_key(member), entity.SerializeAsString(), {}});
}

v1::StoredSanctions sanctions_at(const View& view, forum::Id member) {
    auto entity = entity_at(view, sanctions_key(member));
    return std::move(*entity.mutable_sanctions());
}

bool moderates_something(const directory::Snapshot& directory, const forum::MemberCard& member, Millis now) {
    return std::ranges::any_of(member.moderates,
                               [&](forum::Id forum) { return forum::may_moderate(directory, member, forum, now); });
}

forum::Result<void> check_lift(const Actor& actor, const LiftSanction& command) {
    const auto limit = actor.limits.sanctions.reason_bytes;
    if (auto checked = forum::check_draft(command.reason, limit, "reason"); checked.has_error()) return checked;
    const auto* card = card_of(actor);
    if (!is_administrator(actor) && (card == nullptr || !moderates_something(actor.directory, *card, actor.now)))
        return forbidden("moderators_only", "member");
    if (actor.directory.member(command.member) == nullptr) return unknown_member();
    if (command.member == actor.member) return forbidden("own_sanction", "member");
    return {};
}

}  // namespace

std::string sanctions_key(forum::Id member) { return "sanctions:" + std::to_string(member); }

bool is_in_force(const v1::SanctionRecord& sanction, Millis now) {
    return kind_of(sanction) != SanctionKind::warn && sanction.ended_ms() == 0 &&
           (sanction.until_ms() == 0 || now < sanction.until_ms());
}

bool shuts_out_everywhere(const v1::SanctionRecord& sanction, Millis now) {
    return sanction.forum() == 0 && shuts_out(kind_of(sanction)) && is_in_force(sanction, now);
}

std::optional<Refusal> shut_out(const forum::MemberCard& member, Millis now) {
    if (!forum::is_shut_out(member, 0, now)) return std::nullopt;
    const bool banned = std::ranges::any_of(member.restraints, [](const auto& restraint) {
        return restraint.forum == 0 && restraint.kind == SanctionKind::ban;
    });
    return forbidden(banned ? "member_banned" : "member_suspended");
}

Keys needs(const Actor& actor, const Sanction& command) {
    const auto* member = actor.directory.member(command.member);
    if (auto checked = check_sanction(actor, command, member); checked.has_error()) return checked.error();
    return std::vector{member_key(command.member), sanctions_key(command.member)};
}

forum::Result<Decision> decide(const Actor& actor, const Sanction& command, const View& view) {
    auto member = member_at(view, command.member);
    if (!member) return unknown_member();
    auto card = directory::member_card(command.member, *member);
    forum::put_in_force(actor.directory, card);
    if (auto checked = check_sanction(actor, command, &card); checked.has_error()) return checked.error();
    const bool everywhere = command.forum == 0 && shuts_out(*command.kind);
    if (everywhere && is_lasting_administrator(card) && !other_administrator(actor, command.member))
        return forbidden("last_administrator", "member");
    auto stored = sanctions_at(view, command.member);
    forget_old(actor, stored);
    stored.set_last(stored.last() + 1);
    std::uint32_t active = *command.kind == SanctionKind::warn ? 0 : 1;
    for (auto& present : *stored.mutable_records()) {
        if (!is_in_force(present, actor.now)) continue;
        if (present.forum() != command.forum || !replaces(*command.kind, present)) {
            ++active;
            continue;
        }
        present.set_ended_ms(actor.now);
        present.set_ended_by(actor.member);
        present.set_replaced_by(stored.last());
    }
    // Of those that count everywhere there are two at most, and no moderator stands in the way of them.
    if (*command.kind != SanctionKind::warn && command.forum != 0 && active > actor.limits.sanctions.active)
        return limited("too_many_sanctions", "member");
    const auto& record = *stored.add_records() = record_of(actor, command, stored.last());
    Decision decision;
    tell_sanctioned(actor, command.member, forum::InboxKind::sanctioned, record, decision);
    keep_within(actor, stored);
    put_sanctions(command.member, stored, decision);
    decision.takes_away = true;
    if (!everywhere) return decision;
    end_sessions(view, "", *member, decision);
    put_member(command.member, *member, decision);
    return decision;
}

Keys needs(const Actor& actor, const LiftSanction& command) {
    if (auto checked = check_lift(actor, command); checked.has_error()) return checked.error();
    return std::vector{sanctions_key(command.member)};
}

// One of a place that the actor does not moderate is as if it was not there.
forum::Result<Decision> decide(const Actor& actor, const LiftSanction& command, const View& view) {
    if (auto checked = check_lift(actor, command); checked.has_error()) return checked.error();
    auto stored = sanctions_at(view, command.member);
    auto& records = *stored.mutable_records();
    const auto found = std::ranges::find(records, command.sanction, &v1::SanctionRecord::number);
    const auto* card = card_of(actor);
    if (found == records.end() ||
        (card != nullptr && !may_see_sanction(actor.directory, *card, command.member, *found, actor.now)))
        return not_found("sanction_not_found", "sanction");
    const auto& member = *actor.directory.member(command.member);
    if (auto checked = check_power_in(actor, found->forum()); checked.has_error())
        return not_found("sanction_not_found", "sanction");
    if (auto checked = check_sanctioned(actor, &member, found->forum()); checked.has_error()) return checked.error();
    const bool warning = kind_of(*found) == SanctionKind::warn;
    if (found->ended_ms() != 0 || (!warning && !is_in_force(*found, actor.now)))
        return forbidden("sanction_over", "sanction");
    found->set_ended_ms(actor.now);
    found->set_ended_by(actor.member);
    found->set_end_reason(command.reason);
    Decision decision;
    tell_sanctioned(actor, command.member, forum::InboxKind::sanction_lifted, *found, decision);
    put_sanctions(command.member, stored, decision);
    // So that no node refuses a change any more.
    decision.takes_away = true;
    return decision;
}

std::vector<forum::Id> sanctions_to_forget(const Actor& actor, std::size_t limit) {
    std::vector<forum::Id> members;
    actor.directory.each_sanctioned([&](const directory::SanctionsCard& card) {
        if (card.first_over != 0 && actor.now - card.first_over >= actor.limits.sanctions.keep_ms)
            members.push_back(card.member);
        return members.size() < limit;
    });
    return members;
}

Keys needs(const Actor&, const ForgetSanctions& command) {
    std::vector<std::string> keys;
    for (const auto member : command.members) keys.push_back(sanctions_key(member));
    return keys;
}

forum::Result<Decision> decide(const Actor& actor, const ForgetSanctions& command, const View& view) {
    Decision decision;
    for (const auto member : command.members) {
        auto stored = sanctions_at(view, member);
        const auto before = stored.records_size();
        forget_old(actor, stored);
        if (stored.records_size() < before) put_sanctions(member, stored, decision);
    }
    return decision;
}

forum::Result<void> may_list_sanctions(const directory::Snapshot& directory, const forum::MemberCard& viewer,
                                       forum::Id member, Millis now) {
    if (viewer.id == member) return {};
    if (!viewer.roles.has(forum::Role::administrator) && !moderates_something(directory, viewer, now))
        return forbidden("moderators_only", "member");
    if (directory.member(member) == nullptr) return unknown_member();
    return {};
}

bool may_see_sanction(const directory::Snapshot& directory, const forum::MemberCard& viewer, forum::Id member,
                      const v1::SanctionRecord& sanction, Millis now) {
    if (viewer.id == member || viewer.roles.has(forum::Role::administrator)) return true;
    return sanction.forum() != 0 && forum::may_moderate(directory, viewer, sanction.forum(), now);
}

}  // namespace foorumi::membership
