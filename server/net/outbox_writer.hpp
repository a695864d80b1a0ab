// The outbox of a connection and the wire that it goes to: all that a delivery looks at, side by side.
//
// Thread: the connection's worker. The transport belongs to somebody else, who tells when it is closed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "net/statistics.hpp"
#include "net/wire.hpp"
#include "session/outbox.hpp"

namespace foorumi::net {

enum class Flushed : std::uint8_t {
    whole,    // nothing waits any more, in the transport neither
    blocked,  // the socket takes no more: flush again when it is writable
    failed,   // the connection is gone
};

class OutboxWriter {
   public:
    OutboxWriter(Wire wire, Statistics& statistics, std::size_t limit)
        : wire_(wire), statistics_(statistics), outbox_(limit) {}

    // Writes what waits as far as the socket takes it at once, without blocking.
    [[nodiscard]] Flushed write();

    [[nodiscard]] session::Outbox& outbox() { return outbox_; }
    [[nodiscard]] const session::Outbox& outbox() const { return outbox_; }

    // Somebody waits until the outbox is within its limit again.
    void wait_for_room(bool waited_for) { waited_for_ = waited_for; }
    [[nodiscard]] bool room_waited_for() const { return waited_for_ && outbox_.held() <= outbox_.limit(); }

    // The transport is closed: what waits is dropped.
    void close();

   private:
    // bytes as Wire::write() returns them, with errno; whole: all that was offered.
    struct Written {
        ssize_t bytes;
        bool whole;
    };
    [[nodiscard]] Written write_lone(std::string_view frame);
    [[nodiscard]] Written write_gathered();

    Wire wire_;
    bool waited_for_ = false;
    Statistics& statistics_;
    session::Outbox outbox_;
};

}  // namespace foorumi::net
