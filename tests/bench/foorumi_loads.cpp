// Loads on Foorumi itself.
#include "foorumi_dialect.hpp"
#include "measure.hpp"

namespace foorumi::bench {

FanOutLoad foorumi_fanout(const ServerProcess& server, const Room& room, std::size_t subscribers) {
    auto sessions = open_sessions(server.address(), server.tokens(), subscribers + 1);
    const std::uint64_t version = subscribe_all(sessions, 0, subscribers, room.id);
    std::vector<Stream> streams;
    for (auto& session : sessions) streams.push_back(session.release());  // the last one publishes
    return {"foorumid", foorumi_dialect(room, text_bytes), std::move(streams), version, {server.pid()}};
}

RoomsLoad foorumi_rooms(const ServerProcess& server, const std::vector<Room>& rooms, std::size_t sessions) {
    std::vector<RoomsLoad::RoomSockets> all;
    auto publishers = open_sessions(server.port(), server.tokens(), rooms.size());
    auto subscribers = open_sessions(server.port(), server.tokens(), rooms.size() * sessions);
    for (std::size_t i = 0; i < rooms.size(); ++i) {
        RoomsLoad::RoomSockets room;
        room.dialect = foorumi_dialect(rooms[i], text_bytes);
        room.version = subscribe_all(subscribers, i * sessions, (i + 1) * sessions, rooms[i].id);
        for (std::size_t k = 0; k < sessions; ++k) room.subscribers.push_back(subscribers[i * sessions + k].release());
        room.publisher = publishers[i].release();
        all.push_back(std::move(room));
    }
    return {std::move(all), {server.pid()}};
}

}  // namespace foorumi::bench
