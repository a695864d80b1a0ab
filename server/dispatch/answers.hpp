// Pieces of answers that several handlers need. Thread: the worker of the session.
#pragma once

#include <string>
#include <string_view>

#include "base/shared_bytes.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "forum/access.hpp"
#include "session/session.hpp"
#include "store/channel_store.hpp"

namespace foorumi::config {
class Catalogue;
}
namespace foorumi::directory {
class Snapshot;
}

namespace foorumi::dispatch {

class Worker;

void fill_error(v1::Error& out, const forum::Refusal& refusal, const config::Catalogue& catalogue,
                std::string_view language);
void fill_place(v1::Place& out, const forum::Located& place);
[[nodiscard]] ItemRef encode_ref(const v1::Item& item);
void fill_member(v1::Member& out, const forum::MemberCard& card, const directory::Snapshot& directory,
                 std::string_view language);
// Key, version and value as one Entity. False, and logged: the stored bytes cannot be read; the answer goes without it.
[[nodiscard]] bool fill_entity(v1::Entity& out, const store::KeyedValue& stored);
void add_entity(google::protobuf::RepeatedPtrField<v1::Entity>& list, const store::KeyedValue& stored);

// The session's member, or null if the directory has none (any more).
[[nodiscard]] const forum::MemberCard* member_of(Worker& worker, const session::Session& session);

// The room if the member may read it; else the refusal that a room which does not exist gets, too.
[[nodiscard]] forum::Result<const forum::RoomCard*> readable_room(Worker& worker, const session::Session& session,
                                                                  forum::Id room);

// The page size that a request asks for; 0 asks for the default.
[[nodiscard]] forum::Result<std::size_t> page_size(Worker& worker, std::uint32_t asked);

// Welcome, Account, or a record of a member: when they are erased, where they are.
template <class Told>
void fill_erasure(Told& out, const forum::MemberCard& card) {
    if (card.erase_at == 0) return;
    out.set_erase_at_ms(card.erase_at);
    out.set_erased_content(card.erase_removes ? v1::ERASED_CONTENT_REMOVED : v1::ERASED_CONTENT_KEPT);
}

}  // namespace foorumi::dispatch
