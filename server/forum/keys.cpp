#include "forum/keys.hpp"

#include <algorithm>
#include <charconv>

namespace foorumi::forum {
namespace {

std::string joined(std::string_view prefix, Id id) { return std::string(prefix) + std::to_string(id); }

std::string joined(std::string_view prefix, Id first, Id second) {
    return joined(prefix, first) + ':' + std::to_string(second);
}

// One spelling for each number: no sign, no leading zero.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<Id> parse_id(std::string_view text) {
    const auto id = parse_number(text);
    return id && *id != 0 ? id : std::nullopt;
}

}  // namespace

std::optional<ChannelName> parse_channel(std::string_view text) {
    if (text == directory_channel) return ChannelName{ChannelKind::directory, 0};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto id = parse_id(text.substr(colon + 1));
    if (!id) return std::nullopt;
    const auto kind = text.substr(0, colon);
    if (kind == "room") return ChannelName{ChannelKind::room, *id};
    if (kind == "member") return ChannelName{ChannelKind::member, *id};
    if (kind == "moderation") return ChannelName{ChannelKind::moderation, *id};
    return std::nullopt;
}

std::string room_channel(Id room) { return joined("room:", room); }
std::string member_channel(Id member) { return joined("member:", member); }
std::string moderation_channel(Id forum) { return joined("moderation:", forum); }

std::string thread_key(Id thread) { return joined("thread:", thread); }
std::string message_key(Id message) { return joined("message:", message); }
std::string reactions_key(Id message) { return joined("reactions:", message); }
std::string pace_key(Id thread, Id member) { return joined("pace:", thread, member); }

std::string read_key(Id room, Id thread) { return joined("read:", room, thread); }
std::string draft_key(Id room, Id thread) { return joined("draft:", room, thread); }
std::string watch_key(Id room, Id thread) { return joined("watch:", room, thread); }
std::string inbox_key(Id room, Id message) { return joined("inbox:", room, message); }

std::string act_inbox_key(Id room, Id message, Version act) {
    return inbox_key(room, message) + ':' + std::to_string(act);
}

Version moved_earlier_score(std::string_view key, Millis keep_until) {
    constexpr Version spread_ms = 60'000;
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    const auto end = static_cast<Version>(std::max<Millis>(0, keep_until));
    return end < spread_ms ? end : end - hash % spread_ms;
}

std::string earlier_key(Id room, Id message, std::uint32_t n) {
    return joined("earlier:", room, message) + ':' + std::to_string(n);
}

std::string removed_key(Id room, Id message, std::uint32_t n) {
    return joined("removed:", room, message) + ':' + std::to_string(n);
}
std::string purged_key(Id room, Id message, std::uint32_t n) {
    return joined("purged:", room, message) + ':' + std::to_string(n);
}

std::string new_expired_key(Id room, std::uint32_t n) { return joined("purged:", room) + ":@:" + std::to_string(n); }

std::string report_key(std::uint64_t report) { return joined("report:", report); }
std::optional<std::uint64_t> parse_report_key(std::string_view key) {
    constexpr std::string_view kind = "report:";
    return key.starts_with(kind) ? parse_id(key.substr(kind.size())) : std::nullopt;
}
bool is_server_only(std::string_view key) { return key.starts_with(server_only); }
std::string report_words_key(std::uint64_t report, std::uint32_t n) {
    return joined(".report:", report) + ":by:" + std::to_string(n);
}
std::string report_note_key(std::uint64_t report, std::uint32_t n) {
    return joined(".report:", report) + ":note:" + std::to_string(n);
}
std::string reporter_key(Id member) { return joined(".reporter:", member); }
std::string reported_key(Id room, Id message) { return joined(".reported:", room, message); }
std::string reported_member_key(Id member) { return joined(".reported:", member); }
std::string appealed_key(Id room, Id message, std::uint32_t n) {
    return joined(".appealed:", room, message) + ':' + std::to_string(n);
}

std::string held_key(std::uint64_t held) { return joined("held:", held); }
std::string holds_key(Id member) { return joined(".holds:", member); }
std::string returned_key(std::uint64_t held) { return joined(".returned:", held); }
std::string flagged_key(Id room, Id message) { return joined(".flagged:", room, message); }
std::string posted_key(std::uint64_t held) { return joined(".posted:", held); }

std::string new_move_key(Id room, Id thread) { return joined("move:", room, thread) + ":@"; }

std::string arrival_key(std::string_view name) { return "arrival:" + std::string(name); }
std::string arrivals_index(std::string_view name) { return "a:" + std::string(name); }

std::string thread_index(Id thread) { return joined("t:", thread); }

std::string thread_index_member(Id message, Id author) {
    return std::to_string(message) + '.' + std::to_string(author);
}

std::optional<ThreadIndexMember> parse_thread_index_member(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto message = parse_id(text.substr(0, dot));
    const auto author = parse_number(text.substr(dot + 1));
    if (!message || !author) return std::nullopt;
    return ThreadIndexMember{*message, *author};
}

std::string new_thread_index_member(Id author) { return joined("@.", author); }
std::string new_inbox_key(Id room) { return joined("inbox:", room) + ":@"; }
std::string new_act_inbox_key(Id room, Id message) { return inbox_key(room, message) + ":@"; }

std::string with_version(std::string_view name, Version version) {
    std::string out;
    for (const char c : name) {
        if (c == '@') {
            out += std::to_string(version);
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace foorumi::forum
