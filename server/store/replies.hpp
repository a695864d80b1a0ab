// What to do about each error that Redis may answer: one table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace foorumi::store {

enum class Reaction : std::uint8_t {
    retry,          // nothing was done: the same again after a delay
    load_script,    // nothing was done: load the scripts, then the same again
    reconnect,      // nothing was done: this server is not (or no longer) the right one for us; connect again, then the
                    // same
    refuse_writes,  // nothing was done: answer "unavailable" and keep serving reads
    internal,       // a bug or foreign data: answer, log, and never repeat
};

struct ErrorReply {
    std::string_view prefix;  // first word of the error
    Reaction reaction;
};

[[nodiscard]] std::span<const ErrorReply> error_replies();

// Of the error text as Redis sent it. What the table does not have is `internal`.
[[nodiscard]] Reaction reaction_to(std::string_view error);

// First word of an error: safe to log, whereas the rest may quote arguments.
[[nodiscard]] std::string_view error_prefix(std::string_view error);

}  // namespace foorumi::store
