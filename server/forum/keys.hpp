// The names of channels, entities and indexes. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "forum/entities.hpp"

namespace foorumi::forum {

enum class ChannelKind { room, member, moderation, directory };

struct ChannelName {
    ChannelKind kind = ChannelKind::directory;
    Id id = 0;  // 0 for the directory
    friend bool operator==(const ChannelName&, const ChannelName&) = default;
};

// "room:12", "member:7", "moderation:3", "directory". Nothing for any other text, leading zeros and overflow included.
[[nodiscard]] std::optional<ChannelName> parse_channel(std::string_view text);
[[nodiscard]] std::string room_channel(Id room);
[[nodiscard]] std::string member_channel(Id member);
[[nodiscard]] std::string moderation_channel(Id forum);
inline constexpr std::string_view directory_channel = "directory";

// Keys of a room channel. "@" in a key stands for the version of the commit that writes it.
inline constexpr std::string_view room_key = "room";
[[nodiscard]] std::string thread_key(Id thread);
[[nodiscard]] std::string message_key(Id message);
[[nodiscard]] std::string reactions_key(Id message);
inline constexpr std::string_view pins_key = "pins";
[[nodiscard]] std::string pace_key(Id thread, Id member);
// Keys of a member channel.
[[nodiscard]] std::string read_key(Id room, Id thread);
[[nodiscard]] std::string draft_key(Id room, Id thread);
[[nodiscard]] std::string watch_key(Id room, Id thread);
[[nodiscard]] std::string inbox_key(Id room, Id message);
// Of what the commit of that version did to the message.
[[nodiscard]] std::string act_inbox_key(Id room, Id message, Version act);
// Key of a moderation channel: the text before change number `n` (from 1) of the message.
[[nodiscard]] std::string earlier_key(Id room, Id message, std::uint32_t n);
// The same: the text before the n-th removal by moderators; and that the message was purged, in so many pieces.
[[nodiscard]] std::string removed_key(Id room, Id message, std::uint32_t n);
[[nodiscard]] std::string purged_key(Id room, Id message, std::uint32_t n);

// The same: that messages of the room were deleted for their age, by the commit of the version that "@" stands for.
[[nodiscard]] std::string new_expired_key(Id room, std::uint32_t n);

// The same: one entry of the queue of reports.
[[nodiscard]] std::string report_key(std::uint64_t report);
[[nodiscard]] std::optional<std::uint64_t> parse_report_key(std::string_view key);
// Keys that begin with this are of what no subscriber is told of.
inline constexpr char server_only = '.';
[[nodiscard]] bool is_server_only(std::string_view key);
[[nodiscard]] std::string report_words_key(std::uint64_t report, std::uint32_t n);
[[nodiscard]] std::string report_note_key(std::uint64_t report, std::uint32_t n);
inline constexpr std::string_view reports_key = ".reports";
[[nodiscard]] std::string reporter_key(Id member);
[[nodiscard]] std::string reported_key(Id room, Id message);
[[nodiscard]] std::string reported_member_key(Id member);
[[nodiscard]] std::string appealed_key(Id room, Id message, std::uint32_t n);

// A moderation channel's, and the counts that go with it: of one member, and of all.
[[nodiscard]] std::string held_key(std::uint64_t held);
[[nodiscard]] std::string holds_key(Id member);
inline constexpr std::string_view all_holds_key = ".holds";
[[nodiscard]] std::string returned_key(std::uint64_t held);
[[nodiscard]] std::string flagged_key(Id room, Id message);
// A member channel's: what they have posted while they are new.
inline constexpr std::string_view posts_key = ".posts";
// A room channel's, without a value: that the held message was posted.
[[nodiscard]] std::string posted_key(std::uint64_t held);

// Of a thread's move, split or merge that is under way; "@" stands for the version of the room's commit that began it.
[[nodiscard]] std::string new_move_key(Id room, Id thread);

// Index of a room's threads: member = thread id, score = id of the latest message.
inline constexpr std::string_view threads_index = "threads";
// Index of a thread's messages: member = "<message id>.<author id>", author 0 once deleted; score = message id.
[[nodiscard]] std::string thread_index(Id thread);
// Index of a member's inbox: member = inbox key, score = version of the member's channel when it was put.
inline constexpr std::string_view inbox_index = "inbox";
// Index of a moderation channel: member = earlier key, score = version of the channel when it was put.
inline constexpr std::string_view earlier_index = "earlier";
// The same of what was purged, until it is out of Redis' feeds.
inline constexpr std::string_view purges_index = "purges";
// The same of moves that are under way.
inline constexpr std::string_view moves_index = "moves";
// Index of a moderation channel: earlier texts that came with a move, with the rest of their retention, or that are
// held and whose author was erased: scored by its end, up to a minute before it.
inline constexpr std::string_view moved_earlier_index = "earlier-moved";
// The scores of texts that end at one moment differ by their keys: pages do not end amid one score, and so have a
// bound.
[[nodiscard]] Version moved_earlier_score(std::string_view key, Millis keep_until);

// Of a move to a room, where `name` tells it from every other: the key of an entity without a value that each of its
// commits puts, and the index of what has come: member = the message's old id, score = its new one.
[[nodiscard]] std::string arrival_key(std::string_view name);
[[nodiscard]] std::string arrivals_index(std::string_view name);

// Indexes of a moderation channel: member = report key, score = version of the channel when it was opened, or closed.
inline constexpr std::string_view reports_index = "reports";
inline constexpr std::string_view closed_index = "closed";

// The same: member = held key, score = version of the channel when it was put.
inline constexpr std::string_view held_index = "held";

struct ThreadIndexMember {
    Id message = 0;
    Id author = 0;
};
[[nodiscard]] std::string thread_index_member(Id message, Id author);
[[nodiscard]] std::optional<ThreadIndexMember> parse_thread_index_member(std::string_view text);

// Names of what a commit creates, with '@' for its version.
inline constexpr std::string_view new_thread_key = "thread:@";
inline constexpr std::string_view new_message_key = "message:@";
inline constexpr std::string_view new_thread_index = "t:@";
[[nodiscard]] std::string new_thread_index_member(Id author);
[[nodiscard]] std::string new_inbox_key(Id room);
[[nodiscard]] std::string new_act_inbox_key(Id room, Id message);

// The name with every '@' replaced by the version.
[[nodiscard]] std::string with_version(std::string_view name, Version version);

}  // namespace foorumi::forum
