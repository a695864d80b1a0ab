#include "forum/erasure_rules.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "forum/keys.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {
namespace {

std::string unnamed(const ErasedMember& member, const std::string& text) {
    return without_handle(text, member.handle, "@#" + std::to_string(member.id));
}

Message erased(const ErasedMember& member, Message message) {
    const bool own = message.author == member.id;
    if (own) message.badge = {message.badge.roles, {}, {}};
    if (own) message.reason.clear();
    std::erase(message.mentions, member.id);
    if (own && member.removes && message.deleted == 0) {
        message.text.clear();
        message.mentions.clear();
        message.deleted = member.now;
    }
    message.text = unnamed(member, message.text);
    message.reason = unnamed(member, message.reason);
    return message;
}

Thread erased(const ErasedMember& member, Thread thread) {
    const bool own = thread.author == member.id;
    if (own) thread.badge = {thread.badge.roles, {}, {}};
    if (own && member.removes) {
        thread.title.clear();
        thread.tags.clear();
    }
    if (thread.lock.by == member.id && member.removes) thread.lock.reason.clear();
    thread.title = unnamed(member, thread.title);
    thread.lock.reason = unnamed(member, thread.lock.reason);
    for (auto& tag : thread.tags) tag = unnamed(member, tag);
    return thread;
}

Entity erased(const ErasedMember& member, Reactions reactions) {
    if (!member.removes) return reactions;
    for (auto& reaction : reactions.reactions) std::erase(reaction.members, member.id);
    std::erase_if(reactions.reactions, [](const auto& reaction) { return reaction.members.empty(); });
    if (reactions.reactions.empty()) return std::monostate{};
    return reactions;
}

Entity erased(const ErasedMember& member, Pace pace) {
    if (pace.member == member.id) return std::monostate{};
    return pace;
}

Entity erased(const ErasedMember& member, EarlierText earlier) {
    if (earlier.author == member.id) return std::monostate{};
    if (earlier.by == member.id && member.removes) earlier.reason.clear();
    std::erase(earlier.mentions, member.id);
    earlier.text = unnamed(member, earlier.text);
    earlier.reason = unnamed(member, earlier.reason);
    return earlier;
}

Report erased(const ErasedMember& member, Report report) {
    if (report.assigned != member.id) return report;
    report.assigned = 0;
    if (!report.is_closed()) report.state = ReportState::fresh;
    return report;
}

// Who has reported is known to the moderators alone, and to nobody any more.
ReportWords erased(const ErasedMember& member, ReportWords words) {
    if (words.reporter == member.id) {
        words.reporter = 0;
        words.text.clear();
    }
    words.text = unnamed(member, words.text);
    return words;
}

ReportNote erased(const ErasedMember& member, ReportNote note) {
    if (note.by == member.id && member.removes) note.text.clear();
    note.text = unnamed(member, note.text);
    return note;
}

Entity erased(const ErasedMember& member, ReportBook book) {
    if (book.member == member.id) return std::monostate{};
    return book;
}

Draft erased(const ErasedMember& member, Draft draft) {
    draft.text = unnamed(member, draft.text);
    draft.title = unnamed(member, draft.title);
    return draft;
}

InboxEntry erased(const ErasedMember& member, InboxEntry entry) {
    entry.reason = unnamed(member, entry.reason);
    if (entry.sanction) entry.sanction->appeal = unnamed(member, entry.sanction->appeal);
    return entry;
}

Move erased(const ErasedMember& member, Move move) {
    move.title = unnamed(member, move.title);
    return move;
}

// What holds nothing of members but their ids.
template <class T>
Entity erased(const ErasedMember&, T other) {
    return other;
}

Entity without(const ErasedMember& member, const Entity& value) {
    return std::visit([&](const auto& held) { return Entity(erased(member, held)); }, value);
}

Id id_in(std::string_view key, std::string_view kind) {
    Id id = 0;
    if (key.starts_with(kind)) std::from_chars(key.data() + kind.size(), key.data() + key.size(), id);
    return id;
}

// The reactions go with the text, and the message counts for nobody any more.
void put_tombstone(Decision& decision, Id id, const Message& before, const View& view, std::set<std::string>& done) {
    const auto index = thread_index(before.thread);
    decision.indexes.push_back({index, thread_index_member(id, before.author), 0, true});
    decision.indexes.push_back({index, thread_index_member(id, 0), id});
    const auto reactions = reactions_key(id);
    const auto found = view.entity(reactions);
    done.insert(reactions);
    decision.expectations.push_back({reactions, found.version});
    if (std::holds_alternative<Reactions>(found.value)) decision.writes.push_back({reactions, std::monostate{}});
}

}  // namespace

bool concerns(const ErasedMember& member, const Entity& value) { return without(member, value) != value; }

std::vector<std::string> needs_to_erase(const std::vector<std::string>& keys) {
    std::set<std::string> all(keys.begin(), keys.end());
    for (const auto& key : keys)
        if (const auto id = id_in(key, "message:"); id != 0) all.insert(reactions_key(id));
    return {all.begin(), all.end()};
}

Decision erase(const ErasedMember& member, const std::vector<std::string>& keys, const View& view) {
    // Messages first: reactions go with theirs.
    auto ordered = keys;
    std::ranges::stable_partition(ordered, [](const auto& key) { return id_in(key, "message:") != 0; });
    Decision decision;
    std::set<std::string> done;
    for (const auto& key : ordered) {
        if (!done.insert(key).second) continue;
        const auto before = view.entity(key);
        auto after = without(member, before.value);
        if (after == before.value) continue;
        decision.expectations.push_back({key, before.version});
        const auto* message = std::get_if<Message>(&before.value);
        if (message != nullptr && std::get<Message>(after).deleted != message->deleted)
            put_tombstone(decision, id_in(key, "message:"), *message, view, done);
        if (std::holds_alternative<EarlierText>(before.value) && std::holds_alternative<std::monostate>(after))
            decision.indexes.push_back({std::string(earlier_index), key, 0, true});
        decision.writes.push_back({key, std::move(after)});
    }
    return decision;
}

}  // namespace foorumi::forum
