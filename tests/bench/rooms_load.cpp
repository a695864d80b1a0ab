#include <stdexcept>

#include "fanout_counter.hpp"
#include "measure.hpp"
#include "post_frame.hpp"
#include "swarm.hpp"

namespace foorumi::bench {

using Clock = std::chrono::steady_clock;

namespace {

struct RoomLoad {
    RoomLoad(const Room& room, std::uint64_t version, std::size_t sessions)
        : post(room.id, room.thread, std::string(text_bytes, 'x')), counter(version, sessions) {}
    PostFrame post;
    FanOutCounter counter;
    bool acknowledged = true;
};

class RoomsLoad {
   public:
    RoomsLoad(const ServerProcess& server, const std::vector<Room>& rooms, std::size_t sessions_per_room)
        : sessions_per_room_(sessions_per_room) {
        auto sessions = open_sessions(server.port(), server.tokens(), rooms.size() * sessions_per_room);
        for (std::size_t i = 0; i < rooms.size(); ++i) {
            const std::size_t first = i * sessions_per_room;
            const std::uint64_t version = subscribe_all(sessions, first, first + sessions_per_room, rooms[i].id);
            rooms_.emplace_back(rooms[i], version, sessions_per_room);
        }
        for (auto& session : sessions) swarm_.add(session.release());
    }

    double posts_per_second(std::chrono::milliseconds time) {
        const auto start = Clock::now();
        auto now = start;
        for (std::size_t i = 0; i < rooms_.size(); ++i) send_post(i);
        while (now - start < time) {
            poll(true);
            now = Clock::now();
        }
        const double rate = static_cast<double>(acknowledged_) / std::chrono::duration<double>(now - start).count();
        settle();
        return rate;
    }

   private:
    void send_post(std::size_t room) {
        rooms_[room].acknowledged = false;
        rooms_[room].counter.posted();
        swarm_.send(room * sessions_per_room_, rooms_[room].post.next());
    }

    void poll(bool go_on) {
        swarm_.poll(100, [&](std::size_t client, std::string_view item) {
            const std::size_t room = client / sessions_per_room_;
            Fields fields(item);
            if (!fields.next()) return;
            if (fields.tag() == change_tag) {
                rooms_[room].counter.delivered(client % sessions_per_room_, change_version(fields.bytes()));
            } else if (fields.tag() == response_tag) {
                for (Fields response(fields.bytes()); response.next();) {
                    if (response.tag() == error_tag) throw std::runtime_error("a post was refused");
                }
                rooms_[room].acknowledged = true;
                ++acknowledged_;
                if (go_on) send_post(room);
            }
        });
    }

    void settle() {
        const auto end = Clock::now() + std::chrono::seconds(10);
        for (const RoomLoad& room : rooms_) {
            while (!room.acknowledged || room.counter.in_flight() > 0) {
                if (Clock::now() > end) throw std::runtime_error("deliveries or acknowledgements are missing");
                poll(false);
            }
        }
    }

    std::size_t sessions_per_room_;
    Swarm swarm_;
    std::vector<RoomLoad> rooms_;
    std::uint64_t acknowledged_ = 0;
};

}  // namespace

double durable_posts_per_second(const ServerProcess& server, const std::vector<Room>& rooms, std::size_t sessions,
                                std::chrono::milliseconds time) {
    return RoomsLoad(server, rooms, sessions).posts_per_second(time);
}

double memory_per_session(const ServerProcess& server, std::size_t sessions) {
    const std::size_t before = server.memory_bytes();
    const auto held = open_sessions(server.port(), server.tokens(), sessions);
    const std::size_t after = server.memory_bytes();
    return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(held.size());
}

}  // namespace foorumi::bench
