#include <algorithm>
#include <vector>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"

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

void fill_standing(v1::Standing& out, const forum::MemberCard& card) {
    for (const auto& granted : membership::standing_of(card).grants) {
        auto& grant = *out.add_grants();
        grant.set_role(codec::to_proto(granted.role));
        grant.set_term(granted.term);
    }
    out.set_municipality(card.municipality);
    for (const auto& position : card.positions) codec::to_proto(position, *out.add_positions());
    for (const auto forum : card.moderates) out.add_moderates(forum);
    out.set_contact_for(card.contact_for);
}

void fill_record(v1::MemberRecords::Record& out, const forum::MemberCard& card, const Call& call) {
    const auto& directory = call.worker.directory();
    fill_member(*out.mutable_member(), card, directory, call.session.language);
    fill_standing(*out.mutable_standing(), card);
    out.set_second_factor(card.second_factor);
    std::uint32_t sessions = 0;
    directory.each_session_of(card.id, [&](std::string_view, const directory::SessionCard& session) {
        if (is_open(session, call.worker)) ++sessions;
        return true;
    });
    out.set_sessions(sessions);
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
    const auto& asked = call.request.list_invitations();
    const auto* member = member_of(call.worker, call.session);
    const auto sight = sight_of(member);
    if (sight.has_error()) return call.worker.dispatcher().refuse(call.origin, sight.error());
    const auto limit = page_size(call.worker, asked.limit());
    if (limit.has_error()) return call.worker.dispatcher().refuse(call.origin, limit.error());
    // Memory has them in no order: the page is of those that come next by id.
    std::vector<std::pair<std::string, const directory::InvitationCard*>> found;
    const auto now = call.worker.shared().clock.wall_ms();
    call.worker.directory().each_invitation([&](std::string_view hash, const directory::InvitationCard& card) {
        const auto id = membership::session_id(hash);
        if (card.expires > now && id > asked.after() && (sight->all || card.by == member->id))
            found.emplace_back(id, &card);
        return true;
    });
    std::ranges::sort(found);
    v1::Response response;
    auto& invitations = *response.mutable_invitations();
    invitations.set_more(found.size() > *limit);
    for (std::size_t n = 0; n < std::min(*limit, found.size()); ++n) {
        const auto& [id, card] = found[n];
        auto& out = *invitations.add_invitations();
        out.set_id(id);
        out.set_name(card->name);
        out.set_municipality(card->municipality);
        out.set_by(card->by);
        out.set_created_ms(card->created);
        out.set_expires_ms(card->expires);
        out.set_resets(card->resets);
    }
    call.worker.dispatcher().answer(call.origin, response);
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
