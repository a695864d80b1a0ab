#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

Refusal no_thread() { return refusal(ErrorCode::not_found, "thread_not_found", "thread"); }

// Puts `after` unless the key holds it already; only its present version is overwritten.
template <class T>
Decision put(const Seen<T>& present, Entity after) {
    Decision decision;
    if (present.seen.value == after) return decision;
    decision.expectations = {present.expectation()};
    decision.writes = {{present.key, std::move(after)}};
    return decision;
}

bool discards(const SaveDraft& command) { return command.text.empty() && command.title.empty(); }

std::string entry_key(const MarkInboxSeen& command) {
    return command.act == 0 ? inbox_key(command.room, command.message)
                            : act_inbox_key(command.room, command.message, command.act);
}

}  // namespace

Result<void> check(const Actor& actor, const MarkRead& command) {
    if (auto room = visible_room(actor, command.room); !room) return room.error();
    if (command.thread == 0) return no_thread();
    return {};
}

std::vector<std::string> needs(const Actor&, const MarkRead& command) {
    return {read_key(command.room, command.thread)};
}

Result<Decision> decide(const Actor&, const MarkRead& command, const View& view) {
    const Seen<ReadMark> present(view, read_key(command.room, command.thread));
    return put(present, command.to == 0 ? Entity{} : Entity{ReadMark{command.to}});
}

Result<void> check(const Actor& actor, const SaveDraft& command) {
    const ContentLimits& limits = actor.limits;
    if (auto text = check_draft(command.text, limits.text_bytes, "text"); !text) return text;
    if (auto title = check_draft_title(command.title, limits.title_bytes, "title"); !title) return title;
    if (command.thread != 0 && !command.title.empty()) {
        return refusal(ErrorCode::invalid, "title_not_allowed", "title");
    }
    auto room = discards(command) ? visible_room(actor, command.room) : writable_room(actor, command.room);
    if (!room) return room.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const SaveDraft& command) {
    return {draft_key(command.room, command.thread)};
}

Result<Decision> decide(const Actor& actor, const SaveDraft& command, const View& view) {
    const Seen<Draft> present(view, draft_key(command.room, command.thread));
    if (discards(command)) return put(present, Entity{});
    const Draft* before = present.value();
    if (before != nullptr && before->text == command.text && before->title == command.title) return Decision{};
    return put(present, Entity{Draft{command.text, command.title, actor.now}});
}

Result<void> check(const Actor& actor, const SetWatch& command) {
    if (command.level > WatchLevel::mute) return refusal(ErrorCode::invalid, "level_unknown", "level");
    if (auto room = visible_room(actor, command.room); !room) return room.error();
    if (command.thread == 0) return no_thread();
    return {};
}

std::vector<std::string> needs(const Actor&, const SetWatch& command) {
    return {watch_key(command.room, command.thread)};
}

Result<Decision> decide(const Actor&, const SetWatch& command, const View& view) {
    const Seen<Watch> present(view, watch_key(command.room, command.thread));
    return put(present, command.level == WatchLevel::normal ? Entity{} : Entity{Watch{command.level}});
}

Result<void> check(const Actor&, const MarkInboxSeen&) { return {}; }

std::vector<std::string> needs(const Actor&, const MarkInboxSeen& command) { return {entry_key(command)}; }

Result<Decision> decide(const Actor&, const MarkInboxSeen& command, const View& view) {
    const Seen<InboxEntry> present(view, entry_key(command));
    if (present.value() == nullptr) return refusal(ErrorCode::not_found, "inbox_entry_not_found", "message");
    InboxEntry seen = *present.value();
    seen.seen = true;
    return put(present, Entity{seen});
}

Result<void> check_thread(const Versioned& thread) {
    if (std::get_if<Thread>(&thread.value) == nullptr) return no_thread();
    return {};
}

Result<void> check_mark(const MarkRead& command, Version room_version) {
    if (command.to > room_version) return refusal(ErrorCode::invalid, "read_mark_in_future", "to");
    return {};
}

}  // namespace foorumi::forum
