// What becomes of messages that are older than their room's retention. Pure.
//
// A message that is too old becomes a tombstone, whatever it was before: without text, mentions, reactions and reasons,
// and what moderators kept of it goes. When nothing else is left of a thread it is locked, by nobody, so that no post
// comes between the look for one and the end; then its title, tags and pin go, and it leaves the list of threads. Who
// has a link to it, or to a message, finds the tombstones. One that somebody has posted to before the lock is opened
// again.
//
// Each step is the decision of one commit that expects what it was decided on, and may be done again: there is nothing
// to do then. Nothing is decided in a room without a retention, where a legal hold stands, or while a thread is on its
// way elsewhere.
#pragma once

#include <string>
#include <vector>

#include "forum/decision.hpp"
#include "forum/rules.hpp"

namespace foorumi::forum {

struct Expiry {
    const Directory& directory;
    Id room = 0;
    Millis now = 0;
    Millis keep_ms = 0;  // of the mark that something was deleted, for the moderators

    // Messages from before this are too old; 0: none is. With a thread: as far as it is not held.
    [[nodiscard]] Millis before(Id thread) const;
    [[nodiscard]] bool is_over(const Message& message) const;

    // `ids`: messages of the thread that come first in it, ascending.
    [[nodiscard]] static std::vector<std::string> needs_to_expire(Id thread, const std::vector<Id>& ids);
    // Of those that are too old, up to the first that is not.
    [[nodiscard]] Decision expire(Id thread, const std::vector<Id>& ids, const View& view) const;

    [[nodiscard]] static std::vector<std::string> needs_to_close(Id thread);
    // `behind`: where was looked. Nothing, where that is not Thread::expired_to.
    // REQUIRES: nothing was found there. The lock first, and when that is there the rest.
    [[nodiscard]] Decision close(Id thread, Id behind, const View& view) const;
    // REQUIRES: something was found there. Takes such a lock away.
    [[nodiscard]] Decision reopen(Id thread, Id behind, const View& view) const;
};

// By nobody: as close() leaves it.
[[nodiscard]] bool is_closed_by_age(const Thread& thread);

}  // namespace foorumi::forum
