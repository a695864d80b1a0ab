#include <random>
#include <stdexcept>

#include "measure.hpp"

namespace foorumi::bench {

PageTimes history_pages(const ServerProcess& server, const Room& room, std::size_t messages, std::size_t pages) {
    auto sessions = open_sessions(server.port(), server.tokens(), 1);
    std::mt19937_64 random(1);
    std::vector<double> times;
    for (std::size_t i = 0; i < pages; ++i) {
        v1::Request request;
        request.set_id(1000 + i);
        auto& read = *request.mutable_read_history();
        read.set_room(room.id);
        read.set_thread(room.thread);
        read.set_after(room.thread + random() % (messages - page_of_messages));
        read.set_limit(page_of_messages);
        const auto start = std::chrono::steady_clock::now();
        const auto response = sessions.front().request(request);
        times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
        if (static_cast<std::size_t>(response.history().messages_size()) != page_of_messages) {
            throw std::runtime_error("a page of " + std::to_string(response.history().messages_size()) + " messages");
        }
    }
    return {percentile(times, 0.5), percentile(times, 0.99)};
}

}  // namespace foorumi::bench
