#include <algorithm>
#include <stdexcept>

#include "fanout_counter.hpp"
#include "measure.hpp"
#include "post_frame.hpp"
#include "swarm.hpp"

namespace foorumi::bench {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds quiet_deadline{10};  // for what is under way at the end of a run

}  // namespace

struct FanOut::Load {
    Load(const Room& room, std::uint64_t version, std::size_t subscribers)
        : post(room.id, room.thread, std::string(text_bytes, 'x')), counter(version, subscribers) {}

    void send_post() {
        swarm.send(publisher, post.next());
        counter.posted();
    }

    // Reads what is there; on_delivery(version) for each change.
    template <class OnDelivery>
    void poll(int timeout_ms, OnDelivery&& on_delivery) {
        swarm.poll(timeout_ms, [&](std::size_t client, std::string_view item) {
            Fields fields(item);
            if (!fields.next()) return;
            if (fields.tag() == change_tag) {
                const std::uint64_t version = change_version(fields.bytes());
                counter.delivered(client, version);
                frame_bytes = item.size();
                on_delivery(version);
            } else if (fields.tag() == response_tag) {
                check_response(fields.bytes());
            }
        });
    }

    static void check_response(std::string_view response) {
        for (Fields fields(response); fields.next();) {
            if (fields.tag() == error_tag) throw std::runtime_error("a post was refused");
        }
    }

    // Until all that was posted is everywhere.
    void settle() {
        const auto end = Clock::now() + quiet_deadline;
        while (counter.in_flight() > 0) {
            if (Clock::now() > end) throw std::runtime_error("deliveries are missing");
            poll(100, [](std::uint64_t) {});
        }
    }

    Swarm swarm;
    PostFrame post;
    FanOutCounter counter;
    std::size_t publisher = 0;
    std::size_t frame_bytes = 0;
};

FanOut::FanOut(const ServerProcess& server, const Room& room, std::size_t subscribers) {
    auto sessions = open_sessions(server.port(), server.tokens(), subscribers + 1);
    const std::uint64_t version = subscribe_all(sessions, 0, subscribers, room.id);
    load_ = std::make_unique<Load>(room, version, subscribers);
    for (auto& session : sessions) load_->publisher = load_->swarm.add(session.release());  // the last one publishes
}

FanOut::~FanOut() = default;

double FanOut::deliveries_per_second(std::size_t in_flight, std::chrono::milliseconds time) {
    const std::uint64_t before = load_->counter.deliveries();
    const auto start = Clock::now();
    auto now = start;
    while (now - start < time) {
        while (load_->counter.in_flight() < in_flight) load_->send_post();
        load_->poll(1000, [](std::uint64_t) {});
        now = Clock::now();
        if (now - start > time + quiet_deadline) throw std::runtime_error("the server does not deliver");
    }
    const double seconds = std::chrono::duration<double>(now - start).count();
    const double rate = static_cast<double>(load_->counter.deliveries() - before) / seconds;
    load_->settle();
    return rate;
}

FanOut::Latency FanOut::latency(double posts_per_second, std::chrono::milliseconds time) {
    const auto interval =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / posts_per_second));
    const std::uint64_t first = load_->counter.last_posted() + 1;
    std::vector<Clock::time_point> sent;
    std::vector<float> latencies;
    const auto note = [&](std::uint64_t version) {
        const std::chrono::duration<float, std::milli> took = Clock::now() - sent[version - first];
        latencies.push_back(took.count());
    };
    const auto start = Clock::now();
    for (auto due = start; due - start < time; due += interval) {
        for (auto now = Clock::now(); now < due; now = Clock::now()) {
            load_->poll(static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(due - now).count()), note);
        }
        sent.push_back(Clock::now());
        load_->send_post();
    }
    const auto end = Clock::now() + quiet_deadline;
    while (load_->counter.in_flight() > 0) {
        if (Clock::now() > end) throw std::runtime_error("deliveries are missing");
        load_->poll(100, note);
    }
    std::ranges::sort(latencies);
    const auto at = [&](double part) {
        return latencies[static_cast<std::size_t>(part * static_cast<double>(latencies.size() - 1))];
    };
    return {at(0.5), at(0.99), latencies.size()};
}

std::size_t FanOut::frame_bytes() const {
    const std::size_t payload = load_->frame_bytes + (load_->frame_bytes < 128 ? 2 : 3);  // the item's tag and length
    return payload + (payload < 126 ? 2 : 4);
}

}  // namespace foorumi::bench
