#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

forum::Result<void> may_audit(const forum::MemberCard* member) {
    if (member != nullptr && member->roles.has(forum::Role::administrator)) return {};
    return Refusal{ErrorCode::forbidden, "administrators_only", "", 0};
}

// Who may not any more, meanwhile, is told nothing.
void answer_audit(Worker& worker, const Origin& origin, std::uint16_t partition, store::AuditResult& found) {
    const auto* session = origin.anchor->session;
    if (session == nullptr) return;
    if (const auto may = may_audit(member_of(worker, *session)); may.has_error())
        return worker.dispatcher().refuse(origin, may.error());
    v1::Response response;
    auto& page = *response.mutable_audit_page();
    page.set_installation(worker.settings().installation);
    page.set_partitions(worker.settings().partitions);
    page.set_partition(partition);
    page.set_count(found.head.count);
    page.set_head(std::move(found.head.digest));
    for (auto& entry : found.entries) {
        auto& out = *page.add_entries();
        out.set_number(entry.number);
        out.set_digest(std::move(entry.digest));
        out.set_record(std::move(entry.bytes));
    }
    worker.dispatcher().answer(origin, response);
}

}  // namespace

void handle_read_audit(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.read_audit();
    if (const auto may = may_audit(member_of(worker, call.session)); may.has_error())
        return worker.dispatcher().refuse(call.origin, may.error());
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    if (asked.partition() >= worker.settings().partitions)
        return worker.dispatcher().refuse(call.origin, {ErrorCode::not_found, "partition_not_found", "partition", 0});
    const auto partition = static_cast<std::uint16_t>(asked.partition());
    worker.read_audit(partition, {asked.after(), *limit, worker.settings().answer_bytes()},
                      [&worker, partition, origin = call.origin](store::ReadOutcome<store::AuditResult> outcome) {
                          if (outcome.failure) return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
                          answer_audit(worker, origin, partition, outcome.result);
                      });
}

}  // namespace foorumi::dispatch
