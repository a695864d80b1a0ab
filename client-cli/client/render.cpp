#include "client/render.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <set>

#include "client/columns.hpp"
#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/markdown.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Entity;
using foorumi::v1::Watch;

std::string inline_text(std::string_view text) { return visible(text, Lines::one); }

constexpr std::string_view indent = "    ";

// "Title (#3)", or "#3" where the title is not known.
std::string titled(const std::string& title, std::uint64_t id) {
    const std::string number = '#' + std::to_string(id);
    return title.empty() ? number : inline_text(title) + " (" + number + ')';
}

}  // namespace

std::string_view role_key(int role) {
    switch (role) {
        case foorumi::v1::ROLE_COUNCILLOR:
            return "role.councillor";
        case foorumi::v1::ROLE_OFFICE_HOLDER:
            return "role.office_holder";
        case foorumi::v1::ROLE_EXPERT:
            return "role.expert";
        case foorumi::v1::ROLE_MODERATOR:
            return "role.moderator";
        case foorumi::v1::ROLE_ADMINISTRATOR:
            return "role.administrator";
        default:
            return "role.other";
    }
}

bool is_shown(const Entity& entity) {
    const auto kind = parse_entity_key(entity.key()).kind;
    if (entity.has_redirect()) return kind == "thread";
    // What comes from another room is no news, one by one.
    if (entity.has_message() && entity.message().moved_ms() != 0 &&
        parse_entity_key(entity.key()).id() == entity.version())
        return false;
    return kind != "pins" && kind != "pace" && kind != "arrival";
}

std::string time_text(std::int64_t ms_since_1970) {
    const std::time_t seconds = static_cast<std::time_t>(ms_since_1970 / 1000);
    std::tm local{};
    if (localtime_r(&seconds, &local) == nullptr) return "?";
    std::array<char, 64> out{};
    return {out.data(), std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M", &local)};
}

std::string code_word(foorumi::v1::Error::Code code) {
    constexpr std::string_view prefix = "CODE_";
    std::string word = foorumi::v1::Error::Code_Name(code);
    if (word.empty()) return "CODE_" + std::to_string(code);
    if (word.starts_with(prefix)) word.erase(0, prefix.size());
    return word;
}

void collect_members(const Entity& entity, std::vector<std::uint64_t>& out) {
    switch (entity.value_case()) {
        case Entity::kThread:
            out.push_back(entity.thread().author());
            break;
        case Entity::kMessage:
            out.push_back(entity.message().author());
            out.insert(out.end(), entity.message().mentions().begin(), entity.message().mentions().end());
            break;
        case Entity::kInboxEntry:
            for (const auto id : {entity.inbox_entry().author(), entity.inbox_entry().member()})
                if (id != 0) out.push_back(id);
            break;
        case Entity::kReport:
            for (const auto id : {entity.report().member(), entity.report().assigned(), entity.report().closed_by(),
                                  entity.report().removed_by()})
                if (id != 0) out.push_back(id);
            break;
        case Entity::kHeldMessage:
            out.push_back(entity.held_message().author());
            break;
        case Entity::kEarlierText:
            out.push_back(entity.earlier_text().author());
            if (entity.earlier_text().by() != 0) out.push_back(entity.earlier_text().by());
            break;
        default:
            break;
    }
}

std::string Renderer::styled(std::string_view code, const std::string& text) const {
    return colours_ ? "\x1b[" + std::string(code) + 'm' + text + "\x1b[0m" : text;
}

std::string Renderer::roles(const google::protobuf::RepeatedField<int>& roles) const {
    std::string out;
    for (const int role : roles) {
        if (!out.empty()) out += ", ";
        out += texts_.text(role_key(role));
    }
    return out;
}

std::string Renderer::name(std::uint64_t member) const {
    const auto* known = members_.find(member);
    if (known != nullptr) return inline_text(known->name());
    return texts_.text(members_.is_erased(member) ? "member.erased" : "member.unknown",
                       {{"id", std::to_string(member)}});
}

std::string Renderer::member(const foorumi::v1::Member& member) const {
    std::string out = bold(inline_text(member.name())) + "  @" + inline_text(member.handle());
    if (!member.municipality_name().empty()) out += "  " + inline_text(member.municipality_name());
    if (member.roles_size() > 0) out += "  (" + roles(member.roles()) + ')';
    return out + "  " + dim('#' + std::to_string(member.id()));
}

std::string Renderer::author(std::uint64_t member, const foorumi::v1::Badge& badge) const {
    // The badge tells as whom it was written; the municipality's name is known for the present one only.
    const auto* known = members_.find(member);
    std::string about = inline_text(badge.municipality());
    if (known != nullptr && known->municipality() == badge.municipality())
        about = inline_text(known->municipality_name());
    const std::string as = roles(badge.roles());
    if (!about.empty() && !as.empty()) about += ", ";
    about += as;
    return bold(name(member)) + (about.empty() ? "" : " (" + about + ')');
}

template <class Place>
std::string Renderer::archive_mark(const Place& place) const {
    if (!place.archived()) return {};
    return "  " + (place.archive_reason().empty()
                       ? texts_.text("room.archived")
                       : texts_.text("room.archived_why", {{"reason", inline_text(place.archive_reason())}}));
}

std::string Renderer::forum(const foorumi::v1::Forums::Forum& forum) const {
    std::string out = bold(inline_text(forum.title())) + "  " + inline_text(forum.slug()) + "  " +
                      dim('#' + std::to_string(forum.id())) + archive_mark(forum);
    if (!forum.description().empty()) out += "\n    " + inline_text(forum.description());
    return out;
}

std::string Renderer::room(const foorumi::v1::Rooms::Room& room) const {
    std::string out =
        bold(inline_text(room.title())) + "  " + inline_text(room.slug()) + "  " + dim('#' + std::to_string(room.id()));
    out += archive_mark(room);
    if (!room.may_write() && !room.archived()) out += "  " + texts_.text("room.read_only");
    if (room.retention_days() != 0)
        out += "  " + texts_.text("room.retention", {{"days", std::to_string(room.retention_days())}});
    if (!room.description().empty()) out += "\n    " + inline_text(room.description());
    return out;
}

std::string Renderer::title(std::string_view title) const {
    return title.empty() ? texts_.text("thread.title_removed") : inline_text(title);
}

std::string Renderer::thread(const foorumi::v1::ThreadSummary& summary) const {
    const auto& thread = summary.thread().thread();
    const auto id = parse_entity_key(summary.thread().key()).id();
    std::string out = dim('#' + std::to_string(id)) + "  " + bold(title(thread.title())) + "  " +
                      texts_.counted("thread.messages", summary.messages()) + ", " +
                      texts_.counted("thread.unread", summary.unread());
    out += marks(thread);
    if (summary.watch() == Watch::LEVEL_FOLLOW) out += "  " + texts_.text("thread.followed");
    if (summary.watch() == Watch::LEVEL_MUTE) out += "  " + texts_.text("thread.muted");
    return out;
}

bool Renderer::mentions_self(const foorumi::v1::Message& message) const {
    return self_ != 0 && std::ranges::find(message.mentions(), self_) != message.mentions().end();
}

std::string Renderer::reactions(const foorumi::v1::Reactions& reactions) const {
    std::string out;
    for (const auto& reaction : reactions.reactions()) {
        if (!out.empty()) out += "  ";
        out += inline_text(reaction.emoji()) + ' ' + std::to_string(reaction.members_size());
    }
    return out;
}

std::string Renderer::body(const foorumi::v1::Message& message) const {
    if (!colours_) return wrapped(visible(message.text(), Lines::many), indent, columns_);
    std::set<std::string> handles;
    for (const std::uint64_t id : message.mentions()) {
        if (const auto* member = members_.find(id)) handles.insert(member->handle());
    }
    return wrapped(styled_markdown(message.text(), handles), indent, columns_);
}

std::string Renderer::new_thread(const Entity& thread, const Entity& message) const {
    const auto id = parse_entity_key(thread.key()).id();
    return bold(
               texts_.text("thread.started", {{"id", std::to_string(id)}, {"title", title(thread.thread().title())}})) +
           '\n' + this->message(message, nullptr);
}

std::string Renderer::message(const Entity& entity, const Entity* reactions_of) const {
    const auto& message = entity.message();
    const auto id = parse_entity_key(entity.key()).id();
    std::string out = dim('#' + std::to_string(id)) + ' ' + author(message.author(), message.badge()) + "  " +
                      dim(time_text(message.created_ms()));
    if (message.reply_to() != 0)
        out += "  " + texts_.text("message.reply_to", {{"id", std::to_string(message.reply_to())}});
    if (message.edited_ms() != 0 && message.deleted_ms() == 0) out += "  " + texts_.text("message.edited");
    if (mentions_self(message)) out += "  " + styled("7", texts_.text("message.mentions_you"));
    out += '\n';
    // Above the text, which could say anything.
    if (message.has_secrecy()) {
        const std::string ground = message.secrecy().ground().empty() ? "-" : message.secrecy().ground();
        const auto key = message.secrecy().by_moderators() ? "message.marked_by_moderators" : "message.marked";
        out += "    " + bold(texts_.text(key, {{"ground", inline_text(ground)}})) + '\n';
    }
    out += message.deleted_ms() != 0 ? "    " + dim(tombstone(message)) : body(message);
    if (reactions_of != nullptr && reactions_of->reactions().reactions_size() > 0) {
        out += "\n    " + reactions(reactions_of->reactions());
    }
    return out;
}

std::string Renderer::tombstone(const foorumi::v1::Message& message) const {
    if (message.expired_days() != 0)
        return texts_.text("message.expired", {{"days", std::to_string(message.expired_days())}});
    if (message.removed_ms() == 0) return texts_.text("message.deleted");
    return message.reason().empty() ? texts_.text("message.removed")
                                    : texts_.text("message.removed_why", {{"reason", inline_text(message.reason())}});
}

std::string Renderer::earlier(const foorumi::v1::EarlierText& earlier) const {
    const auto key = earlier.purged()     ? "earlier.purged"
                     : !earlier.removed() ? "earlier.edited"
                     : earlier.by() == 0  ? "earlier.deleted"
                                          : "earlier.removed";
    const std::string by = earlier.by() == 0 ? "" : name(earlier.by());
    std::string out = dim(time_text(earlier.replaced_ms())) + "  " +
                      bold(texts_.text(key, {{"name", by}, {"reason", inline_text(earlier.reason())}}));
    if (!earlier.purged()) out += '\n' + wrapped(visible(earlier.text(), Lines::many), indent, columns_);
    return out;
}

std::string Renderer::inbox_entry(const foorumi::v1::InboxEntry& entry, const Titles& titles) const {
    using Entry = foorumi::v1::InboxEntry;
    if (entry.has_sanction()) {
        const std::string told = sanctioned(entry);
        return dim(time_text(entry.created_ms())) + "  " + (entry.seen() ? told : bold("* " + told));
    }
    for (const auto& told : {outcome(entry, titles), held_outcome(entry, titles)})
        if (!told.empty()) return dim(time_text(entry.created_ms())) + "  " + (entry.seen() ? told : bold("* " + told));
    const auto key = entry.kind() == Entry::KIND_REPLY            ? "inbox.reply"
                     : entry.kind() == Entry::KIND_MENTION        ? "inbox.mention"
                     : entry.kind() == Entry::KIND_REMOVED        ? "inbox.removed"
                     : entry.kind() == Entry::KIND_RESTORED       ? "inbox.restored"
                     : entry.kind() == Entry::KIND_SECRECY_MARKED ? "inbox.marked"
                     : entry.kind() == Entry::KIND_SECRECY_LIFTED ? "inbox.unmarked"
                                                                  : "inbox.other";
    const std::string text = texts_.text(key, {{"name", name(entry.author())},
                                               {"room", titled(titles.room, entry.room())},
                                               {"thread", titled(titles.thread, entry.thread())},
                                               {"message", titled({}, entry.message())},
                                               {"reason", inline_text(entry.reason())}});
    return dim(time_text(entry.created_ms())) + "  " + (entry.seen() ? text : bold("* " + text));
}

std::string Renderer::draft(const foorumi::v1::Draft& draft) const {
    const std::string text = visible(draft.text(), Lines::many);
    return draft.title().empty() ? text : bold(inline_text(draft.title())) + '\n' + text;
}

std::string Renderer::gone(const Entity& entity) const {
    const EntityKey key = parse_entity_key(entity.key());
    if (key.kind == "held") return texts_.text("held.gone", {{"number", std::to_string(key.id())}});
    if (key.kind == "reactions") return texts_.text("entity.no_reactions", {{"id", std::to_string(key.id())}});
    return texts_.text("entity.gone", {{"key", inline_text(entity.key())}});
}

std::string Renderer::entity(const Entity& entity) const {
    switch (entity.value_case()) {
        case Entity::kRoom:
            return texts_.text("entity.room", {{"title", inline_text(entity.room().title())}}) +
                   archive_mark(entity.room());
        case Entity::kThread:
            return texts_.text("entity.thread", {{"id", std::to_string(parse_entity_key(entity.key()).id())},
                                                 {"title", title(entity.thread().title())},
                                                 {"name", name(entity.thread().author())}}) +
                   marks(entity.thread());
        case Entity::kMessage:
            return message(entity, nullptr);
        case Entity::kReactions:
            return texts_.text("entity.reactions", {{"id", std::to_string(parse_entity_key(entity.key()).id())},
                                                    {"reactions", reactions(entity.reactions())}});
        case Entity::kInboxEntry:
            return inbox_entry(entity.inbox_entry(), {});
        case Entity::kReport:
            return report(entity);
        case Entity::kHeldMessage:
            return held(entity.held_message());
        case Entity::kEarlierText:
            return earlier_news(entity.earlier_text());
        case Entity::kRedirect:
            return texts_.text("entity.moved", {{"id", std::to_string(parse_entity_key(entity.key()).id())}});
        case Entity::VALUE_NOT_SET:
            return gone(entity);
        default:
            return texts_.text("entity.other", {{"key", inline_text(entity.key())}});
    }
}

std::string Renderer::error(const foorumi::v1::Error& error) const {
    std::string out = code_word(error.code());
    if (!error.reason().empty()) out += ' ' + inline_text(error.reason());
    if (!error.field().empty()) out += ' ' + inline_text(error.field());
    std::string text = inline_text(error.text());
    if (text.empty()) {
        for (const auto& key : {"refusal." + error.reason(), "error." + error.reason()}) {
            if (auto own = texts_.text(key); own != key && text.empty()) text = std::move(own);
        }
    }
    if (!text.empty()) out += ": " + text;
    if (error.reason() == "slow_mode" || error.reason() == "new_member_limit")
        out += " (" + std::to_string((std::uint64_t{error.retry_after_ms()} + 999) / 1000) + " s)";
    return out;
}

}  // namespace foorumi::client
