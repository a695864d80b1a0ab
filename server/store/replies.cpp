#include "store/replies.hpp"

#include <algorithm>
#include <array>

namespace foorumi::store {
namespace {

constexpr std::array table{
    ErrorReply{"LOADING", Reaction::retry},             // reads its files after a start
    ErrorReply{"BUSY", Reaction::retry},                // a script of someone runs for too long
    ErrorReply{"TRYAGAIN", Reaction::retry},            // the slot is being moved, and some of the keys are
    ErrorReply{"ASK", Reaction::retry},                 // the same, and all of them are, or are not there: waited out
    ErrorReply{"CLUSTERDOWN", Reaction::reconnect},     // this node is cut off, or a slot has no primary at present
    ErrorReply{"MASTERDOWN", Reaction::reconnect},      // a replica without its primary
    ErrorReply{"NOSCRIPT", Reaction::load_script},      // restarted, or SCRIPT FLUSH
    ErrorReply{"READONLY", Reaction::reconnect},        // was demoted to a replica
    ErrorReply{"MOVED", Reaction::reconnect},           // the slot lives where it says
    ErrorReply{"NOAUTH", Reaction::reconnect},          // the credentials were changed: sign in again
    ErrorReply{"UNBLOCKED", Reaction::reconnect},       // a blocked read was ended by a change of role
    ErrorReply{"MISCONF", Reaction::refuse_writes},     // cannot write its files
    ErrorReply{"OOM", Reaction::refuse_writes},         // maxmemory reached
    ErrorReply{"NOREPLICAS", Reaction::refuse_writes},  // too few replicas to keep the promise
    ErrorReply{"NOPERM", Reaction::internal},           // the ACL user may not do this
    ErrorReply{"WRONGTYPE", Reaction::internal},        // somebody else uses our key names
    ErrorReply{"CROSSSLOT", Reaction::internal},
    ErrorReply{"ERR", Reaction::internal},
};

}  // namespace

std::span<const ErrorReply> error_replies() { return table; }

std::string_view error_prefix(std::string_view error) { return error.substr(0, error.find_first_of(" \r\n")); }

Reaction reaction_to(std::string_view error) {
    const auto prefix = error_prefix(error);
    const auto* const row = std::ranges::find(table, prefix, &ErrorReply::prefix);
    return row == table.end() ? Reaction::internal : row->reaction;
}

}  // namespace foorumi::store
