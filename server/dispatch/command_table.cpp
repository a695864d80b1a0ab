#include "dispatch/command_table.hpp"

#include <algorithm>
#include <array>

#include "dispatch/handlers/handlers.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

using R = v1::Request;

using Limits = config::SessionLimits;

// Each channel of a Subscribe is read for itself.
std::uint32_t channels_of(const R& request, const Limits& /*limits*/) {
    return static_cast<std::uint32_t>(request.subscribe().cursors_size());
}

// One for each part of a page that has begun. What is over the limit is refused and read nowhere.
std::uint32_t parts_of_page(std::uint32_t asked, const Limits& limits) {
    constexpr std::uint32_t part = 50;
    if (asked > limits.page) return 1;
    return ((asked == 0 ? limits.page_default : asked) + part - 1) / part;
}
std::uint32_t threads_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_threads().limit(), limits);
}
std::uint32_t messages_of(const R& request, const Limits& limits) {
    return parts_of_page(request.read_history().limit(), limits);
}
std::uint32_t entries_of(const R& request, const Limits& limits) {
    return parts_of_page(request.read_inbox().limit(), limits);
}

std::uint32_t members_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_members().limit(), limits);
}
std::uint32_t invitations_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_invitations().limit(), limits);
}
std::uint32_t municipalities_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_municipalities().limit(), limits);
}

std::uint32_t sanctions_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_sanctions().limit(), limits);
}

std::uint32_t audit_entries_of(const R& request, const Limits& limits) {
    return parts_of_page(request.read_audit().limit(), limits);
}

std::uint32_t earlier_texts_of(const R& request, const Limits& limits) {
    return parts_of_page(request.read_earlier_texts().limit(), limits);
}

std::uint32_t reports_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_reports().limit(), limits);
}
std::uint32_t report_parts_of(const R& request, const Limits& limits) {
    return parts_of_page(request.read_report().limit(), limits);
}

std::uint32_t filters_of(const R& request, const Limits& limits) {
    return parts_of_page(request.list_filters().limit(), limits);
}
std::uint32_t held_of_page(const R& request, const Limits& limits) {
    return parts_of_page(request.list_held().limit(), limits);
}

constexpr std::array table = std::to_array<CommandRow>({
    {R::kHello, "hello", Needs::nothing, false, 1, handle_hello},
    {R::kListForums, "list_forums", Needs::hello, false, 1, handle_list_forums},
    {R::kListRooms, "list_rooms", Needs::hello, false, 1, handle_list_rooms},
    {R::kListThreads, "list_threads", Needs::hello, false, 2, handle_list_threads, threads_of},
    {R::kReadHistory, "read_history", Needs::hello, false, 2, handle_read_history, messages_of},
    {R::kReadInbox, "read_inbox", Needs::hello, false, 2, handle_read_inbox, entries_of},
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
    {R::kListSessions, "list_sessions", Needs::hello, false, 1, handle_list_sessions},
    {R::kListTerms, "list_terms", Needs::hello, false, 1, handle_list_terms},
    {R::kListMembers, "list_members", Needs::hello, false, 2, handle_list_members, members_of},
    {R::kListInvitations, "list_invitations", Needs::hello, false, 2, handle_list_invitations, invitations_of},
    {R::kListMunicipalities, "list_municipalities", Needs::hello, false, 2, handle_list_municipalities,
     municipalities_of},
    {R::kReadAccount, "read_account", Needs::hello, false, 2, handle_read_account},
    {R::kReadAudit, "read_audit", Needs::hello, false, 2, handle_read_audit, audit_entries_of},
    {R::kExportOwn, "export_own", Needs::hello, false, 20, handle_export_own},
    {R::kRevokeSessions, "revoke_sessions", Needs::hello, true, 20, handle_membership},
    {R::kEndSessions, "end_sessions", Needs::hello, true, 1, handle_membership},
    {R::kInvite, "invite", Needs::hello, true, 1, handle_membership},
    {R::kIssueReset, "issue_reset", Needs::hello, true, 1, handle_membership},
    {R::kWithdrawInvitation, "withdraw_invitation", Needs::hello, true, 1, handle_membership},
    {R::kSetStanding, "set_standing", Needs::hello, true, 1, handle_membership},
    {R::kPutTerm, "put_term", Needs::hello, true, 1, handle_membership},
    {R::kSetAudience, "set_audience", Needs::hello, true, 1, handle_membership},
    {R::kEraseMember, "erase_member", Needs::hello, true, 1, handle_membership},
    {R::kKeepMember, "keep_member", Needs::hello, true, 1, handle_membership},
    {R::kCreateForum, "create_forum", Needs::hello, true, 1, handle_membership},
    {R::kCreateRoom, "create_room", Needs::hello, true, 1, handle_membership},
    {R::kDescribePlace, "describe_place", Needs::hello, true, 1, handle_membership},
    {R::kOrderPlaces, "order_places", Needs::hello, true, 20, handle_membership},
    {R::kArchivePlace, "archive_place", Needs::hello, true, 20, handle_membership},
    {R::kLockThread, "lock_thread", Needs::hello, true, 1, handle_change},
    {R::kPinThread, "pin_thread", Needs::hello, true, 1, handle_change},
    {R::kRestrictThread, "restrict_thread", Needs::hello, true, 1, handle_change},
    {R::kSetThreadState, "set_thread_state", Needs::hello, true, 1, handle_change},
    {R::kTagThread, "tag_thread", Needs::hello, true, 1, handle_change},
    {R::kRenameThread, "rename_thread", Needs::hello, true, 1, handle_change},
    {R::kRemoveMessage, "remove_message", Needs::hello, true, 1, handle_change},
    {R::kRestoreMessage, "restore_message", Needs::hello, true, 1, handle_change},
    {R::kPurgeMessage, "purge_message", Needs::hello, true, 20, handle_change},
    {R::kReadEarlierTexts, "read_earlier_texts", Needs::hello, false, 4, handle_read_earlier_texts, earlier_texts_of},
    {R::kMoveThread, "move_thread", Needs::hello, true, 20, handle_change},
    {R::kSplitThread, "split_thread", Needs::hello, true, 20, handle_change},
    {R::kMergeThreads, "merge_threads", Needs::hello, true, 20, handle_change},
    {R::kLocate, "locate", Needs::hello, false, 1, handle_locate},
    {R::kFileReport, "file_report", Needs::hello, true, 1, handle_change},
    {R::kFileAppeal, "file_appeal", Needs::hello, true, 1, handle_change},
    {R::kAssignReport, "assign_report", Needs::hello, true, 1, handle_change},
    {R::kNoteReport, "note_report", Needs::hello, true, 1, handle_change},
    {R::kResolveReport, "resolve_report", Needs::hello, true, 1, handle_change},
    {R::kListReports, "list_reports", Needs::hello, false, 2, handle_list_reports, reports_of},
    {R::kReadReport, "read_report", Needs::hello, false, 4, handle_read_report, report_parts_of},
    {R::kSanction, "sanction", Needs::hello, true, 20, handle_membership},
    {R::kLiftSanction, "lift_sanction", Needs::hello, true, 20, handle_membership},
    {R::kListSanctions, "list_sanctions", Needs::hello, false, 2, handle_list_sanctions, sanctions_of},
    {R::kSetFilter, "set_filter", Needs::hello, true, 20, handle_membership},
    {R::kLiftFilter, "lift_filter", Needs::hello, true, 20, handle_membership},
    {R::kListFilters, "list_filters", Needs::hello, false, 2, handle_list_filters, filters_of},
    {R::kApproveHeld, "approve_held", Needs::hello, true, 1, handle_change},
    {R::kRejectHeld, "reject_held", Needs::hello, true, 1, handle_change},
    {R::kListHeld, "list_held", Needs::hello, false, 2, handle_list_held, held_of_page},
    {R::kExportRecords, "export_records", Needs::hello, false, 20, handle_export_records},
    {R::kMarkSecrecy, "mark_secrecy", Needs::hello, true, 1, handle_change},
    {R::kSetHold, "set_hold", Needs::hello, true, 20, handle_set_hold},
    {R::kListHolds, "list_holds", Needs::hello, false, 4, handle_list_holds},
    {R::kSetRetention, "set_retention", Needs::hello, true, 20, handle_membership},
});

}  // namespace

std::span<const CommandRow> command_table() { return table; }

std::uint32_t cost_of(const CommandRow& row, const v1::Request& request, const Limits& limits) {
    return row.cost * (row.units == nullptr ? 1U : std::max(1U, row.units(request, limits)));
}

const CommandRow* find_command(int field) {
    const auto* row = std::ranges::find(table, field, &CommandRow::field);
    return row == table.end() ? nullptr : row;
}

}  // namespace foorumi::dispatch
