#include "membership/sanctions.hpp"

#include <algorithm>

#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/stored.pb.h"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;

struct SanctionsRead {
    forum::Id member = 0;
    std::uint64_t after = 0;
    std::size_t limit = 0;
};

// Whose they are is not told by whom.
v1::SanctionRecord told_to(const forum::MemberCard& viewer, const SanctionsRead& asked,
                           const v1::SanctionRecord& stored, forum::Millis now) {
    auto record = stored;
    record.set_in_force(membership::is_in_force(stored, now));
    if (viewer.id != asked.member) return record;
    record.clear_by();
    record.clear_ended_by();
    return record;
}

// Who may not any more, meanwhile, is told nothing.
void answer_sanctions(Worker& worker, const Origin& origin, const SanctionsRead& asked,
                      const v1::StoredSanctions& stored) {
    const auto* session = origin.anchor->session;
    if (session == nullptr) return;
    const auto* viewer = member_of(worker, *session);
    if (viewer == nullptr)
        return worker.dispatcher().refuse(origin, {ErrorCode::unauthenticated, "token_invalid", "", 0});
    const auto& directory = worker.directory();
    const auto now = worker.shared().clock.wall_ms();
    if (const auto may = membership::may_list_sanctions(directory, *viewer, asked.member, now); may.has_error())
        return worker.dispatcher().refuse(origin, may.error());
    v1::Response response;
    auto& page = *response.mutable_sanctions();
    auto bytes_left = worker.settings().answer_bytes();
    for (const auto& record : stored.records()) {
        if (record.number() <= asked.after ||
            !membership::may_see_sanction(directory, *viewer, asked.member, record, now))
            continue;
        auto told = told_to(*viewer, asked, record, now);
        const auto bytes = told.ByteSizeLong();
        const auto count = static_cast<std::size_t>(page.sanctions_size());
        if (count == asked.limit || (bytes > bytes_left && count > 0)) {
            page.set_more(true);
            break;
        }
        bytes_left -= std::min(bytes, bytes_left);
        *page.add_sanctions() = std::move(told);
    }
    worker.dispatcher().answer(origin, response);
}

}  // namespace

void handle_list_sanctions(const Call& call) {
    auto& worker = call.worker;
    const auto& request = call.request.list_sanctions();
    const auto* viewer = member_of(worker, call.session);
    if (viewer == nullptr)
        return worker.dispatcher().refuse(call.origin, {ErrorCode::unauthenticated, "token_invalid", "", 0});
    SanctionsRead asked{request.member() == 0 ? viewer->id : request.member(), request.after()};
    const auto may =
        membership::may_list_sanctions(worker.directory(), *viewer, asked.member, worker.shared().clock.wall_ms());
    if (may.has_error()) return worker.dispatcher().refuse(call.origin, may.error());
    const auto limit = page_size(worker, request.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    asked.limit = *limit;
    // Their texts are in the store alone.
    worker.read_entities(std::string(forum::directory_channel), {membership::sanctions_key(asked.member)},
                         [&worker, origin = call.origin, asked](store::ReadOutcome<store::EntitiesResult> outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                             // What is newer than the directory is not judged by it.
                             if (outcome.result.version > worker.shared().directory.version())
                                 return worker.dispatcher().refuse(origin, refusal_of(store::Failure::unavailable));
                             v1::DirectoryEntity entity;
                             if (!entity.ParseFromString(outcome.result.entities.front().bytes))
                                 return worker.dispatcher().refuse(origin, {ErrorCode::internal, "internal", "", 0});
                             answer_sanctions(worker, origin, asked, entity.sanctions());
                         });
}

}  // namespace foorumi::dispatch
