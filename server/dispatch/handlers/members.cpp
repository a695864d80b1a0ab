#include <algorithm>
#include <vector>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/audit.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/stored.pb.h"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// Of whom the asker may know what was granted to them: an administrator of all, a contact person of one municipality.
struct Sight {
    bool all = false;
    std::string municipality;
};

forum::Result<Sight> sight_of(const forum::MemberCard* member) {
    if (member != nullptr && member->roles.has(forum::Role::administrator)) return Sight{true, ""};
    if (member != nullptr && !member->contact_for.empty()) return Sight{false, member->contact_for};
    return Refusal{ErrorCode::forbidden, "administrators_only", "", 0};
}

void fill_session(v1::Sessions::Session& out, std::string_view hash, const directory::SessionCard& card) {
    out.set_id(std::string(membership::session_id(hash)));
    out.set_device(card.device);
    out.set_created_ms(card.created);
    out.set_used_ms(card.used);
    out.set_expires_ms(card.expires);
    out.set_second_factor(card.second_factor);
}

bool is_open(const directory::SessionCard& card, Worker& worker) {
    return !card.pending && worker.directory().is_good(card, worker.shared().clock.wall_ms(),
                                                       worker.settings().membership.session_idle_ms);
}

void fill_record(v1::MemberRecords::Record& out, const forum::MemberCard& card, const Call& call) {
    const auto& directory = call.worker.directory();
    fill_member(*out.mutable_member(), card, directory, call.session.language);
    fill_standing(*out.mutable_standing(), membership::standing_of(card));
    out.set_second_factor(card.second_factor);
    std::uint32_t sessions = 0;
    directory.each_session_of(card.id, [&](std::string_view, const directory::SessionCard& session) {
        if (is_open(session, call.worker)) ++sessions;
        return true;
    });
    out.set_sessions(sessions);
    fill_erasure(out, card);
}

bool sees_invitation(const Sight& sight, forum::Id member, forum::Id by) { return sight.all || by == member; }

// The keys of the open ones that the asker may see and whose ids come next, ascending. Memory has them in no order.
std::vector<std::string> invitations_behind(const Call& call, const Sight& sight, std::string_view after) {
    std::vector<std::string> keys;
    const auto now = call.worker.shared().clock.wall_ms();
    call.worker.directory().each_invitation([&](std::string_view hash, const directory::InvitationCard& card) {
        if (card.expires > now && membership::session_id(hash) > after &&
            sees_invitation(sight, call.session.member, card.by))
            keys.push_back(membership::invitation_key(hash));
        return true;
    });
    std::ranges::sort(keys);
    return keys;
}

void fill_invitation(v1::Invitations::Invitation& out, std::string_view hash, const v1::StoredInvitation& stored,
                     const directory::Snapshot& directory) {
    const auto* resets = directory.member(stored.resets());
    out.set_id(std::string(membership::session_id(hash)));
    out.set_name(stored.member().name());
    out.set_municipality(stored.member().municipality());
    out.set_by(stored.by());
    out.set_created_ms(stored.created_ms());
    out.set_expires_ms(stored.expires_ms());
    out.set_resets(stored.resets());
    out.set_handle(resets != nullptr ? resets->handle : stored.member().handle());
    out.set_email(stored.email());
}

// What the asker has lost sight of meanwhile is left out, and so are invitations that are gone.
void answer_invitations(Worker& worker, const Origin& origin, const store::EntitiesResult& found, bool more) {
    const auto* session = origin.anchor->session;
    if (session == nullptr) return;
    const auto sight = sight_of(member_of(worker, *session));
    if (sight.has_error()) return worker.dispatcher().refuse(origin, sight.error());
    v1::Response response;
    auto& invitations = *response.mutable_invitations();
    invitations.set_more(more);
    auto bytes_left = worker.settings().answer_bytes();
    constexpr std::string_view kind = "invitation:";
    for (const auto& stored : found.entities) {
        v1::DirectoryEntity entity;
        if (!entity.ParseFromString(stored.bytes) || !entity.has_invitation()) continue;
        if (!sees_invitation(*sight, session->member, entity.invitation().by())) continue;
        v1::Invitations::Invitation one;
        fill_invitation(one, std::string_view(stored.key).substr(kind.size()), entity.invitation(), worker.directory());
        const auto bytes = one.ByteSizeLong();
        if (bytes > bytes_left && invitations.invitations_size() > 0) {
            invitations.set_more(true);
            break;
        }
        bytes_left -= std::min(bytes, bytes_left);
        *invitations.add_invitations() = std::move(one);
    }
    worker.dispatcher().answer(origin, response);
}

}  // namespace

void handle_list_sessions(const Call& call) {
    const auto* member = member_of(call.worker, call.session);
    v1::Response response;
    auto& sessions = *response.mutable_sessions()->mutable_sessions();
    if (member != nullptr)
        call.worker.directory().each_session_of(member->id,
                                                [&](std::string_view hash, const directory::SessionCard& card) {
                                                    if (!is_open(card, call.worker)) return true;
                                                    auto& out = *sessions.Add();
                                                    fill_session(out, hash, card);
                                                    out.set_current(hash == call.session.token_hash);
                                                    return true;
                                                });
    std::ranges::sort(sessions, [](const auto& a, const auto& b) { return a.used_ms() > b.used_ms(); });
    call.worker.dispatcher().answer(call.origin, response);
}

void handle_list_terms(const Call& call) {
    v1::Response response;
    auto& terms = *response.mutable_terms();
    for (const auto* card : call.worker.directory().terms()) {
        auto& out = *terms.add_terms();
        out.set_id(card->id);
        out.set_name(card->name);
        out.set_first_day(card->first_day);
        out.set_last_day(card->last_day);
        out.set_current(card->current);
    }
    call.worker.dispatcher().answer(call.origin, response);
}

void handle_list_members(const Call& call) {
    const auto& asked = call.request.list_members();
    const auto sight = sight_of(member_of(call.worker, call.session));
    if (sight.has_error()) return call.worker.dispatcher().refuse(call.origin, sight.error());
    const auto limit = page_size(call.worker, asked.limit());
    if (limit.has_error()) return call.worker.dispatcher().refuse(call.origin, limit.error());
    v1::Response response;
    auto& records = *response.mutable_member_records();
    auto bytes_left = call.worker.settings().answer_bytes();
    call.worker.directory().each_member(asked.after(), [&](const forum::MemberCard& card) {
        if (!sight->all && card.municipality != sight->municipality) return true;
        if (!asked.municipality().empty() && card.municipality != asked.municipality()) return true;
        v1::MemberRecords::Record record;
        fill_record(record, card, call);
        const auto bytes = record.ByteSizeLong();
        const auto count = static_cast<std::size_t>(records.records_size());
        if (count == *limit || (bytes > bytes_left && count > 0)) {
            records.set_more(true);
            return false;
        }
        bytes_left -= std::min(bytes, bytes_left);
        *records.add_records() = std::move(record);
        return true;
    });
    call.worker.dispatcher().answer(call.origin, response);
}

void handle_list_invitations(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.list_invitations();
    const auto sight = sight_of(member_of(worker, call.session));
    if (sight.has_error()) return worker.dispatcher().refuse(call.origin, sight.error());
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    auto page = invitations_behind(call, *sight, asked.after());
    const bool more = page.size() > *limit;
    page.resize(std::min(*limit, page.size()));
    if (page.empty()) {
        v1::Response nothing;
        nothing.mutable_invitations();
        return worker.dispatcher().answer(call.origin, nothing);
    }
    // Addresses are in the store alone.
    worker.read_entities(std::string(forum::directory_channel), page,
                         [&worker, origin = call.origin, more](store::ReadOutcome<store::EntitiesResult> outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                             answer_invitations(worker, origin, outcome.result, more);
                         });
}

void handle_list_municipalities(const Call& call) {
    const auto& asked = call.request.list_municipalities();
    const auto limit = page_size(call.worker, asked.limit());
    if (limit.has_error()) return call.worker.dispatcher().refuse(call.origin, limit.error());
    std::vector<const directory::MunicipalityCard*> found = call.worker.directory().municipalities();
    std::erase_if(found, [&](const auto* card) { return card->code <= asked.after(); });
    v1::Response response;
    auto& municipalities = *response.mutable_municipalities();
    municipalities.set_more(found.size() > *limit);
    found.resize(std::min(*limit, found.size()));
    for (const auto* card : found) {
        auto& out = *municipalities.add_municipalities();
        out.set_code(card->code);
        out.set_name_fi(card->name_fi);
        out.set_name_sv(card->name_sv);
        out.set_population(card->population);
        out.set_size(codec::to_proto(forum::municipality_size(card->population)));
    }
    call.worker.dispatcher().answer(call.origin, response);
}

}  // namespace foorumi::dispatch
