#include <sodium.h>

#include <algorithm>
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

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// One read on its way: the message, then at the moderation channel's home its texts with the entry of the audit log.
struct EarlierRead {
    Origin origin;
    forum::ReadEarlierTexts command;
    forum::Id member = 0;
    std::uint32_t after = 0;
    std::size_t limit = 0;
    std::string token_hash{};  // of the session that asks
    forum::Act act{};
    std::string channel{};
    std::vector<std::string> keys{};  // of this page
    bool more_keys = false;           // there are others behind them
    bool more = false;
    std::vector<store::KeyedValue> texts{};
    store::KeyedValue message{};
    std::uint32_t next = 0;
    Refusal refusal{};
    bool nothing = false;       // was found by the last decision, so it was refused: there is nothing to record
    bool entry = false;         // was in the last decision
    bool entry_before = false;  // was in one before it
    bool again = false;         // begun with another change id
};
using EarlierReadRef = std::shared_ptr<EarlierRead>;

forum::Result<void> check_read(const EarlierRead& read, const directory::Snapshot& directory, const Shared& shared) {
    const auto* sign_in =
        directory.good_session(read.token_hash, shared.clock.wall_ms(), shared.settings.membership.session_idle_ms);
    const bool good = sign_in != nullptr && !sign_in->pending && sign_in->member == read.member;
    const auto* member = good ? directory.member(read.member) : nullptr;
    if (member == nullptr) return Refusal{ErrorCode::unauthenticated, "token_invalid", "", 0};
    return check(forum::Actor{*member, directory, shared.clock.wall_ms(), shared.settings.content}, read.command);
}

// Who may not any more, meanwhile, is told nothing; the audit log has it all the same.
void answer_texts(Worker& worker, const EarlierRead& read) {
    if (const auto may = check_read(read, worker.directory(), worker.shared()); may.has_error())
        return worker.dispatcher().refuse(read.origin, may.error());
    v1::Response response;
    auto& page = *response.mutable_earlier_texts();
    for (const auto& text : read.texts) add_entity(*page.mutable_texts(), text);
    if (!fill_entity(*page.mutable_message(), read.message)) page.clear_message();
    page.set_more(read.more);
    page.set_next(read.next);
    worker.dispatcher().answer(read.origin, response);
}

// Of what is there, as much as one answer holds.
void choose_texts(EarlierRead& read, const store::View& view, std::size_t bound) {
    read.texts.clear();
    std::size_t bytes = 0;
    std::size_t looked_at = 0;
    for (; looked_at < read.keys.size(); ++looked_at) {
        const auto& key = read.keys[looked_at];
        const auto& value = view.at(key);
        if (value.bytes.empty()) continue;
        if (!read.texts.empty() && bytes + value.bytes.size() > bound) break;
        bytes += value.bytes.size();
        read.texts.push_back({key, value.version, value.bytes});
    }
    read.more = read.more_keys || looked_at < read.keys.size();
    read.next = read.after + static_cast<std::uint32_t>(looked_at);
}

// Finding nothing is refused: an accepted change that changes nothing would be remembered, and its change id tell, of a
// later decision that has found something, that its entry is there.
std::optional<store::Commit> decide_read(EarlierRead& read, const Shared& shared, const store::View& view,
                                         store::Version& decided_on) {
    if (std::exchange(read.entry, false)) read.entry_before = true;
    read.nothing = false;
    const auto directory = shared.directory.current();
    decided_on = directory->version();
    if (const auto may = check_read(read, *directory, shared); may.has_error()) {
        read.refusal = may.error();
        return std::nullopt;
    }
    choose_texts(read, view, shared.settings.answer_bytes());
    read.nothing = read.texts.empty();
    if (read.nothing) return std::nullopt;
    store::Commit commit;
    for (const auto& text : read.texts) commit.expectations.push_back({text.key, text.version});
    commit.audit = audit_record(read.act, "read_earlier_texts", read.member, shared.clock.wall_ms());
    read.entry = true;
    return commit;
}

void commit_read(Worker& home, const EarlierReadRef& read);

void end_read(Shared& shared, const EarlierReadRef& read, const store::ChangeOutcome& outcome) {
    const auto why = outcome.failure.value_or(store::Failure::unavailable);
    const bool refused = outcome.failure && why == store::Failure::refused;
    // Something was done by this change id, and it was no read of these texts.
    const bool other = !outcome.failure && outcome.committed.repeated && !read->entry_before;
    if (other && !std::exchange(read->again, true))
        return shared.post_home(read->channel, [read](Worker& home) { commit_read(home, read); });
    const bool told = refused ? read->nothing : !outcome.failure && !other;
    // A read that may have left its entry is one that was not answered.
    const bool unknown = why == store::Failure::outcome_unknown;
    if (!refused) read->refusal = refusal_of(unknown ? store::Failure::unavailable : why);
    shared.post(read->origin.worker, [read, told](Worker& asker) {
        asker.refresh_directory();
        told ? answer_texts(asker, *read) : asker.dispatcher().refuse(read->origin, read->refusal);
    });
}

void commit_read(Worker& home, const EarlierReadRef& read) {
    read->entry = read->entry_before = false;
    auto& shared = home.shared();
    store::ChangeRequest request;
    request.channel = read->channel;
    request.author = read->member;
    request.needs = read->keys;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    request.fingerprint = request.change_id;
    home.store().change(
        std::move(request),
        [read, &shared](const store::View& view, store::Version& decided_on) {
            return decide_read(*read, shared, view, decided_on);
        },
        [read, &shared](const store::ChangeOutcome& outcome) { end_read(shared, read, outcome); });
}

// Leaves of the keys those of the page.
void cut_page(EarlierRead& read) {
    const auto begin = std::min<std::size_t>(read.after, read.keys.size());
    const auto end = std::min(read.keys.size(), begin + read.limit);
    read.more_keys = end < read.keys.size();
    read.keys = {read.keys.begin() + static_cast<std::ptrdiff_t>(begin),
                 read.keys.begin() + static_cast<std::ptrdiff_t>(end)};
}

void found_message(Worker& worker, const EarlierReadRef& read, const store::KeyedValue& stored) {
    if (const auto may = check_read(*read, worker.directory(), worker.shared()); may.has_error())
        return worker.dispatcher().refuse(read->origin, may.error());
    const auto value = codec::decode_value(stored.bytes);
    const auto* message = value ? std::get_if<forum::Message>(&*value) : nullptr;
    if (message == nullptr)
        return worker.dispatcher().refuse(read->origin, {ErrorCode::not_found, "message_not_found", "message", 0});
    const forum::Actor actor{*worker.directory().member(read->member), worker.directory(),
                             worker.shared().clock.wall_ms(), worker.settings().content};
    read->act = act_of(actor, read->command, *message);
    read->channel = forum::moderation_channel(read->act.forum);
    read->keys = earlier_keys(read->command, *message);
    read->message = stored;
    cut_page(*read);
    worker.shared().post_home(read->channel, [read](Worker& home) { commit_read(home, read); });
}

}  // namespace

void handle_read_earlier_texts(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.read_earlier_texts();
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    const auto read = std::make_shared<EarlierRead>(EarlierRead{call.origin,
                                                                {asked.room(), asked.message()},
                                                                call.session.member,
                                                                asked.after(),
                                                                *limit,
                                                                call.session.token_hash});
    if (const auto may = check_read(*read, worker.directory(), worker.shared()); may.has_error())
        return worker.dispatcher().refuse(call.origin, may.error());
    worker.read_entities(forum::room_channel(asked.room()), {forum::message_key(asked.message())},
                         [&worker, read](store::ReadOutcome<store::EntitiesResult> outcome) {
                             if (outcome.failure)
                                 return worker.dispatcher().refuse(read->origin, refusal_of(*outcome.failure));
                             found_message(worker, read, outcome.result.entities.front());
                         });
}

}  // namespace foorumi::dispatch
