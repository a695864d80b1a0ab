// The commands' handlers, one file per family. Each answers its call exactly once.
// Thread: the worker of the session.
#pragma once

#include "dispatch/command_table.hpp"

namespace foorumi::dispatch {

// hello.cpp
void handle_hello(const Call& call);
// directory.cpp: answered from the directory in memory
void handle_list_forums(const Call& call);
void handle_list_rooms(const Call& call);
void handle_read_members(const Call& call);
// rooms.cpp
void handle_list_threads(const Call& call);
void handle_read_history(const Call& call);
// inbox.cpp
void handle_read_inbox(const Call& call);
// subscriptions.cpp
void handle_subscribe(const Call& call);
void handle_unsubscribe(const Call& call);
// typing.cpp
void handle_typing(const Call& call);
// changes.cpp: every command that commits
void handle_change(const Call& call);
// membership.cpp: every act of membership
void handle_membership(const Call& call);
// members.cpp: what the directory tells of members, to those who may know
void handle_list_sessions(const Call& call);
void handle_list_terms(const Call& call);
void handle_list_members(const Call& call);
void handle_list_invitations(const Call& call);
void handle_list_municipalities(const Call& call);
// audit.cpp
void handle_read_audit(const Call& call);
// export.cpp: what is the member's own
void handle_read_account(const Call& call);
void handle_export_own(const Call& call);
// sanctions.cpp
void handle_list_sanctions(const Call& call);
// filters.cpp
void handle_list_filters(const Call& call);
void handle_list_held(const Call& call);
// earlier_texts.cpp
void handle_read_earlier_texts(const Call& call);
// reports.cpp
void handle_list_reports(const Call& call);
void handle_read_report(const Call& call);
// locate.cpp
void handle_locate(const Call& call);
// records.cpp
void handle_export_records(const Call& call);
// holds.cpp
void handle_set_hold(const Call& call);
void handle_list_holds(const Call& call);

}  // namespace foorumi::dispatch
