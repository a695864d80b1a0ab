// What a chat shows of the room.
#include <algorithm>

#include "chat.hpp"
#include "client/display.hpp"
#include "client/entity_key.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Entity;

constexpr std::uint32_t history_lines = 20;
constexpr auto typing_again = std::chrono::seconds(5);
constexpr std::size_t most_typing = 1'000;
constexpr std::size_t most_named = 50;

}  // namespace

void Chat::on_synced(const foorumi::v1::Synced& synced) {
    if (synced.channel() == own_channel_)
        return show_own_channel(synced.entities(), synced.since() == 0 || synced.reset());
    if (synced.has_error()) return refuse(synced.error());
    if (synced.since() == 0 || synced.reset()) return show_snapshot(synced);
    show_room(synced.entities());
}

void Chat::on_change(const foorumi::v1::Change& change) {
    if (change.channel() == own_channel_) return show_own_channel(change.entities(), false);
    show_room(change.entities());
}

void Chat::on_notice(const foorumi::v1::Notice& notice) {
    Program::on_notice(notice);
    if (notice.has_draining()) print(renderer().dim(text("chat.draining")));
    if (notice.has_reads_only()) show_reads_only(notice.reads_only());
    if (!notice.has_access_changed() || notice.access_changed().channel() != room_channel_) return;
    foorumi::v1::Error error;
    error.set_code(foorumi::v1::Error::CODE_NOT_FOUND);
    error.set_reason("access_changed");
    error.set_field("room");
    refuse(error);
}

void Chat::show_reads_only(const foorumi::v1::ReadsOnly& notice) {
    const auto& error = notice.error();
    if (!notice.has_error()) return print(renderer().dim(text("chat.changes_again")));
    print(renderer().dim(visible(error.text().empty() ? error.reason() : error.text(), Lines::one)));
}

void Chat::on_ephemeral(const foorumi::v1::Ephemeral& ephemeral) {
    if (ephemeral.channel() != room_channel_) return;
    if (ephemeral.has_is_typing()) show_typing(ephemeral.is_typing());
    if (ephemeral.has_presence()) show_presence(ephemeral.presence());
}

void Chat::show_snapshot(const foorumi::v1::Synced& synced) {
    const bool first = !reading_;
    room_.on_snapshot(synced);
    if (!first) print(renderer().dim(text("chat.reset")));
    print(renderer().bold(visible(room_.title(), Lines::one)));
    if (synced.room().archived()) {
        Entity archived;
        *archived.mutable_room() = synced.room();
        print(renderer().dim(renderer().entity(archived)));
    }
    for (const auto& entity : synced.entities())
        if (entity.has_thread()) print("  " + renderer().pinned_thread(entity));
    for (const auto& summary : synced.threads().threads()) print("  " + renderer().thread(summary));
    const auto thread = room_.opened() != 0 ? room_.opened() : room_.latest_thread();
    if (thread != 0) return open(thread);
    print(text("chat.no_thread"));
    read_input();
}

void Chat::show_threads() {
    Request request;
    request.mutable_list_threads()->set_room(room());
    ask(std::move(request), [this](const Response& response) {
        for (const auto& summary : response.threads().threads()) {
            const bool here = parse_entity_key(summary.thread().key()).id() == room_.opened();
            print((here ? "> " : "  ") + renderer().thread(summary));
        }
    });
}

void Chat::open(std::uint64_t thread) {
    Request request;
    request.mutable_read_history()->set_room(room());
    request.mutable_read_history()->set_thread(thread);
    request.mutable_read_history()->set_limit(history_lines);
    ask(std::move(request), [this, thread](const Response& response) {
        std::vector<std::uint64_t> authors;
        for (const auto& message : response.history().messages()) collect_members(message, authors);
        with_names(std::move(authors), [this, thread, history = response.history()] {
            room_.open(thread);
            print(renderer().dim(
                text("chat.opened", {{"id", std::to_string(thread)}, {"title", title_of(room_.thread(thread))}})));
            for (const auto& message : history.messages()) {
                room_.on_entity(message);
                print(renderer().message(message, nullptr));
            }
            show_lock(room_.thread(thread));
            if (!reading_) print(renderer().dim(text("chat.hint")));
            read_input();
        });
    });
}

void Chat::show_lock(const ChatRoom::Thread& thread) {
    if (!thread.locked) return;
    const auto why = visible(thread.lock_reason, Lines::one);
    print(renderer().dim(text("chat.locked", {{"why", why.empty() ? text("thread.locked") : why}})));
}

void Chat::show_room(const Entities& entities) {
    std::vector<std::uint64_t> named;
    for (const auto& entity : entities) collect_members(entity, named);
    with_names(std::move(named), [this, entities] {
        show_entities(entities);
        leave_when_done();
    });
}

// A thread that is new is shown once, with its first message.
void Chat::show_entities(const Entities& entities) {
    std::map<std::uint64_t, const Entity*> started;
    for (const auto& entity : entities) {
        const auto id = parse_entity_key(entity.key()).id();
        if (entity.has_thread() && entity.version() == id) started[id] = &entity;
    }
    for (const auto& entity : entities) {
        const auto found = started.find(parse_entity_key(entity.key()).id());
        if (found == started.end() || !(entity.has_thread() || entity.has_message())) {
            show_entity(entity);
            continue;
        }
        room_.on_entity(entity);
        if (entity.has_message()) show_started(*found->second, entity);
    }
}

void Chat::show_started(const Entity& thread, const Entity& message) {
    if (message.message().author() != welcome().self().id()) print(renderer().new_thread(thread, message));
}

void Chat::show_entity(const Entity& entity) {
    room_.on_entity(entity);
    if (!is_shown(entity)) return;
    if (entity.has_message()) return show_message(entity);
    if (entity.has_thread() || entity.has_reactions() || entity.has_redirect() || entity.has_room())
        print(renderer().dim(renderer().entity(entity)));
}

void Chat::show_message(const Entity& entity) {
    const auto& message = entity.message();
    const auto thread = room_.thread(message.thread());
    const bool own = message.author() == welcome().self().id();
    if (message.thread() == room_.opened()) {
        // What was typed here stands on the screen already: its number is enough.
        if (own && message.edits() == 0 && room_.take_said(message.thread(), message.text())) {
            return print(renderer().dim("  ✓ #" + std::to_string(parse_entity_key(entity.key()).id())));
        }
        return print(renderer().message(entity, nullptr));
    }
    if (own || (thread.muted && !renderer().mentions_self(message))) return;
    const std::string first_line = message.text().substr(0, message.text().find('\n'));
    print(text(renderer().mentions_self(message) ? "chat.mention_elsewhere" : "chat.elsewhere",
               {{"id", std::to_string(message.thread())},
                {"title", title_of(thread)},
                {"name", renderer().name(message.author())},
                {"text", visible(first_line, Lines::one)}}));
}

void Chat::show_own_channel(const Entities& entities, bool first) {
    std::vector<std::uint64_t> named;
    std::vector<foorumi::v1::InboxEntry> entries;
    for (const auto& entity : entities) {
        const EntityKey key = parse_entity_key(entity.key());
        if (key.kind == "watch" && key.numbers.size() == 2 && key.numbers[0] == room()) {
            room_.on_watch(key.numbers[1], entity.watch().level());
        }
        if (!entity.has_inbox_entry() || entity.inbox_entry().seen()) continue;
        entries.push_back(entity.inbox_entry());
        named.push_back(entity.inbox_entry().author());
    }
    if (first) {
        if (!entries.empty()) print(renderer().dim(texts().counted("chat.inbox", entries.size())));
        return;
    }
    with_names(std::move(named), [this, entries] {
        for (const auto& entry : entries) {
            // In this room the message itself is shown, marked.
            if (entry.room() != room()) print(renderer().inbox_entry(entry, {}));
        }
    });
}

std::string Chat::title_of(const ChatRoom::Thread& thread) {
    return thread.known ? renderer().title(thread.title) : "";
}

void Chat::show_typing(const foorumi::v1::IsTyping& typing) {
    if (typing.member() == welcome().self().id() || typing.thread() != room_.opened()) return;
    const auto now = std::chrono::steady_clock::now();
    if (typing_shown_.size() >= most_typing) typing_shown_.clear();
    auto& shown = typing_shown_[typing.member()];
    if (now - shown < typing_again) return;
    shown = now;
    with_names({typing.member()}, [this, member = typing.member()] {
        print(renderer().dim(text("chat.typing", {{"name", renderer().name(member)}})));
    });
}

void Chat::show_presence(const foorumi::v1::Presence& presence) {
    const auto movement = room_.on_presence(presence);
    std::vector<std::uint64_t> named = movement.joined;
    named.insert(named.end(), movement.left.begin(), movement.left.end());
    if (named.empty() || named.size() > most_named) return;
    with_names(std::move(named), [this, movement] {
        const auto tell = [&](const std::vector<std::uint64_t>& who, std::string_view key) {
            for (const auto member : who) {
                if (member == welcome().self().id()) continue;
                print(renderer().dim(text(key, {{"name", renderer().name(member)}})));
            }
        };
        tell(movement.joined, "chat.joined");
        tell(movement.left, "chat.left");
    });
}

void Chat::show_who() {
    std::vector<std::uint64_t> who(room_.present().begin(), room_.present().end());
    if (who.size() > most_named) who.resize(most_named);
    with_names(who, [this, who] {
        print(text("chat.present", {{"count", std::to_string(room_.present_count())}}));
        for (const auto member : who) {
            const auto* known = members().find(member);
            print("  " + (known != nullptr ? renderer().member(*known) : renderer().name(member)));
        }
    });
}

}  // namespace foorumi::client
