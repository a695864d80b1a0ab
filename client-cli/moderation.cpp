#include "moderation.hpp"

#include <algorithm>
#include <limits>

#include "client/change_id.hpp"
#include "client/entity_key.hpp"
#include "client/json_lines.hpp"

namespace foorumi::client {

void Moderation::begin() {
    const auto& asked = arguments().moderation;
    switch (arguments().verb) {
        case Verb::mod_restore:
            return restore();
        case Verb::mod_purge:
            return when_sure(text("mod.purge_sure"), [this] { purge(); });
        case Verb::mod_earlier:
            return read_earlier(0);
        default:
            break;
    }
    if (asked.member.empty()) return when_sure(text("mod.remove_sure"), [this] { remove(); });
    with_member(asked.member, [this](std::uint64_t id) {
        member_ = id;
        find_threads(0);
    });
}

void Moderation::remove() {
    Request request;
    auto& remove = *request.mutable_remove_message();
    remove.set_room(room());
    remove.set_message(arguments().message);
    remove.set_reason(arguments().moderation.reason);
    commit(std::move(request));
}

void Moderation::restore() {
    Request request;
    request.mutable_restore_message()->set_room(room());
    request.mutable_restore_message()->set_message(arguments().message);
    commit(std::move(request));
}

void Moderation::purge() {
    Request request;
    auto& purge = *request.mutable_purge_message();
    purge.set_room(room());
    purge.set_message(arguments().message);
    purge.set_reason(arguments().moderation.reason);
    commit(std::move(request));
}

// Behind the last text: that reads none of them, so nothing is noted in the log.
void Moderation::when_sure(const std::string& question, std::function<void()> then) {
    if (arguments().moderation.yes) return then();
    Request request;
    auto& read = *request.mutable_read_earlier_texts();
    read.set_room(room());
    read.set_message(arguments().message);
    read.set_after(std::numeric_limits<std::uint32_t>::max());
    read.set_limit(1);
    ask(std::move(request), [this, question, then = std::move(then)](const Response& response) {
        const auto message = response.earlier_texts().message();
        std::vector<std::uint64_t> authors;
        collect_members(message, authors);
        with_names(std::move(authors), [this, message, question, then] {
            if (message.has_message()) note(renderer().message(message, nullptr));
            if (is_sure(question)) then();
        });
    });
}

void Moderation::read_earlier(std::uint32_t after) {
    Request request;
    auto& read = *request.mutable_read_earlier_texts();
    read.set_room(room());
    read.set_message(arguments().message);
    read.set_after(after);
    read.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.earlier_texts();
        earlier_.MergeFrom(got);
        earlier_.set_more(got.more());
        if (got.more()) return read_earlier(got.next());
        show_earlier();
    });
}

void Moderation::show_earlier() {
    if (arguments().json) {
        print(to_json(earlier_));
        return finish(Exit::done);
    }
    std::vector<std::uint64_t> members;
    for (const auto& entity : earlier_.texts()) collect_members(entity, members);
    if (earlier_.has_message()) collect_members(earlier_.message(), members);
    with_names(std::move(members), [this] {
        for (const auto& entity : earlier_.texts()) print(renderer().earlier(entity.earlier_text()));
        if (earlier_.texts().empty()) print(text("earlier.none"));
        if (earlier_.has_message()) print(renderer().message(earlier_.message(), nullptr));
        finish(Exit::done);
    });
}

// --- a member's messages

void Moderation::find_threads(std::uint64_t before_activity) {
    Request request;
    auto& list = *request.mutable_list_threads();
    list.set_room(room());
    list.set_before_activity(before_activity);
    list.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.threads();
        for (const auto& summary : got.threads()) threads_.push_back(parse_entity_key(summary.thread().key()).id());
        if (got.more() && got.threads_size() > 0) return find_threads(got.threads().rbegin()->last_activity());
        find_messages(0);
    });
}

void Moderation::find_messages(std::uint64_t after) {
    if (threads_.empty()) return show_found();
    Request request;
    auto& read = *request.mutable_read_history();
    read.set_room(room());
    read.set_thread(threads_.back());
    // Ids begin with 1, which is the room's; a thread that was split off has older messages than itself.
    read.set_after(after == 0 ? 1 : after);
    read.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.history();
        for (const auto& entity : got.messages()) note_message(entity);
        if (got.more() && got.messages_size() > 0)
            return find_messages(parse_entity_key(got.messages().rbegin()->key()).id());
        threads_.pop_back();
        find_messages(0);
    });
}

void Moderation::note_message(const foorumi::v1::Entity& entity) {
    const auto& message = entity.message();
    const auto& asked = arguments().moderation;
    const bool in_range = message.created_ms() >= *asked.from_ms && message.created_ms() < *asked.to_ms;
    if (message.author() == member_ && message.deleted_ms() == 0 && in_range) found_.push_back(entity);
}

void Moderation::show_found() {
    if (found_.empty()) return tell_removed();
    std::ranges::sort(found_, {}, [](const auto& entity) { return parse_entity_key(entity.key()).id(); });
    if (arguments().moderation.yes) return remove_next();
    std::vector<std::uint64_t> members;
    for (const auto& entity : found_) collect_members(entity, members);
    with_names(std::move(members), [this] {
        for (const auto& entity : found_) note(renderer().message(entity, nullptr));
        if (is_sure(text("mod.remove_all_sure", {{"count", std::to_string(found_.size())}}))) remove_next();
    });
}

void Moderation::remove_next() {
    if (done_ + skipped_ == found_.size()) return tell_removed();
    Request request;
    auto& remove = *request.mutable_remove_message();
    remove.set_room(room());
    remove.set_message(parse_entity_key(found_[done_ + skipped_].key()).id());
    remove.set_reason(arguments().moderation.reason);
    request.set_change_id(new_change_id());
    client().request(std::move(request), [this](const Answer& answer) {
        if (finished()) return;
        const bool refused = answer.response.has_error();
        if (refused && answer.response.error().reason() != "message_deleted") {
            note(text("mod.removed", {{"count", std::to_string(done_)}, {"all", std::to_string(found_.size())}}));
            return on_refused(answer);
        }
        ++(refused ? skipped_ : done_);
        remove_next();
    });
}

void Moderation::tell_removed() {
    const auto done = std::to_string(done_);
    const auto all = std::to_string(found_.size());
    print_outcome(arguments().json ? "{\"removed\":" + done + ",\"found\":" + all + '}'
                                   : text("mod.removed", {{"count", done}, {"all", all}}));
    finish(Exit::done);
}

}  // namespace foorumi::client
