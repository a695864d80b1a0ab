#include "forum/moderation.hpp"

#include <algorithm>

#include "forum/rule_parts.hpp"
#include "forum/screening.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

Refusal moderators_only(std::string_view field) { return refusal(ErrorCode::forbidden, "moderators_only", field); }

// Sight, and the power.
Result<void> check_moderator(const Actor& actor, Id room) {
    if (auto visible = visible_room(actor, room); !visible) return visible.error();
    if (!moderates_room(actor, room)) return moderators_only("room");
    return {};
}

std::vector<std::string> place_needs(Id thread) { return {std::string(room_key), thread_key(thread)}; }

Result<void> open_to_moderators(const Actor& actor, Id room, const Place& place) {
    if (auto exists = place.exists(); !exists) return exists;
    return place.not_archived(actor, room);
}

enum class Authority { author, moderator };

// On what authority the actor may change what is the author's, too; the author's goes first. `authors`: whether authors
// may do just this; if not, `field` is at fault.
Result<Authority> authority(const Actor& actor, Id room, const Thread& thread, bool authors, std::string_view field) {
    const bool own = thread.author == actor.member.id;
    const bool writes = may_write(actor.directory, actor.member, *actor.directory.room(room), actor.now);
    const bool posts = thread.write.empty() || thread.write.intersects(actor.member.roles);
    if (own && authors && writes && posts && !thread.locked) return Authority::author;
    if (moderates_room(actor, room)) return Authority::moderator;
    if (!own) return moderators_only("thread");
    if (!authors) return moderators_only(field);
    if (!writes) {
        const auto why = why_not_write(actor.member, *actor.directory.room(room), actor.now);
        return refusal(ErrorCode::forbidden, why, "room");
    }
    if (thread.locked) return refusal(ErrorCode::forbidden, "thread_locked", "thread");
    return refusal(ErrorCode::forbidden, "may_not_post_in_thread", "thread");
}

std::string_view act_name(const LockThread& command) { return command.locked ? "lock_thread" : "unlock_thread"; }
std::string_view act_name(const PinThread& command) { return command.unpin ? "unpin_thread" : "pin_thread"; }
template <class Command>
std::string_view act_name(const Command&) {
    return {};
}

void tell(Act& act, const PinThread& command) {
    if (command.unpin) return;
    act.until = command.until;
    act.announcement = command.announcement;
}
void tell(Act& act, const RestrictThread& command) {
    act.slow_mode_s = command.slow_mode_s;
    act.write = command.write;
}
void tell(Act& act, const SetThreadState& command) { act.state = command.state; }
template <class Command>
void tell(Act& /*act*/, const Command& /*command*/) {}

Act act_on(const Actor& actor, Id room, Id thread, Id author, std::string reason) {
    Act act;
    act.forum = actor.directory.room(room)->forum;
    act.room = room;
    act.thread = thread;
    act.member = author;
    act.reason = std::move(reason);
    return act;
}

// Puts the thread, unless it is so already.
Decision put_thread(const Place& place, Thread after) {
    Decision decision;
    if (after == place.thread()) return decision;
    place.expect(decision);
    decision.writes = {{place.thread_key(), std::move(after)}};
    return decision;
}

template <class Command>
Decision moderated(const Actor& actor, const Command& command, const Place& place, Thread after,
                   std::string reason = {}) {
    auto decision = put_thread(place, std::move(after));
    if (decision.writes.empty()) return decision;
    decision.act = act_on(actor, command.room, command.thread, place.thread().author, std::move(reason));
    decision.act->name = act_name(command);
    tell(*decision.act, command);
    return decision;
}

// Of what authors may as well.
template <class Command, class Change>
Result<Decision> decide_own(const Actor& actor, const Command& command, const Place& place, bool authors,
                            std::string_view field, Change change) {
    if (auto exists = place.exists(); !exists) return exists.error();
    const auto by = authority(actor, command.room, place.thread(), authors, field);
    if (!by) return by.error();
    if (auto open = place.not_archived(actor, command.room); !open) return open.error();
    Thread after = place.thread();
    change(after);
    if (*by == Authority::author) return put_thread(place, std::move(after));
    return moderated(actor, command, place, std::move(after));
}

// What the thread's author has written, compared with filters.
template <class Command>
Result<Decision> screened_own(const Actor& actor, const Command& command, Result<Decision> decision,
                              const std::vector<Written>& written) {
    if (!decision || decision->writes.empty()) return decision;
    const auto screened = screen_present(actor, command.room, written);
    if (!screened) return screened.error();
    flag(*decision, actor, command.room, command.thread, command.thread, *screened);
    return decision;
}

bool is_pinned(const Thread& thread, Millis now) { return thread.pin && !thread.pin->over(now); }

// Those of other threads that are not over.
Pins other_pins(const Pins* pins, Id thread, Millis now) {
    Pins others;
    if (pins == nullptr) return others;
    std::copy_if(pins->pinned.begin(), pins->pinned.end(), std::back_inserter(others.pinned),
                 [&](const auto& one) { return one.thread != thread && !Pin{one.until, false}.over(now); });
    return others;
}

// Each once, in their order; no more of them than one above the limit.
std::vector<std::string> different(const std::vector<std::string>& tags, std::size_t limit) {
    std::vector<std::string> once;
    for (const auto& tag : tags) {
        if (once.size() > limit) break;
        if (std::find(once.begin(), once.end(), tag) == once.end()) once.push_back(tag);
    }
    return once;
}

}  // namespace

Result<void> check(const Actor& actor, const LockThread& command) {
    const auto limit = actor.limits.reason_bytes;
    auto reason = command.locked ? check_text(command.reason, limit, "reason")  //
                                 : check_draft(command.reason, limit, "reason");
    if (!reason) return reason;
    return check_moderator(actor, command.room);
}

std::vector<std::string> needs(const Actor&, const LockThread& command) { return place_needs(command.thread); }

Result<Decision> decide(const Actor& actor, const LockThread& command, const View& view) {
    const Place place(view, command.thread);
    if (auto open = open_to_moderators(actor, command.room, place); !open) return open.error();
    Thread after = place.thread();
    if (command.locked != after.locked || command.reason != after.lock.reason)
        after.lock = command.locked ? Lock{command.reason, actor.member.id, actor.now} : Lock{};
    after.locked = command.locked;
    return moderated(actor, command, place, std::move(after), command.reason);
}

Result<void> check(const Actor& actor, const PinThread& command) {
    if (!command.unpin && (command.until < 0 || Pin{command.until, false}.over(actor.now)))
        return refusal(ErrorCode::invalid, "pin_in_past", "until_ms");
    return check_moderator(actor, command.room);
}

std::vector<std::string> needs(const Actor&, const PinThread& command) {
    auto keys = place_needs(command.thread);
    keys.emplace_back(pins_key);
    return keys;
}

Result<Decision> decide(const Actor& actor, const PinThread& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Pins> present(view, std::string(pins_key));
    if (auto open = open_to_moderators(actor, command.room, place); !open) return open.error();
    if (command.unpin && !is_pinned(place.thread(), actor.now)) return Decision{};
    Pins pins = other_pins(present.value(), command.thread, actor.now);
    Thread after = place.thread();
    after.pin = std::nullopt;
    if (!command.unpin) {
        after.pin = Pin{command.until, command.announcement};
        if (after == place.thread()) return Decision{};
        if (pins.pinned.size() >= actor.limits.pinned_threads)
            return refusal(ErrorCode::limited, "too_many_pinned", "thread");
        pins.pinned.push_back({command.thread, command.until});
    }
    auto decision = moderated(actor, command, place, std::move(after));
    decision.expectations.push_back(present.expectation());
    decision.writes.push_back({present.key, pins.pinned.empty() ? Entity{} : Entity{std::move(pins)}});
    return decision;
}

Result<void> check(const Actor& actor, const RestrictThread& command) {
    if (command.slow_mode_s > actor.limits.slow_mode_s)
        return refusal(ErrorCode::invalid, "slow_mode_too_long", "slow_mode_s");
    if (command.role_unknown) return refusal(ErrorCode::invalid, "role_unknown", "write");
    return check_moderator(actor, command.room);
}

std::vector<std::string> needs(const Actor&, const RestrictThread& command) { return place_needs(command.thread); }

Result<Decision> decide(const Actor& actor, const RestrictThread& command, const View& view) {
    const Place place(view, command.thread);
    if (auto open = open_to_moderators(actor, command.room, place); !open) return open.error();
    Thread after = place.thread();
    after.slow_mode_s = command.slow_mode_s;
    after.write = command.write;
    return moderated(actor, command, place, std::move(after));
}

Result<void> check(const Actor& actor, const SetThreadState& command) {
    if (command.state > ThreadState::practice) return refusal(ErrorCode::invalid, "state_unknown", "state");
    if (auto visible = visible_room(actor, command.room); !visible) return visible.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const SetThreadState& command) { return place_needs(command.thread); }

Result<Decision> decide(const Actor& actor, const SetThreadState& command, const View& view) {
    const Place place(view, command.thread);
    if (auto exists = place.exists(); !exists) return exists.error();
    const bool authors = command.state != ThreadState::practice && place.thread().state != ThreadState::practice;
    return decide_own(actor, command, place, authors, "state", [&](Thread& thread) { thread.state = command.state; });
}

Result<void> check(const Actor& actor, const TagThread& command) {
    const auto& limits = actor.limits;
    if (command.too_long) return refusal(ErrorCode::invalid, "text_too_long", "tags");
    if (command.too_many) return refusal(ErrorCode::limited, "too_many_tags", "tags");
    const auto tags = different(command.tags, limits.tags);
    for (const auto& tag : tags)
        if (auto checked = check_title(tag, limits.tag_bytes, "tags"); !checked) return checked;
    if (tags.size() > limits.tags) return refusal(ErrorCode::limited, "too_many_tags", "tags");
    if (auto visible = visible_room(actor, command.room); !visible) return visible.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const TagThread& command) { return place_needs(command.thread); }

Result<Decision> decide(const Actor& actor, const TagThread& command, const View& view) {
    const Place place(view, command.thread);
    const auto tags = different(command.tags, actor.limits.tags);
    auto decision = decide_own(actor, command, place, true, "thread", [&](Thread& thread) { thread.tags = tags; });
    if (!decision) return decision;
    std::vector<Written> fresh;  // what the thread has may be a moderator's, or older than the filter
    for (const auto& tag : tags)
        if (std::ranges::find(place.thread().tags, tag) == place.thread().tags.end()) fresh.push_back({tag, "tags"});
    return screened_own(actor, command, std::move(decision), fresh);
}

Result<void> check(const Actor& actor, const RenameThread& command) {
    if (auto title = check_title(command.title, actor.limits.title_bytes, "title"); !title) return title;
    if (auto visible = visible_room(actor, command.room); !visible) return visible.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const RenameThread& command) { return place_needs(command.thread); }

Result<Decision> decide(const Actor& actor, const RenameThread& command, const View& view) {
    const Place place(view, command.thread);
    auto decision =
        decide_own(actor, command, place, true, "thread", [&](Thread& thread) { thread.title = command.title; });
    return screened_own(actor, command, std::move(decision), {{command.title, "title"}});
}

}  // namespace foorumi::forum
