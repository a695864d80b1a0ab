// A room's channel is told of the room as the directory has it.
#pragma once

#include <functional>
#include <memory>

#include "directory/snapshot.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// Puts the channel's "room" unless what is there is as new. However often this is done, in whatever order and by
// whatever node, the newest stays. `directory` gives the newest; asked at every decision. Runs on the home worker of
// the channel.
void tell_room(store::ChannelStore& store, forum::Id room, const store::ChangeId& id,
               std::function<std::shared_ptr<const directory::Snapshot>()> directory,
               std::function<void(store::ChangeOutcome)> done);

}  // namespace foorumi::dispatch
