#include <algorithm>
#include <optional>

#include "forum/held.hpp"
#include "forum/reports.hpp"
#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

Refusal no_held() { return refusal(ErrorCode::not_found, "held_not_found", "held"); }

PostBook book_in(const Seen<PostBook>& seen, Id member) {
    PostBook book = seen.value() == nullptr ? PostBook{} : *seen.value();
    book.member = member;
    return book;
}

// One more waits, or one less; of the member by its number, and of all.
void count_held(Decision& decision, const View& view, const HeldMessage& held, bool more) {
    const Seen<PostBook> own(view, holds_key(held.author));
    auto book = book_in(own, held.author);
    std::erase(book.versions, held.number);
    if (more) book.versions.push_back(held.number);
    book.posts = static_cast<std::uint32_t>(book.versions.size());
    const Seen<PostBook> all(view, std::string(all_holds_key));
    auto total = book_in(all, 0);
    total.posts = more ? total.posts + 1 : std::max(total.posts, 1U) - 1;
    decision.expectations.push_back(own.expectation());
    decision.expectations.push_back(all.expectation());
    decision.writes.push_back({own.key, book.posts == 0 ? Entity{} : Entity{std::move(book)}});
    decision.writes.push_back({all.key, total.posts == 0 ? Entity{} : Entity{std::move(total)}});
}

void put_held(Decision& decision, const View& view, const HeldMessage& held) {
    const auto key = held_key(held.number);
    decision.expectations.push_back({key, view.entity(key).version});
    decision.writes.push_back({key, held});
    decision.indexes.push_back({std::string(held_index), key});
    count_held(decision, view, held, true);
}

// What both decisions of a moderator look at, and what they do.
template <class Command>
Result<Decision> decided(const Actor& actor, const Command& command, const View& view) {
    const Seen<HeldMessage> seen(view, held_key(command.held));
    if (seen.value() == nullptr) return no_held();
    const auto& held = *seen.value();
    if (held.author == actor.member.id) return refusal(ErrorCode::forbidden, "own_held", "held");
    Decision decision;
    if (auto key = holds_key(held.author); !view.has(key)) {
        decision.further = {std::move(key)};
        return decision;
    }
    decision.expectations = {seen.expectation()};
    decision.writes = {{seen.key, std::monostate{}}};
    decision.indexes = {{std::string(held_index), seen.key, 0, true}};
    count_held(decision, view, held, false);
    decision.act =
        Act{.forum = command.forum, .room = held.room, .thread = held.thread, .member = held.author, .reason = {}};
    decision.act->held = held.number;
    return decision;
}

Result<void> may_be_posted(const Actor& actor, const HeldMessage& held) {
    const auto* author = actor.directory.member(held.author);
    const auto* room = actor.directory.room(held.room);
    if (author == nullptr || room == nullptr) return no_held();
    if (!may_write(actor.directory, *author, *room, actor.now))
        return refusal(ErrorCode::forbidden, "author_may_not_write", "held");
    if (is_archived(actor.directory, *room)) return refusal(ErrorCode::forbidden, "room_archived", "held");
    return {};
}

InboxEntry told(const Actor& actor, InboxKind kind, const HeldMessage& held) {
    InboxEntry entry;
    entry.kind = kind;
    entry.room = held.room;
    entry.thread = held.thread;
    entry.created = actor.now;
    entry.held = held.number;
    return entry;
}

Decision returning(std::string_view reason) {
    Decision decision;
    decision.returned = reason;
    return decision;
}

// Where a message may be added, or why not.
Result<void> open_place(const Actor& author, const HeldMessage& held, const Place& place) {
    if (auto exists = place.exists(); !exists) return exists;
    return place.open(author, held.room);
}

Message posted(const Actor& author, const HeldMessage& held, Id reply_to, const std::vector<Id>& mentions) {
    Message message;
    message.thread = held.thread;
    message.author = author.member.id;
    message.badge = badge_of(author.directory, author.member);
    message.text = held.text;
    message.reply_to = reply_to;
    message.mentions = mentions;
    message.created = author.now;
    return message;
}

void add_posted(Decision& decision, const Actor& author, const HeldMessage& held, Message message) {
    const bool starts = held.thread == 0;
    if (starts)
        decision.writes.push_back(
            {std::string(new_thread_key), Thread{held.title, author.member.id, message.badge, author.now}});
    decision.writes.push_back({std::string(new_message_key), std::move(message), starts});
    decision.indexes = {
        {starts ? std::string(new_thread_index) : thread_index(held.thread), new_thread_index_member(author.member.id)},
        {std::string(threads_index), starts ? "@" : std::to_string(held.thread)}};
}

// The author of the message replied to, unless a mention told already.
void tell_replied_to(Decision& decision, const Actor& author, const HeldMessage& held, const Message& replied,
                     const std::vector<Id>& mentions) {
    const auto* member = author.directory.member(replied.author);
    if (member == nullptr || member->id == author.member.id ||
        std::ranges::find(mentions, member->id) != mentions.end())
        return;
    if (!may_read(author.directory, *member, {ChannelKind::room, held.room}, author.now)) return;
    decision.effects.push_back(inbox_effect(author, member->id, InboxKind::reply, held.room, held.thread, 0));
}

void tell_approved(Decision& decision, const Actor& author, const HeldMessage& held) {
    decision.effects.push_back({member_channel(author.member.id), new_inbox_key(held.room) + ":@",
                                told(author, InboxKind::held_approved, held), std::string(inbox_index)});
}

}  // namespace

HeldMessage held_of(const Actor& actor, const PostMessage& command) {
    HeldMessage held;
    held.room = command.room;
    held.thread = command.thread;
    held.text = command.text;
    held.reply_to = command.reply_to;
    held.author = actor.member.id;
    held.created = actor.now;
    return held;
}

HeldMessage held_of(const Actor& actor, const StartThread& command) {
    auto held = held_of(actor, PostMessage{command.room, 0, command.text});
    held.title = command.title;
    return held;
}

std::vector<std::string> needs_to_hold(const HeldMessage& held) {
    return {held_key(held.number), holds_key(held.author), std::string(all_holds_key)};
}

Result<Decision> decide_hold(const Actor& actor, const HeldMessage& held, const View& view) {
    if (view.entity(held_key(held.number)).version != 0) return Decision{};
    if (auto room = writable_room(actor, held.room); !room) return room.error();
    const Seen<PostBook> own(view, holds_key(held.author));
    const Seen<PostBook> all(view, std::string(all_holds_key));
    if (book_in(own, 0).posts >= actor.limits.held_per_member || book_in(all, 0).posts >= actor.limits.held_per_forum)
        return refusal(ErrorCode::limited, "too_many_held", "room");
    Decision decision;
    put_held(decision, view, held);
    return decision;
}

Result<void> check(const Actor& actor, const ApproveHeld& command) { return check_queue_work(actor, command.forum); }

std::vector<std::string> needs(const Actor&, const ApproveHeld& command) {
    return {held_key(command.held), std::string(all_holds_key)};
}

Result<Decision> decide(const Actor& actor, const ApproveHeld& command, const View& view) {
    auto decision = decided(actor, command, view);
    if (!decision || !decision->further.empty()) return decision;
    const auto held = std::get<HeldMessage>(view.entity(held_key(command.held)).value);
    if (auto may = may_be_posted(actor, held); !may) return may.error();
    Effect effect;
    effect.channel = room_channel(held.room);
    effect.value = held;
    effect.post = true;
    decision->effects.push_back(std::move(effect));
    return decision;
}

Result<void> check(const Actor& actor, const RejectHeld& command) {
    if (auto reason = check_text(command.reason, actor.limits.reason_bytes, "reason"); !reason) return reason;
    return check_queue_work(actor, command.forum);
}

std::vector<std::string> needs(const Actor&, const RejectHeld& command) {
    return {held_key(command.held), std::string(all_holds_key)};
}

Result<Decision> decide(const Actor& actor, const RejectHeld& command, const View& view) {
    auto decision = decided(actor, command, view);
    if (!decision || !decision->further.empty()) return decision;
    const auto held = std::get<HeldMessage>(view.entity(held_key(command.held)).value);
    decision->act->reason = command.reason;
    auto entry = told(actor, InboxKind::held_rejected, held);
    entry.reason = command.reason;
    decision->effects.push_back({member_channel(held.author), act_inbox_key(held.room, 0, held.number),
                                 std::move(entry), std::string(inbox_index)});
    return decision;
}

std::vector<std::string> needs_to_post(const HeldMessage& held) {
    std::vector<std::string> keys{posted_key(held.number), std::string(room_key)};
    if (held.thread != 0) keys.push_back(thread_key(held.thread));
    if (held.reply_to != 0) keys.push_back(message_key(held.reply_to));
    return keys;
}

Result<Decision> decide_posting(const Actor& author, const HeldMessage& held, const View& view) {
    const auto mark = posted_key(held.number);
    if (view.entity(mark).version != 0) return Decision{};
    const auto room = writable_room(author, held.room);
    if (!room) return returning("author_may_not_write");
    const Seen<Room> told_room(view, std::string(room_key));
    if (auto open = not_archived(author, held.room, told_room.value()); !open) return returning(open.error().reason);
    std::optional<Place> place;
    if (held.thread != 0) {
        place.emplace(view, held.thread);
        if (auto open = open_place(author, held, *place); !open) return returning(open.error().reason);
    }
    const auto mentions = mentioned_members(author, held.room, held.text);
    if (!mentions) return returning(mentions.error().reason);

    Decision decision;
    if (place)
        place->expect(decision);
    else
        decision.expectations.push_back(told_room.expectation());
    decision.expectations.push_back({mark, 0});
    std::optional<Seen<Message>> replied;
    if (held.reply_to != 0) {
        replied.emplace(view, message_key(held.reply_to));
        decision.expectations.push_back(replied->expectation());
    }
    // What has gone meanwhile is not replied to.
    const bool replies = replied && is_in(replied->value(), held.thread) && replied->value()->deleted == 0;
    add_posted(decision, author, held, posted(author, held, replies ? held.reply_to : 0, *mentions));
    decision.writes.push_back({mark, std::monostate{}});
    tell_mentioned(decision, author, *mentions, held.room, held.thread, 0);
    if (replies) tell_replied_to(decision, author, held, *replied->value(), *mentions);
    tell_approved(decision, author, held);
    return decision;
}

std::vector<std::string> needs_to_return(const HeldMessage& held) {
    auto keys = needs_to_hold(held);
    keys.push_back(returned_key(held.number));
    return keys;
}

Decision decide_return(const HeldMessage& held, Version approval, const View& view) {
    const Seen<PostBook> returned(view, returned_key(held.number));
    auto book = book_in(returned, 0);
    if (!book.versions.empty() && book.versions.back() >= approval) return {};
    book.versions = {approval};
    Decision decision;
    decision.expectations = {returned.expectation()};
    decision.writes = {{returned.key, std::move(book)}};
    put_held(decision, view, held);
    return decision;
}

}  // namespace foorumi::forum
