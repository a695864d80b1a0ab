#include <sodium.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/audit.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "forum/keys.hpp"
#include "forum/reports.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

forum::Result<void> check_reader(Worker& worker, const session::Session& session, forum::Id asked) {
    const auto* member = member_of(worker, session);
    if (member == nullptr) return Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0};
    const forum::Actor actor{*member, worker.directory(), worker.shared().clock.wall_ms(), worker.settings().content};
    return check_queue(actor, asked);
}

// One read on its way, at the moderation channel's home with the entry of the audit log.
struct ReportRead {
    Origin origin;
    forum::ReadReport command;
    forum::Id member = 0;
    std::uint32_t after = 0;
    std::size_t limit = 0;
    std::string token_hash{};  // of the session that asks
    store::KeyedValue report{};
    std::vector<store::KeyedValue> parts{};
    bool more = false;
    std::uint32_t next = 0;
    Refusal refusal{};

    [[nodiscard]] std::string channel() const { return forum::moderation_channel(command.forum); }
    [[nodiscard]] std::string key() const { return forum::report_key(command.report); }
};
using ReportReadRef = std::shared_ptr<ReportRead>;

// `directory` outlives what is answered.
forum::Result<forum::Actor> reader_of(const ReportRead& read, const directory::Snapshot& directory,
                                      const Shared& shared) {
    const auto now = shared.clock.wall_ms();
    const auto* sign_in = directory.good_session(read.token_hash, now, shared.settings.membership.session_idle_ms);
    const bool good = sign_in != nullptr && !sign_in->pending && sign_in->member == read.member;
    const auto* member = good ? directory.member(read.member) : nullptr;
    if (member == nullptr) return Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0};
    const forum::Actor actor{*member, directory, now, shared.settings.content};
    if (const auto may = check_queue(actor, read.command.forum); may.has_error()) return may.error();
    return actor;
}

// Who may not any more, meanwhile, is told nothing; the audit log has it all the same.
void answer_report(Worker& worker, const ReportRead& read) {
    if (const auto reader = reader_of(read, worker.directory(), worker.shared()); reader.has_error())
        return worker.dispatcher().refuse(read.origin, reader.error());
    v1::Response response;
    auto& details = *response.mutable_report_details();
    if (!fill_entity(*details.mutable_report(), read.report)) details.clear_report();
    for (const auto& part : read.parts) {
        v1::Entity entity;
        if (!fill_entity(entity, part)) continue;
        if (entity.has_report_words()) *details.add_words() = std::move(*entity.mutable_report_words());
        if (entity.has_report_note()) *details.add_notes() = std::move(*entity.mutable_report_note());
    }
    details.set_more(read.more);
    details.set_next(read.next);
    worker.dispatcher().answer(read.origin, response);
}

// Of the keys the page, as much of it as one answer holds.
void choose_parts(ReportRead& read, const std::vector<std::string>& page, bool more_keys, const store::View& view,
                  std::size_t bound) {
    read.parts.clear();
    std::size_t bytes = 0;
    std::size_t looked_at = 0;
    for (; looked_at < page.size(); ++looked_at) {
        const auto& value = view.at(page[looked_at]);
        if (!read.parts.empty() && bytes + value.bytes.size() > bound) break;
        bytes += value.bytes.size();
        if (!value.bytes.empty()) read.parts.push_back({page[looked_at], value.version, value.bytes});
    }
    read.more = more_keys || looked_at < page.size();
    read.next = read.after + static_cast<std::uint32_t>(looked_at);
}

// The report, then the parts of the page; the second time with an entry of the audit log. Every decision that is
// accepted has one: so an earlier try of which the store says that it was done has left one, too.
std::optional<store::Commit> decide_report_read(ReportRead& read, const Shared& shared, const store::View& view,
                                                store::Version& decided_on) {
    const auto directory = shared.directory.current();
    decided_on = directory->version();
    const auto refuse = [&read](const Refusal& refusal) {
        read.refusal = refusal;
        return std::nullopt;
    };
    const auto reader = reader_of(read, *directory, shared);
    if (reader.has_error()) return refuse(reader.error());
    const auto& stored = view.at(read.key());
    forum::Versioned found{stored.version, codec::decode_value(stored.bytes).value_or(forum::Entity{})};
    if (const auto may = check_read(*reader, found); may.has_error()) return refuse(may.error());
    const auto& report = std::get<forum::Report>(found.value);

    auto page = report_parts(read.command.report, report);
    page.erase(page.begin(),
               page.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(read.after, page.size())));
    const bool more_keys = page.size() > read.limit;
    page.resize(std::min(page.size(), read.limit));
    store::Commit commit;
    std::ranges::copy_if(page, std::back_inserter(commit.further), [&](const auto& key) { return !view.has(key); });
    if (!commit.further.empty()) return commit;

    read.report = {read.key(), stored.version, stored.bytes};
    choose_parts(read, page, more_keys, view, shared.settings.answer_bytes());
    commit.expectations.push_back({read.key(), stored.version});
    for (const auto& part : read.parts) commit.expectations.push_back({part.key, part.version});
    commit.audit = audit_record(act_of(read.command, report), "read_report", read.member, shared.clock.wall_ms());
    return commit;
}

void end_report_read(Shared& shared, const ReportReadRef& read, const store::ChangeOutcome& outcome) {
    // A read that may have left its entry is one that was not answered.
    if (outcome.failure && *outcome.failure != store::Failure::refused)
        read->refusal = refusal_of(outcome.failure == store::Failure::outcome_unknown ? store::Failure::unavailable
                                                                                      : *outcome.failure);
    shared.post(read->origin.worker, [read, told = !outcome.failure](Worker& asker) {
        asker.refresh_directory();
        told ? answer_report(asker, *read) : asker.dispatcher().refuse(read->origin, read->refusal);
    });
}

void commit_report_read(Worker& home, const ReportReadRef& read) {
    auto& shared = home.shared();
    store::ChangeRequest request;
    request.channel = read->channel();
    request.author = read->member;
    request.needs = {read->key()};
    randombytes_buf(request.change_id.data(), request.change_id.size());
    request.fingerprint = request.change_id;
    home.store().change(
        std::move(request),
        [read, &shared](const store::View& view, store::Version& decided_on) {
            return decide_report_read(*read, shared, view, decided_on);
        },
        [read, &shared](const store::ChangeOutcome& outcome) { end_report_read(shared, read, outcome); });
}

void answer_reports(Worker& worker, const Origin& origin, const store::IndexResult& found) {
    v1::Response response;
    auto& page = *response.mutable_reports();
    for (const auto& row : found.rows)
        if (!row.entities.front().bytes.empty()) add_entity(*page.mutable_reports(), row.entities.front());
    page.set_more(found.more);
    if (!found.rows.empty()) page.set_next(found.rows.back().score);
    worker.dispatcher().answer(origin, response);
}

}  // namespace

void handle_list_reports(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.list_reports();
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    if (const auto may = check_reader(worker, call.session, asked.forum()); may.has_error())
        return worker.dispatcher().refuse(call.origin, may.error());
    store::IndexRead read;
    read.index = asked.closed() ? forum::closed_index : forum::reports_index;
    read.after = asked.after();
    read.limit = *limit;
    read.bytes = worker.settings().answer_bytes();
    read.prefixes = {""};
    worker.read_index(
        forum::moderation_channel(asked.forum()), std::move(read),
        [&worker, origin = call.origin, forum = asked.forum()](store::ReadOutcome<store::IndexResult> outcome) {
            if (outcome.failure) return worker.dispatcher().refuse(origin, refusal_of(*outcome.failure));
            // Who may not any more, meanwhile, is told nothing.
            const auto* session = origin.anchor->session;
            if (session == nullptr) return;
            if (const auto may = check_reader(worker, *session, forum); may.has_error())
                return worker.dispatcher().refuse(origin, may.error());
            answer_reports(worker, origin, outcome.result);
        });
}

void handle_read_report(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.read_report();
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    const auto read = std::make_shared<ReportRead>(ReportRead{call.origin,
                                                              {asked.forum(), asked.report()},
                                                              call.session.member,
                                                              asked.after(),
                                                              *limit,
                                                              call.session.token_hash});
    if (const auto may = reader_of(*read, worker.directory(), worker.shared()); may.has_error())
        return worker.dispatcher().refuse(call.origin, may.error());
    worker.shared().post_home(read->channel(), [read](Worker& home) { commit_report_read(home, read); });
}

}  // namespace foorumi::dispatch
