// Many client sockets on one epoll. What comes is cut into frames without copying; the rest of a cut frame is kept.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <string>
#include <system_error>
#include <vector>

#include "stream.hpp"
#include "wire.hpp"

namespace foorumi::bench {

class Swarm {
   public:
    Swarm() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
    ~Swarm() {
        clients_.clear();
        ::close(epoll_);
    }
    Swarm(const Swarm&) = delete;
    Swarm& operator=(const Swarm&) = delete;

    // Returns its index.
    std::size_t add(Stream stream) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = clients_.size();
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, stream.fd(), &event) != 0) fail("epoll_ctl");
        stream.unblock();
        clients_.push_back({std::move(stream), {}});
        return clients_.size() - 1;
    }
    [[nodiscard]] std::size_t size() const { return clients_.size(); }

    void send(std::size_t client, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = clients_[client].stream.send(bytes.data(), bytes.size());
            if (sent < 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Waits up to the time for something to read, and calls on_payload(client, payload) for each frame with data.
    template <class OnPayload>
    void poll(int timeout_ms, OnPayload&& on_payload) {
        std::array<epoll_event, 512> events;
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; ++i) {
            const std::size_t client = events[static_cast<std::size_t>(i)].data.u64;
            do read(client, on_payload);
            while (clients_[client].stream.holds_more());
        }
    }

   private:
    struct Client {
        Stream stream;
        std::string rest;  // of a frame that has not come whole
    };

    [[noreturn]] static void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

    template <class OnPayload>
    void read(std::size_t index, OnPayload& on_payload) {
        Client& client = clients_[index];
        const ssize_t got = client.stream.receive(buffer_.data(), buffer_.size(), true);
        if (got < 0) {
            if (errno == EAGAIN || errno == EINTR) return;
            fail("recv");
        }
        if (got == 0) throw std::runtime_error("the server has ended a connection");
        const std::string_view come(buffer_.data(), static_cast<std::size_t>(got));
        if (client.rest.empty()) {
            client.rest = scan(index, come, on_payload);
        } else {
            client.rest += come;
            client.rest = std::string(scan(index, client.rest, on_payload));
        }
    }

    template <class OnPayload>
    std::string_view scan(std::size_t index, std::string_view stream, OnPayload& on_payload) {
        for (;;) {
            const ServerFrame frame = cut_frame(stream);
            if (frame.size == 0) return stream;
            stream.remove_prefix(frame.size);
            // Pings are not answered: foorumid sends none here, and the others do without.
            if (frame.first == binary_frame || frame.first == text_frame) on_payload(index, frame.payload);
        }
    }

    int epoll_;
    std::vector<Client> clients_;
    std::array<char, 256 * 1024> buffer_;
};

}  // namespace foorumi::bench
