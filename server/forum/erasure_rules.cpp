#include "forum/erasure_rules.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "forum/keys.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {
namespace {

// In the year 9999: whenever the sweep of the moderation channel comes to it, maybe of another node and days later, it
// puts an end to it, with its index.
constexpr Millis no_end_yet = 253'402'214'400'000;

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
    // Nobody restores it, also where a hold keeps the text.
    if (own && member.removes && message.removed != 0 && message.author_deleted == 0)
        message.author_deleted = member.now;
    if (own && member.removes && message.secrecy && !message.secrecy->by_moderators) message.secrecy.reset();
    if (message.secrecy) message.secrecy->ground = unnamed(member, message.secrecy->ground);
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
    const bool kept = member.held && member.held(earlier.room, earlier.thread) && !earlier.purged;
    if (earlier.author == member.id && !kept) return std::monostate{};
    if (earlier.author == member.id) earlier.keep_until = std::min(earlier.keep_until, member.now);
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

Entity erased(const ErasedMember& member, HeldMessage held) {
    if (held.author == member.id) return std::monostate{};
    held.title = unnamed(member, held.title);
    held.text = unnamed(member, held.text);
    return held;
}

Entity erased(const ErasedMember& member, PostBook book) {
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

// One that is gone is in none; one that is held goes by its end, whatever came before it.
void put_in_index(Decision& decision, const std::string& key, const Entity& after) {
    decision.indexes.push_back({std::string(earlier_index), key, 0, true});
    if (const auto* kept = std::get_if<EarlierText>(&after))
        decision.indexes.push_back(
            {std::string(moved_earlier_index), key, moved_earlier_score(key, kept->keep_until), false});
}

// The text of a tombstone in a place that is held goes where deleted texts are.
void keep_text(Decision& decision, const ErasedMember& member, Id id, const Message& before) {
    if (!member.held || member.room == 0 || !member.held(member.room, before.thread)) return;
    EarlierText kept;
    kept.room = member.room;
    kept.thread = before.thread;
    kept.message = id;
    kept.author = before.author;
    kept.text = unnamed(member, before.text);
    kept.replaced = member.now;
    kept.keep_until = no_end_yet;
    kept.removed = true;
    decision.effects.push_back({moderation_channel(member.forum), earlier_key(member.room, id, before.edits + 1), kept,
                                std::string(earlier_index)});
}

Id id_in(std::string_view key, std::string_view kind) {
    Id id = 0;
    if (key.starts_with(kind)) std::from_chars(key.data() + kind.size(), key.data() + key.size(), id);
    return id;
}

bool is_held_key(const std::string& key) { return id_in(key, "held:") != 0; }

// They wait no more, and are not counted among all.
void take_out_held(Decision& decision, const std::vector<std::string>& gone, const View& view) {
    if (gone.empty()) return;
    for (const auto& key : gone) decision.indexes.push_back({std::string(held_index), key, 0, true});
    const auto before = view.entity(all_holds_key);
    decision.expectations.push_back({std::string(all_holds_key), before.version});
    const auto* counted = std::get_if<PostBook>(&before.value);
    if (counted == nullptr) return;
    auto after = *counted;
    after.posts -= std::min(after.posts, static_cast<std::uint32_t>(gone.size()));
    decision.writes.push_back({std::string(all_holds_key), std::move(after)});
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

Entity without(const ErasedMember& member, const Entity& value) {
    return std::visit([&](const auto& held) { return Entity(erased(member, held)); }, value);
}

bool concerns(const ErasedMember& member, const Entity& value) { return without(member, value) != value; }

std::vector<std::string> needs_to_erase(const std::vector<std::string>& keys) {
    std::set<std::string> all(keys.begin(), keys.end());
    for (const auto& key : keys)
        if (const auto id = id_in(key, "message:"); id != 0) all.insert(reactions_key(id));
    if (std::ranges::any_of(keys, is_held_key)) all.emplace(all_holds_key);
    return {all.begin(), all.end()};
}

Decision erase(const ErasedMember& member, const std::vector<std::string>& keys, const View& view) {
    // Messages first: reactions go with theirs.
    auto ordered = keys;
    std::ranges::stable_partition(ordered, [](const auto& key) { return id_in(key, "message:") != 0; });
    Decision decision;
    std::set<std::string> done;
    std::vector<std::string> held;
    for (const auto& key : ordered) {
        if (!done.insert(key).second) continue;
        const auto before = view.entity(key);
        auto after = without(member, before.value);
        if (after == before.value) continue;
        decision.expectations.push_back({key, before.version});
        const auto* message = std::get_if<Message>(&before.value);
        if (message != nullptr && std::get<Message>(after).deleted != message->deleted) {
            put_tombstone(decision, id_in(key, "message:"), *message, view, done);
            keep_text(decision, member, id_in(key, "message:"), *message);
        }
        const auto* earlier = std::get_if<EarlierText>(&before.value);
        if (earlier != nullptr && earlier->author == member.id) put_in_index(decision, key, after);
        if (is_held_key(key) && std::holds_alternative<std::monostate>(after)) held.push_back(key);
        decision.writes.push_back({key, std::move(after)});
    }
    take_out_held(decision, held, view);
    return decision;
}

}  // namespace foorumi::forum
