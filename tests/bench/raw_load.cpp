#include <chrono>
#include <stdexcept>

#include "fanout_counter.hpp"
#include "raw_server.hpp"
#include "session.hpp"
#include "swarm.hpp"

namespace foorumi::bench {

using Clock = std::chrono::steady_clock;

struct RawFanOut::Load {
    explicit Load(std::size_t subscribers) : counter(0, subscribers) {}

    void send_post() {
        counter.posted();
        const std::uint32_t post[2] = {frame_bytes, static_cast<std::uint32_t>(counter.last_posted())};
        swarm.send(publisher, {reinterpret_cast<const char*>(post), sizeof post});
    }

    void poll() {
        swarm.poll(1000, [this](std::size_t client, std::string_view item) {
            Fields fields(item);
            if (fields.next() && fields.tag() == change_tag) counter.delivered(client, change_version(fields.bytes()));
        });
    }

    Swarm swarm;
    FanOutCounter counter;
    std::size_t publisher = 0;
    std::uint32_t frame_bytes = 0;
};

RawFanOut::RawFanOut(const RawServer& server, std::size_t subscribers, std::size_t frame_bytes)
    : load_(std::make_unique<Load>(subscribers)) {
    load_->frame_bytes = static_cast<std::uint32_t>(frame_bytes);
    for (std::size_t i = 0; i <= subscribers; ++i) load_->publisher = load_->swarm.add(connect_to(server.port()));
}

RawFanOut::~RawFanOut() = default;

double RawFanOut::deliveries_per_second(std::size_t in_flight, std::chrono::milliseconds time) {
    const std::uint64_t before = load_->counter.deliveries();
    const auto start = Clock::now();
    auto now = start;
    while (now - start < time) {
        while (load_->counter.in_flight() < in_flight) load_->send_post();
        load_->poll();
        now = Clock::now();
    }
    const double rate =
        static_cast<double>(load_->counter.deliveries() - before) / std::chrono::duration<double>(now - start).count();
    const auto end = Clock::now() + std::chrono::seconds(10);
    while (load_->counter.in_flight() > 0) {
        if (Clock::now() > end) throw std::runtime_error("raw deliveries are missing");
        load_->poll();
    }
    return rate;
}

}  // namespace foorumi::bench
