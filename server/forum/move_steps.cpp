#include "forum/move_steps.hpp"

#include <algorithm>

#include "forum/keys.hpp"
#include "forum/rule_parts.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

Refusal look_anew() { return refusal(ErrorCode::unavailable, "contended"); }

// Of what has arrived; 0: it has not.
Id new_id(const Arrived& arrived, Id old) {
    const auto found = std::ranges::lower_bound(arrived, old, {}, &Arrived::value_type::first);
    return found != arrived.end() && found->first == old ? found->second : 0;
}

// Gone from the index whether it was a tombstone or not.
void leave_index(Decision& decision, Id thread, Id id, Id author) {
    const auto index = thread_index(thread);
    decision.indexes.push_back({index, thread_index_member(id, author), 0, true});
    decision.indexes.push_back({index, thread_index_member(id, 0), 0, true});
}

std::string listed_member(const std::string& id, const Message& message) {
    return id + '.' + std::to_string(message.deleted != 0 ? 0 : message.author);
}

// The thread while this move holds it.
const Thread* held(const Seen<Thread>& thread, const Move& move) {
    const auto* value = thread.value();
    return value != nullptr && value->moving == move.at ? value : nullptr;
}

// In the thread's place stands from now on where it has gone.
void leave(Decision& decision, const Seen<Thread>& thread, const Seen<Pins>& pins, const Move& move, Redirect to) {
    decision.expectations.push_back(thread.expectation());
    decision.writes.push_back({thread.key, to});
    decision.indexes.push_back({std::string(threads_index), std::to_string(move.thread), 0, true});
    if (pins.value() == nullptr) return;
    Pins left = *pins.value();
    if (std::erase_if(left.pinned, [&](const auto& one) { return one.thread == move.thread; }) == 0) return;
    decision.expectations.push_back(pins.expectation());
    decision.writes.push_back({pins.key, left.pinned.empty() ? Entity{} : Entity{std::move(left)}});
}

void release(Decision& decision, const Seen<Thread>& thread, Id id, Version last) {
    Thread after = *thread.value();
    after.moving = 0;
    after.expired_to = 0;  // what has come may be older
    decision.expectations.push_back(thread.expectation());
    decision.writes.push_back({thread.key, std::move(after)});
    decision.indexes.push_back({std::string(threads_index), std::to_string(id), last});
}

}  // namespace

// --- to another room

std::vector<std::string> MoveSteps::needs_to_copy() const { return {arrival_key(name)}; }

Result<Decision> MoveSteps::copy(const Arrived& arrived, const Thread& thread, const Leaving& leaving,
                                 const View& view) const {
    const auto key = arrival_key(name);
    const auto before = view.entity(key).version;
    const Version last = arrived.empty() ? 0 : arrived.back().second;
    if (before != last) return look_anew();
    Message message = leaving.message;
    message.thread = arrived.empty() ? 0 : arrived.front().second;
    message.reply_to = new_id(arrived, message.reply_to);
    message.moved = now;
    std::erase_if(message.mentions, [&](Id id) {
        const auto* member = directory.member(id);
        return member == nullptr || !may_read(directory, *member, {ChannelKind::room, move.to_room}, behind_all_ends);
    });
    Decision decision;
    decision.expectations = {{key, before}};
    decision.writes = {{key, std::monostate{}}};
    const auto index = arrived.empty() ? std::string(new_thread_index) : thread_index(message.thread);
    decision.indexes = {{index, listed_member("@", message)}, {arrivals_index(name), std::to_string(leaving.id)}};
    if (arrived.empty()) {
        Thread brought = thread;
        brought.pin = std::nullopt;
        brought.expired_to = 0;
        decision.writes.push_back({std::string(new_thread_key), std::move(brought)});
    }
    decision.writes.push_back({std::string(new_message_key), std::move(message), arrived.empty()});
    if (!leaving.reactions.reactions.empty()) decision.writes.push_back({"reactions:@", leaving.reactions});
    return decision;
}

std::vector<std::string> MoveSteps::needs_to_show(const Arrived& arrived) const {
    return {arrival_key(name), thread_key(arrived.front().second)};
}

Result<Decision> MoveSteps::show(const Arrived& arrived, const View& view) const {
    const auto key = arrival_key(name);
    const Seen<Thread> thread(view, thread_key(arrived.front().second));
    // It may be on its way elsewhere already.
    if (held(thread, move) == nullptr) return thread.seen.version == 0 ? Result<Decision>(look_anew()) : Decision{};
    const auto last = arrived.back().second;
    if (view.entity(key).version != last) return look_anew();
    Decision decision;
    decision.expectations = {{key, last}};
    release(decision, thread, arrived.front().second, last);
    return decision;
}

std::vector<std::string> MoveSteps::needs_to_redirect(const Arrived& some) const {
    std::vector<std::string> keys{thread_key(move.thread)};
    for (const auto& [old, now_is] : some) {
        keys.push_back(message_key(old));
        keys.push_back(reactions_key(old));
    }
    return keys;
}

Result<Decision> MoveSteps::redirect(const Arrived& some, Id thread, const View& view) const {
    const Seen<Thread> source(view, thread_key(move.thread));
    if (held(source, move) == nullptr) return look_anew();
    Decision decision;
    for (const auto& [old, now_is] : some) {
        const Seen<Message> message(view, message_key(old));
        if (message.value() == nullptr) continue;
        decision.expectations.push_back(message.expectation());
        decision.writes.push_back({message.key, Redirect{now, move.to_room, thread, now_is}});
        leave_index(decision, move.thread, old, message.value()->author);
        const Seen<Reactions> reactions(view, reactions_key(old));
        if (reactions.value() == nullptr) continue;
        decision.expectations.push_back(reactions.expectation());
        decision.writes.push_back({reactions.key, std::monostate{}});
    }
    return decision;
}

std::vector<std::string> MoveSteps::needs_to_close() const { return {thread_key(move.thread), std::string(pins_key)}; }

Result<Decision> MoveSteps::close(Id thread, const View& view) const {
    const Seen<Thread> source(view, thread_key(move.thread));
    const Seen<Pins> pins(view, std::string(pins_key));
    if (held(source, move) == nullptr) return Decision{};
    Decision decision;
    leave(decision, source, pins, move, {now, move.to_room, thread, 0});
    return decision;
}

// --- what moderators keep

std::vector<std::string> MoveSteps::text_keys(Id room, Id id, const Message& message) {
    auto keys = earlier_keys({room, id}, message);
    for (std::uint32_t n = 1; n <= message.removals; ++n) keys.push_back(appealed_key(room, id, n));
    return keys;
}

Decision MoveSteps::bring_texts(const std::vector<std::string>& keys, const std::vector<Entity>& texts, Id thread,
                                Id id, const View& view) const {
    Decision decision;
    for (std::size_t n = 0; n < keys.size(); ++n) {
        if (view.entity(keys[n]).version != 0) continue;
        if (const auto* appealed = std::get_if<ReportBook>(&texts[n])) {
            // A removal is appealed once, wherever the message is.
            decision.expectations.push_back({keys[n], 0});
            decision.writes.push_back({keys[n], *appealed});
        }
        const auto* text = std::get_if<EarlierText>(&texts[n]);
        if (text == nullptr) continue;
        EarlierText brought = *text;
        brought.room = move.to_room;
        brought.thread = thread;
        brought.message = id;
        decision.expectations.push_back({keys[n], 0});
        decision.indexes.push_back(
            {std::string(moved_earlier_index), keys[n], moved_earlier_score(keys[n], brought.keep_until)});
        decision.writes.push_back({keys[n], std::move(brought)});
    }
    return decision;
}

Decision MoveSteps::take_texts(const std::vector<std::string>& keys, const View& view) {
    Decision decision;
    for (const auto& key : keys) {
        const Seen<EarlierText> text(view, key);
        if (text.value() == nullptr || text.value()->purged) continue;
        decision.expectations.push_back(text.expectation());
        decision.writes.push_back({key, std::monostate{}});
        decision.indexes.push_back({std::string(earlier_index), key, 0, true});
        decision.indexes.push_back({std::string(moved_earlier_index), key, 0, true});
    }
    return decision;
}

// --- within a room

std::vector<std::string> MoveSteps::needs_to_split(const std::vector<Id>& some) const {
    std::vector<std::string> keys{arrival_key(name), thread_key(move.thread)};
    for (const auto id : some) keys.push_back(message_key(id));
    return keys;
}

namespace {

// What is left of `some` in the thread goes to another; 0: to the one that the commit makes.
void hang(Decision& decision, const std::vector<Id>& some, Id from, Id to, const View& view) {
    for (const auto id : some) {
        const Seen<Message> message(view, message_key(id));
        if (!is_in(message.value(), from)) continue;
        Message after = *message.value();
        after.thread = to;
        decision.expectations.push_back(message.expectation());
        leave_index(decision, from, id, after.author);
        decision.indexes.push_back(
            {to == 0 ? std::string(new_thread_index) : thread_index(to), listed_member(std::to_string(id), after), id});
        decision.writes.push_back({message.key, std::move(after), to == 0});
    }
}

// Of the first one, with the restrictions of the thread that it comes from.
Thread split_off(const Thread& from, const Message& first, const Move& move) {
    Thread thread;
    thread.title = move.title;
    thread.author = first.author;
    thread.badge = first.badge;
    thread.created = first.created;
    thread.locked = from.locked;
    thread.lock = from.lock;
    thread.slow_mode_s = from.slow_mode_s;
    thread.write = from.write;
    thread.moving = from.moving;
    return thread;
}

}  // namespace

Result<Decision> MoveSteps::split(const std::vector<Id>& some, const View& view) const {
    const Seen<Thread> source(view, thread_key(move.thread));
    if (held(source, move) == nullptr) return look_anew();
    const auto arrival = arrival_key(name);
    const auto thread = view.entity(arrival).version;
    Decision decision;
    decision.expectations = {source.expectation(), {arrival, thread}};
    if (thread == 0) {
        const Seen<Message> first(view, message_key(some.front()));
        if (first.value() == nullptr) return look_anew();
        decision.writes = {{arrival, std::monostate{}},
                           {std::string(new_thread_key), split_off(*source.value(), *first.value(), move)}};
    }
    hang(decision, some, move.thread, thread, view);
    return decision;
}

std::vector<std::string> MoveSteps::needs_to_end_split(Id thread) const {
    return {thread_key(move.thread), thread_key(thread)};
}

Result<Decision> MoveSteps::end_split(Id thread, Id left, const View& view) const {
    const Seen<Thread> source(view, thread_key(move.thread));
    const Seen<Thread> target(view, thread_key(thread));
    if (held(source, move) == nullptr || held(target, move) == nullptr) return Decision{};
    Decision decision;
    release(decision, source, move.thread, left);
    release(decision, target, thread, move.messages.back());
    return decision;
}

std::vector<std::string> MoveSteps::needs_to_merge(const std::vector<Id>& some) const {
    std::vector<std::string> keys{thread_key(move.thread), thread_key(move.to_thread)};
    for (const auto id : some) keys.push_back(message_key(id));
    return keys;
}

Result<Decision> MoveSteps::merge(const std::vector<Id>& some, const View& view) const {
    const Seen<Thread> source(view, thread_key(move.thread));
    const Seen<Thread> target(view, thread_key(move.to_thread));
    if (held(source, move) == nullptr || held(target, move) == nullptr) return look_anew();
    Decision decision;
    decision.expectations = {source.expectation(), target.expectation()};
    hang(decision, some, move.thread, move.to_thread, view);
    return decision;
}

std::vector<std::string> MoveSteps::needs_to_end_merge() const {
    return {thread_key(move.thread), thread_key(move.to_thread), std::string(pins_key)};
}

Result<Decision> MoveSteps::end_merge(Id last, const View& view) const {
    const Seen<Thread> source(view, thread_key(move.thread));
    const Seen<Thread> target(view, thread_key(move.to_thread));
    const Seen<Pins> pins(view, std::string(pins_key));
    if (held(source, move) == nullptr || held(target, move) == nullptr) return Decision{};
    Decision decision;
    leave(decision, source, pins, move, {now, move.room, move.to_thread, 0});
    release(decision, target, move.to_thread, last);
    return decision;
}

}  // namespace foorumi::forum
