#include "dispatch/command_table.hpp"

#include <algorithm>
#include <array>

#include "dispatch/handlers/handlers.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

using R = v1::Request;

// Each channel of a Subscribe is read for itself.
std::uint32_t channels_of(const R& request) { return static_cast<std::uint32_t>(request.subscribe().cursors_size()); }

constexpr std::array table = std::to_array<CommandRow>({
    {R::kHello, "hello", Needs::nothing, false, 1, handle_hello},
    {R::kListForums, "list_forums", Needs::hello, false, 1, handle_list_forums},
    {R::kListRooms, "list_rooms", Needs::hello, false, 1, handle_list_rooms},
    {R::kListThreads, "list_threads", Needs::hello, false, 2, handle_list_threads},
    {R::kReadHistory, "read_history", Needs::hello, false, 2, handle_read_history},
    {R::kReadInbox, "read_inbox", Needs::hello, false, 2, handle_read_inbox},
    {R::kReadMembers, "read_members", Needs::hello, false, 1, handle_read_members},
    {R::kSubscribe, "subscribe", Needs::hello, false, 2, handle_subscribe, channels_of},
    {R::kUnsubscribe, "unsubscribe", Needs::hello, false, 1, handle_unsubscribe},
    {R::kTyping, "typing", Needs::hello, false, 1, handle_typing},
    {R::kStartThread, "start_thread", Needs::hello, true, 1, handle_change},
    {R::kPostMessage, "post_message", Needs::hello, true, 1, handle_change},
    {R::kEditMessage, "edit_message", Needs::hello, true, 1, handle_change},
    {R::kDeleteMessage, "delete_message", Needs::hello, true, 1, handle_change},
    {R::kReact, "react", Needs::hello, true, 1, handle_change},
    {R::kMarkRead, "mark_read", Needs::hello, true, 1, handle_change},
    {R::kSaveDraft, "save_draft", Needs::hello, true, 1, handle_change},
    {R::kSetWatch, "set_watch", Needs::hello, true, 1, handle_change},
    {R::kMarkInboxSeen, "mark_inbox_seen", Needs::hello, true, 1, handle_change},
});

}  // namespace

std::span<const CommandRow> command_table() { return table; }

std::uint32_t cost_of(const CommandRow& row, const v1::Request& request) {
    return row.cost * (row.units == nullptr ? 1U : std::max(1U, row.units(request)));
}

const CommandRow* find_command(int field) {
    const auto* row = std::ranges::find(table, field, &CommandRow::field);
    return row == table.end() ? nullptr : row;
}

}  // namespace foorumi::dispatch
