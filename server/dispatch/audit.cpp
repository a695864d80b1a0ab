#include "dispatch/audit.hpp"

#include <concepts>

#include "codec/entity_codec.hpp"
#include "codec/serialize.hpp"
#include "directory/codec.hpp"
#include "store/audit_chain.hpp"

namespace foorumi::dispatch {
namespace {

template <class Act, class... Acts>
concept one_of = (std::same_as<Act, Acts> || ...);

// What each act tells besides its name. True: it is one of power.
struct Told {
    v1::AuditRecord& record;
    forum::Id actor;

    bool operator()(const membership::EndSessions& act) const { return of(act.member); }
    bool operator()(const membership::Invite& act) const {
        record.set_invitation(std::string(membership::session_id(act.invitation)));
        fill_standing(*record.mutable_standing(), act.standing);
        return true;
    }
    bool operator()(const membership::IssueReset& act) const {
        record.set_invitation(std::string(membership::session_id(act.invitation)));
        record.set_clears_second_factor(act.clears_second_factor);
        return of(act.member);
    }
    bool operator()(const membership::WithdrawInvitation& act) const {
        record.set_invitation(act.invitation);
        return true;
    }
    bool operator()(const membership::SetStanding& act) const {
        fill_standing(*record.mutable_standing(), act.standing);
        return of(act.member);
    }
    bool operator()(const membership::PutTerm& act) const {
        if (act.term != 0) record.add_terms(act.term);
        record.set_first_day(act.first_day);
        record.set_last_day(act.last_day);
        return true;
    }
    bool operator()(const membership::TurnTerms& act) const {
        for (const auto term : act.terms) record.add_terms(term);
        return true;
    }
    bool operator()(const membership::SetAudience& act) const {
        record.set_forum(act.forum);
        record.set_room(act.room);
        if (act.audience) directory::audience_to(*act.audience, *record.mutable_audience());
        record.set_exposes_history(act.exposes_history);
        return true;
    }
    // As with a new term, what is created has its number from the commit, behind the digest.
    bool operator()(const membership::CreateForum& act) const {
        if (act.audience) directory::audience_to(*act.audience, *record.mutable_audience());
        return true;
    }
    bool operator()(const membership::CreateRoom& act) const {
        if (act.audience) directory::audience_to(*act.audience, *record.mutable_audience());
        return at(act.forum, 0);
    }
    bool operator()(const membership::DescribePlace& act) const { return at(act.forum, act.room); }
    bool operator()(const membership::OrderPlaces& act) const {
        record.mutable_places()->Assign(act.places.begin(), act.places.end());
        return at(act.forum, 0);
    }
    bool operator()(const membership::ArchivePlace& act) const {
        if (!act.reason.empty()) record.set_reason_digest(store::sha256(act.reason));
        return at(act.forum, act.room);
    }
    bool operator()(const membership::SetHold& act) const {
        record.set_thread(act.thread);
        record.set_reason_digest(store::sha256(act.reason));
        return at(0, act.room);
    }
    bool operator()(const membership::SetRetention& act) const {
        record.set_retention_days(act.days);
        return at(0, act.room);
    }
    bool operator()(const membership::EraseMember& act) const {
        if (act.removes_content)
            record.set_content(*act.removes_content ? v1::ERASED_CONTENT_REMOVED : v1::ERASED_CONTENT_KEPT);
        return of(act.member) && act.member != actor;
    }
    bool operator()(const membership::KeepMember& act) const { return of(act.member) && act.member != actor; }
    bool operator()(const membership::Erase& act) const { return of(act.member); }
    bool operator()(const membership::SetFilter& act) const { return at(act.forum, 0); }
    bool operator()(const membership::LiftFilter& act) const { return at(act.forum, 0); }
    bool operator()(const membership::Sanction& act) const { return of(act.member) && because(act.reason); }
    bool operator()(const membership::LiftSanction& act) const { return of(act.member) && because(act.reason); }

    // Their own, or time's. Each is named, so that a new act is not left out unseen.
    template <class Act>
        requires one_of<Act, membership::RevokeSessions, membership::SignIn, membership::SignOut,
                        membership::TouchSessions, membership::ExpireAll, membership::Accept,
                        membership::ChangePassword, membership::SetSecondFactor, membership::EndSweep,
                        membership::EndErasure, membership::ForgetSanctions>
    bool operator()(const Act& /*act*/) const {
        return false;
    }

   private:
    [[nodiscard]] bool at(forum::Id forum, forum::Id room) const {
        record.set_forum(forum);
        record.set_room(room);
        return true;
    }
    [[nodiscard]] bool of(forum::Id member) const {
        record.set_member(member);
        return true;
    }
    [[nodiscard]] bool because(const std::string& reason) const {
        if (!reason.empty()) record.set_reason_digest(store::sha256(reason));
        return true;
    }
};

std::string_view recorded_name(const MembershipCommand& command) {
    const auto* hold = std::get_if<membership::SetHold>(&command);
    if (hold != nullptr && !hold->held) return "lift_hold";
    const auto* archive = std::get_if<membership::ArchivePlace>(&command);
    return archive == nullptr || archive->archived ? name_of(command) : "restore_place";
}

}  // namespace

void fill_standing(v1::Standing& out, const membership::Standing& standing) {
    for (const auto& granted : standing.grants) {
        auto& grant = *out.add_grants();
        grant.set_role(codec::to_proto(granted.role));
        grant.set_term(granted.term);
    }
    out.set_municipality(standing.municipality);
    for (const auto& position : standing.positions) codec::to_proto(position, *out.add_positions());
    for (const auto forum : standing.moderates) out.add_moderates(forum);
    out.set_contact_for(standing.contact_for);
}

std::string audit_record(const MembershipCommand& command, forum::Id actor, forum::Millis now,
                         const std::optional<forum::Sanctioned>& sanction, const std::optional<forum::Filter>& filter) {
    v1::AuditRecord record;
    if (!std::visit(Told{record, actor}, command)) return {};
    if (sanction) {
        record.set_forum(sanction->forum);
        record.set_until_ms(sanction->until);
        record.set_sanction(sanction->number);
        record.set_sanction_kind(static_cast<v1::SanctionKind>(sanction->kind));
    }
    if (filter) {
        record.set_filter(filter->number);
        record.set_filter_kind(static_cast<v1::FilterKind>(filter->kind));
        record.set_filter_action(static_cast<v1::FilterAction>(filter->action));
        record.set_pattern_digest(store::sha256(filter->pattern));
    }
    record.set_at_ms(now);
    record.set_actor(actor);
    record.set_act(std::string(recorded_name(command)));
    return codec::serialize(record);
}

std::string audit_record(const forum::Act& act, std::string_view name, forum::Id actor, forum::Millis now) {
    v1::AuditRecord record;
    record.set_at_ms(now);
    record.set_actor(actor);
    record.set_act(std::string(name));
    record.set_forum(act.forum);
    record.set_room(act.room);
    record.set_thread(act.thread);
    record.set_message(act.message);
    record.set_member(act.member);
    record.set_slow_mode_s(act.slow_mode_s);
    codec::to_proto(act.write, *record.mutable_write());
    record.set_state(static_cast<v1::ThreadState>(act.state));
    record.set_until_ms(act.until);
    record.set_announcement(act.announcement);
    record.set_report(act.report);
    record.set_held(act.held);
    record.set_to_room(act.to_room);
    record.set_to_thread(act.to_thread);
    record.mutable_messages()->Assign(act.messages.begin(), act.messages.end());
    record.set_exposes_history(act.exposes_history);
    record.set_public_copy(act.public_copy);
    if (!act.reason.empty()) record.set_reason_digest(store::sha256(act.reason));
    return codec::serialize(record);
}

}  // namespace foorumi::dispatch
