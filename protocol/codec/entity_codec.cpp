#include "codec/entity_codec.hpp"

#include "codec/held_codec.hpp"
#include "codec/report_codec.hpp"
#include "codec/serialize.hpp"

namespace foorumi::codec {
namespace {

struct ToProto {
    v1::Entity& out;

    void operator()(const std::monostate&) const { out.clear_value(); }

    void operator()(const forum::Room& room) const {
        auto& to = *out.mutable_room();
        to.set_forum(room.forum);
        to.set_slug(room.slug);
        to.set_title(room.title);
        to.set_description(room.description);
        to.set_archived(room.archived);
        to.set_archive_reason(room.archive_reason);
        to.set_as_of(room.as_of);
        to.set_retention_days(room.retention_days);
    }

    void operator()(const forum::Thread& thread) const {
        auto& to = *out.mutable_thread();
        to.set_title(thread.title);
        to.set_author(thread.author);
        to_proto(thread.badge, *to.mutable_badge());
        to.set_created_ms(thread.created);
        to.set_locked(thread.locked);
        if (thread.lock != forum::Lock{}) {
            auto& lock = *to.mutable_lock();
            lock.set_reason(thread.lock.reason);
            lock.set_by(thread.lock.by);
            lock.set_at_ms(thread.lock.at);
        }
        if (thread.pin) {
            auto& pin = *to.mutable_pin();
            pin.set_until_ms(thread.pin->until);
            pin.set_announcement(thread.pin->announcement);
        }
        to.set_state(static_cast<v1::ThreadState>(thread.state));
        to.set_slow_mode_s(thread.slow_mode_s);
        to_proto(thread.write, *to.mutable_write());
        to.mutable_tags()->Assign(thread.tags.begin(), thread.tags.end());
        to.set_moving_ms(thread.moving);
        to.set_expired_to(thread.expired_to);
    }

    void operator()(const forum::Message& message) const {
        auto& to = *out.mutable_message();
        to.set_thread(message.thread);
        to.set_author(message.author);
        to_proto(message.badge, *to.mutable_badge());
        to.set_text(message.text);
        to.set_reply_to(message.reply_to);
        to.mutable_mentions()->Assign(message.mentions.begin(), message.mentions.end());
        to.set_created_ms(message.created);
        to.set_edited_ms(message.edited);
        to.set_edits(message.edits);
        to.set_deleted_ms(message.deleted);
        to.set_removed_ms(message.removed);
        to.set_reason(message.reason);
        to.set_purged_ms(message.purged);
        to.set_removals(message.removals);
        to.set_author_deleted_ms(message.author_deleted);
        to.set_moved_ms(message.moved);
        to.set_expired_days(message.expired_days);
        if (!message.secrecy) return;
        auto& secrecy = *to.mutable_secrecy();
        secrecy.set_ground(message.secrecy->ground);
        secrecy.set_at_ms(message.secrecy->at);
        secrecy.set_by_moderators(message.secrecy->by_moderators);
    }

    void operator()(const forum::Reactions& all) const {
        auto& to = *out.mutable_reactions();
        to.clear_reactions();
        for (const auto& reaction : all.reactions) {
            auto& one = *to.add_reactions();
            one.set_emoji(reaction.emoji);
            one.mutable_members()->Assign(reaction.members.begin(), reaction.members.end());
        }
    }

    void operator()(const forum::Pins& pins) const {
        auto& to = *out.mutable_pins();
        to.clear_pinned();
        for (const auto& pinned : pins.pinned) {
            auto& one = *to.add_pinned();
            one.set_thread(pinned.thread);
            one.set_until_ms(pinned.until);
        }
    }

    void operator()(const forum::Pace& pace) const {
        out.mutable_pace()->set_member(pace.member);
        out.mutable_pace()->set_at_ms(pace.at);
    }

    void operator()(const forum::ReadMark& mark) const { out.mutable_read_mark()->set_to(mark.to); }

    void operator()(const forum::Draft& draft) const {
        auto& to = *out.mutable_draft();
        to.set_text(draft.text);
        to.set_title(draft.title);
        to.set_saved_ms(draft.saved);
    }

    void operator()(const forum::Watch& watch) const {
        out.mutable_watch()->set_level(static_cast<v1::Watch::Level>(watch.level));
    }

    void operator()(const forum::InboxEntry& entry) const {
        auto& to = *out.mutable_inbox_entry();
        to.set_kind(static_cast<v1::InboxEntry::Kind>(entry.kind));
        to.set_room(entry.room);
        to.set_thread(entry.thread);
        to.set_message(entry.message);
        to.set_author(entry.author);
        to.set_created_ms(entry.created);
        to.set_seen(entry.seen);
        to.set_reason(entry.reason);
        to.set_member(entry.member);
        to.set_held(entry.held);
        if (!entry.sanction) return;
        auto& sanction = *to.mutable_sanction();
        sanction.set_number(entry.sanction->number);
        sanction.set_kind(static_cast<v1::SanctionKind>(entry.sanction->kind));
        sanction.set_forum(entry.sanction->forum);
        sanction.set_until_ms(entry.sanction->until);
        sanction.set_appeal(entry.sanction->appeal);
    }

    void operator()(const forum::EarlierText& earlier) const {
        auto& to = *out.mutable_earlier_text();
        to.set_room(earlier.room);
        to.set_thread(earlier.thread);
        to.set_message(earlier.message);
        to.set_author(earlier.author);
        to.set_text(earlier.text);
        to.set_replaced_ms(earlier.replaced);
        to.set_removed(earlier.removed);
        to.set_keep_until_ms(earlier.keep_until);
        to.mutable_mentions()->Assign(earlier.mentions.begin(), earlier.mentions.end());
        to.set_by(earlier.by);
        to.set_reason(earlier.reason);
        to.set_purged(earlier.purged);
    }

    void operator()(const forum::Report& report) const { report_to_proto(report, *out.mutable_report()); }
    void operator()(const forum::ReportWords& words) const { report_to_proto(words, *out.mutable_report_words()); }
    void operator()(const forum::ReportNote& note) const { report_to_proto(note, *out.mutable_report_note()); }
    void operator()(const forum::ReportBook& book) const { report_to_proto(book, *out.mutable_report_book()); }

    void operator()(const forum::HeldMessage& held) const { held_to_proto(held, *out.mutable_held_message()); }
    void operator()(const forum::PostBook& book) const { held_to_proto(book, *out.mutable_post_book()); }

    void operator()(const forum::Redirect& redirect) const {
        auto& to = *out.mutable_redirect();
        to.set_moved_ms(redirect.moved);
        to.set_room(redirect.room);
        to.set_thread(redirect.thread);
        to.set_message(redirect.message);
    }

    void operator()(const forum::Move& move) const {
        auto& to = *out.mutable_move();
        to.set_kind(static_cast<v1::Move::Kind>(move.kind));
        to.set_room(move.room);
        to.set_thread(move.thread);
        to.set_to_room(move.to_room);
        to.set_to_thread(move.to_thread);
        to.mutable_messages()->Assign(move.messages.begin(), move.messages.end());
        to.set_title(move.title);
        to.set_by(move.by);
        to.set_at_ms(move.at);
    }
};

forum::Room plain(const v1::Room& room) {
    return {room.forum(),    room.slug(),           room.title(), room.description(),
            room.archived(), room.archive_reason(), room.as_of(), room.retention_days()};
}

// A state that a later server wrote, and writers of whom none is known here, are nothing that this one could act on.
std::optional<forum::Entity> plain(const v1::Thread& thread) {
    if (!v1::ThreadState_IsValid(thread.state())) return std::nullopt;
    forum::Thread out;
    out.title = thread.title();
    out.author = thread.author();
    out.badge = from_proto(thread.badge());
    out.created = thread.created_ms();
    out.locked = thread.locked();
    out.lock = {thread.lock().reason(), thread.lock().by(), thread.lock().at_ms()};
    if (thread.has_pin()) out.pin = forum::Pin{thread.pin().until_ms(), thread.pin().announcement()};
    out.state = static_cast<forum::ThreadState>(thread.state());
    out.slow_mode_s = thread.slow_mode_s();
    out.write = roles_from_proto(thread.write());
    if (out.write.empty() && thread.write_size() > 0) return std::nullopt;
    out.tags.assign(thread.tags().begin(), thread.tags().end());
    out.moving = thread.moving_ms();
    out.expired_to = thread.expired_to();
    return out;
}

forum::Pins plain(const v1::Pins& pins) {
    forum::Pins out;
    for (const auto& pinned : pins.pinned()) out.pinned.push_back({pinned.thread(), pinned.until_ms()});
    return out;
}

forum::Message plain(const v1::Message& message) {
    forum::Message out;
    out.thread = message.thread();
    out.author = message.author();
    out.badge = from_proto(message.badge());
    out.text = message.text();
    out.reply_to = message.reply_to();
    out.mentions.assign(message.mentions().begin(), message.mentions().end());
    out.created = message.created_ms();
    out.edited = message.edited_ms();
    out.edits = message.edits();
    out.deleted = message.deleted_ms();
    out.removed = message.removed_ms();
    out.reason = message.reason();
    out.purged = message.purged_ms();
    out.removals = message.removals();
    out.author_deleted = message.author_deleted_ms();
    out.moved = message.moved_ms();
    out.expired_days = message.expired_days();
    if (message.has_secrecy())
        out.secrecy =
            forum::Secrecy{message.secrecy().ground(), message.secrecy().at_ms(), message.secrecy().by_moderators()};
    return out;
}

forum::Reactions plain(const v1::Reactions& all) {
    forum::Reactions out;
    for (const auto& reaction : all.reactions()) {
        out.reactions.push_back({reaction.emoji(), {reaction.members().begin(), reaction.members().end()}});
    }
    return out;
}

forum::Draft plain(const v1::Draft& draft) { return {draft.text(), draft.title(), draft.saved_ms()}; }

// A value of an enum that a later server wrote is none that this one could act on.
std::optional<forum::Entity> plain(const v1::Watch& watch) {
    if (watch.level() < v1::Watch::LEVEL_NORMAL || watch.level() > v1::Watch::LEVEL_MUTE) return std::nullopt;
    return forum::Watch{static_cast<forum::WatchLevel>(watch.level())};
}

bool is_known(v1::InboxEntry::Kind kind) {
    return (kind >= v1::InboxEntry::KIND_MENTION && kind <= v1::InboxEntry::KIND_APPEAL_REJECTED) ||
           kind == v1::InboxEntry::KIND_SANCTIONED || kind == v1::InboxEntry::KIND_SANCTION_LIFTED ||
           kind == v1::InboxEntry::KIND_SECRECY_MARKED || kind == v1::InboxEntry::KIND_SECRECY_LIFTED ||
           kind == v1::InboxEntry::KIND_HELD_APPROVED || kind == v1::InboxEntry::KIND_HELD_REJECTED;
}

std::optional<forum::Entity> plain(const v1::InboxEntry& entry) {
    if (!is_known(entry.kind())) return std::nullopt;
    forum::InboxEntry out{static_cast<forum::InboxKind>(entry.kind()),
                          entry.room(),
                          entry.thread(),
                          entry.message(),
                          entry.author(),
                          entry.created_ms(),
                          entry.seen(),
                          entry.reason(),
                          entry.member()};
    out.held = entry.held();
    if (!entry.has_sanction()) return out;
    const auto& sanction = entry.sanction();
    if (!sanction_from_proto(sanction.kind())) return std::nullopt;
    out.sanction = {sanction.number(), *sanction_from_proto(sanction.kind()), sanction.forum(), sanction.until_ms(),
                    sanction.appeal()};
    return out;
}

forum::EarlierText plain(const v1::EarlierText& earlier) {
    return {earlier.room(),    earlier.thread(),        earlier.message(),
            earlier.author(),  earlier.text(),          earlier.replaced_ms(),
            earlier.removed(), earlier.keep_until_ms(), {earlier.mentions().begin(), earlier.mentions().end()},
            earlier.by(),      earlier.reason(),        earlier.purged()};
}

// One of a kind that a later server began is none that this one could go on with.
std::optional<forum::Entity> plain(const v1::Move& move) {
    if (move.kind() < v1::Move::KIND_MOVE || move.kind() > v1::Move::KIND_MERGE) return std::nullopt;
    return forum::Move{
        static_cast<forum::MoveKind>(move.kind()),        move.room(),  move.thread(), move.to_room(), move.to_thread(),
        {move.messages().begin(), move.messages().end()}, move.title(), move.by(),     move.at_ms()};
}

}  // namespace

void to_proto(const forum::Entity& value, v1::Entity& out) { std::visit(ToProto{out}, value); }

std::optional<forum::Entity> from_proto(const v1::Entity& entity) {
    switch (entity.value_case()) {
        case v1::Entity::kRoom:
            return plain(entity.room());
        case v1::Entity::kThread:
            return plain(entity.thread());
        case v1::Entity::kMessage:
            return plain(entity.message());
        case v1::Entity::kReactions:
            return plain(entity.reactions());
        case v1::Entity::kPins:
            return plain(entity.pins());
        case v1::Entity::kPace:
            return forum::Pace{entity.pace().member(), entity.pace().at_ms()};
        case v1::Entity::kReadMark:
            return forum::ReadMark{entity.read_mark().to()};
        case v1::Entity::kDraft:
            return plain(entity.draft());
        case v1::Entity::kWatch:
            return plain(entity.watch());
        case v1::Entity::kInboxEntry:
            return plain(entity.inbox_entry());
        case v1::Entity::kEarlierText:
            return plain(entity.earlier_text());
        case v1::Entity::kReport:
            return report_from_proto(entity.report());
        case v1::Entity::kReportWords:
            return report_from_proto(entity.report_words());
        case v1::Entity::kReportNote:
            return report_from_proto(entity.report_note());
        case v1::Entity::kReportBook:
            return report_from_proto(entity.report_book());
        case v1::Entity::kHeldMessage:
            return held_from_proto(entity.held_message());
        case v1::Entity::kPostBook:
            return held_from_proto(entity.post_book());
        case v1::Entity::kRedirect:
            return forum::Redirect{entity.redirect().moved_ms(), entity.redirect().room(), entity.redirect().thread(),
                                   entity.redirect().message()};
        case v1::Entity::kMove:
            return plain(entity.move());
        case v1::Entity::VALUE_NOT_SET:
            break;
    }
    return std::nullopt;
}

std::string encode_value(const forum::Entity& value) {
    v1::Entity entity;
    to_proto(value, entity);
    return serialize(entity);
}

std::string value_for_subscribers(std::string_view bytes) {
    v1::Entity entity;
    if (!parse(bytes, entity)) return {};
    if (entity.has_earlier_text()) {
        entity.mutable_earlier_text()->clear_text();
        entity.mutable_earlier_text()->clear_mentions();
    } else if (entity.has_redirect()) {
        const auto moved = entity.redirect().moved_ms();
        entity.mutable_redirect()->Clear();
        entity.mutable_redirect()->set_moved_ms(moved);
    } else if (entity.has_move()) {
        entity.mutable_move()->clear_to_room();
        entity.mutable_move()->clear_to_thread();
    } else {
        return std::string(bytes);
    }
    return serialize(entity);
}

bool is_redirect(std::string_view bytes) { return bytes.starts_with(redirect_tag); }

std::optional<forum::Entity> decode_value(std::string_view bytes) {
    if (bytes.empty()) return forum::Entity{};
    v1::Entity entity;
    if (!parse(bytes, entity)) return std::nullopt;
    return from_proto(entity);
}

}  // namespace foorumi::codec
