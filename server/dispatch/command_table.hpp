// The one table of commands: what each is called, what it costs, whether it changes something, and who handles it.
// Rate limits, the look for a change id, the tests and docs/protocol.md follow this table. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/session_limits.hpp"

namespace foorumi::v1 {
class Request;
}
namespace foorumi::session {
class Session;
}

namespace foorumi::dispatch {

class Worker;
struct Origin;

// One request on its way: answered exactly once through the dispatcher with `origin`, now or later.
struct Call {
    Worker& worker;
    session::Session& session;
    const v1::Request& request;  // valid during the handler only
    const Origin& origin;
};

enum class Needs : std::uint8_t { nothing, hello };

struct CommandRow {
    int field;  // number in Request's oneof
    std::string_view name;
    Needs needs;
    bool changes;        // carries a change id
    std::uint32_t cost;  // in requests of the rate limits, per unit
    void (*handle)(const Call& call);
    // What the work grows with. Null: one.
    std::uint32_t (*units)(const v1::Request& request, const config::SessionLimits& limits) = nullptr;
};

// What the request costs its sender.
[[nodiscard]] std::uint32_t cost_of(const CommandRow& row, const v1::Request& request,
                                    const config::SessionLimits& limits);

[[nodiscard]] std::span<const CommandRow> command_table();
// Null: not a command of this server.
[[nodiscard]] const CommandRow* find_command(int field);

}  // namespace foorumi::dispatch
