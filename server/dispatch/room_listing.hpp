// The list of a room's threads for one member: what the room's channel tells, with the member's read marks, watches and
// unread counts. Thread: the worker of the session.
#pragma once

#include <functional>
#include <string_view>

#include "forum/decision.hpp"
#include "forum/entities.hpp"
#include "store/channel_store.hpp"

namespace foorumi::v1 {
class Threads;
}

namespace foorumi::dispatch {

class Worker;

// The room's threads by last activity, to be passed to the store: entity and number of messages with each. `bytes`: of
// the entities, about.
[[nodiscard]] store::IndexRead threads_read(std::size_t limit, forum::Version before, std::size_t bytes);

// Fills in what is the member's own and answers on this worker. Unread are the messages of others after the read mark,
// up to the version of `threads`, counted up to the configured cap.
using ListingDone = std::function<void(forum::Result<v1::Threads>)>;
void complete_listing(Worker& worker, forum::Id room, forum::Id member, store::IndexResult threads, ListingDone done);

}  // namespace foorumi::dispatch
