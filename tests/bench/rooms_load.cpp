#include <stdexcept>
#include <utility>

#include "cpu_time.hpp"
#include "fanout_counter.hpp"
#include "measure.hpp"
#include "swarm.hpp"

namespace foorumi::bench {

using Clock = std::chrono::steady_clock;

struct RoomsLoad::State {
    struct Topic {
        Dialect dialect;
        FanOutCounter counter;
        std::size_t publisher;
        bool acknowledged = true;
    };
    struct Place {
        std::size_t room;
        std::size_t subscriber;
        bool publishes;
    };

    void post(std::size_t room) {
        Topic& topic = rooms[room];
        topic.acknowledged = false;
        topic.counter.posted();
        swarm.send(topic.publisher, topic.dialect.post(topic.counter.last_posted()));
    }

    void poll(bool go_on) {
        swarm.poll(100, [&](std::size_t client, std::string_view payload) {
            const Place& place = places[client];
            Topic& topic = rooms[place.room];
            if (!place.publishes) {
                return topic.dialect.read(
                    payload, [&](std::uint64_t version) { topic.counter.delivered(place.subscriber, version); });
            }
            topic.dialect.answer(payload);
            topic.acknowledged = true;
            ++acknowledged;
            if (go_on) post(place.room);
        });
    }

    void settle() {
        const auto end = Clock::now() + std::chrono::seconds(10);
        for (const Topic& room : rooms) {
            while (!room.acknowledged || room.counter.in_flight() > 0) {
                if (Clock::now() > end) throw std::runtime_error("deliveries or acknowledgements are missing");
                poll(false);
            }
        }
    }

    Swarm swarm;
    std::vector<Topic> rooms;
    std::vector<Place> places;  // by client of the swarm
    std::vector<pid_t> processes;
    std::uint64_t acknowledged = 0;
};

RoomsLoad::RoomsLoad(std::vector<RoomSockets> rooms, std::vector<pid_t> processes) : state_(new State) {
    state_->processes = std::move(processes);
    for (std::size_t i = 0; i < rooms.size(); ++i) {
        RoomSockets& room = rooms[i];
        for (std::size_t k = 0; k < room.subscribers.size(); ++k) {
            state_->swarm.add(std::move(room.subscribers[k]));
            state_->places.push_back({i, k, false});
        }
        const std::size_t publisher = state_->swarm.add(std::move(room.publisher));
        state_->places.push_back({i, 0, true});
        state_->rooms.push_back(
            {std::move(room.dialect), FanOutCounter(room.version, room.subscribers.size()), publisher});
    }
}

RoomsLoad::~RoomsLoad() = default;
RoomsLoad::RoomsLoad(RoomsLoad&&) noexcept = default;

RoomsRate RoomsLoad::run(std::chrono::milliseconds time) {
    const auto start = Clock::now();
    auto now = start;
    const std::uint64_t before = state_->acknowledged;
    const double cpu_before = cpu_seconds(state_->processes);
    for (std::size_t i = 0; i < state_->rooms.size(); ++i) state_->post(i);
    while (now - start < time) {
        state_->poll(true);
        now = Clock::now();
    }
    const auto posts = static_cast<double>(state_->acknowledged - before);
    const double cpu = cpu_seconds(state_->processes) - cpu_before;
    state_->settle();
    return {posts / std::chrono::duration<double>(now - start).count(), cpu * 1e6 / posts};
}

}  // namespace foorumi::bench
