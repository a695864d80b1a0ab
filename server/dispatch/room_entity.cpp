#include "dispatch/room_entity.hpp"

#include <optional>
#include <string>
#include <utility>

#include "codec/entity_codec.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

// What cannot be read is put anew.
bool is_as_new(const std::string& bytes, const forum::Room& told) {
    const auto value = codec::decode_value(bytes);
    const auto* present = value ? std::get_if<forum::Room>(&*value) : nullptr;
    return present != nullptr && present->as_of >= told.as_of;
}

}  // namespace

void tell_room(store::ChannelStore& store, forum::Id room, const store::ChangeId& id,
               std::function<std::shared_ptr<const directory::Snapshot>()> directory,
               std::function<void(store::ChangeOutcome)> done) {
    store::ChangeRequest request;
    request.channel = forum::room_channel(room);
    request.change_id = id;
    request.fingerprint = id;
    request.needs = {std::string(forum::room_key)};
    request.from_feed = true;
    store.change(
        std::move(request),
        [room, directory = std::move(directory)](const store::View& view, store::Version& decided_on) {
            const auto current = directory();
            decided_on = current->version();
            store::Commit commit;
            const auto* card = current->room(room);
            if (card == nullptr) return std::make_optional(std::move(commit));
            const auto told = forum::told_of(*current, *card);
            const auto& present = view.at(forum::room_key);
            if (is_as_new(present.bytes, told)) return std::make_optional(std::move(commit));
            commit.expectations.push_back({std::string(forum::room_key), present.version});
            commit.puts.push_back({std::string(forum::room_key), codec::encode_value(told), {}});
            return std::make_optional(std::move(commit));
        },
        std::move(done));
}

}  // namespace foorumi::dispatch
