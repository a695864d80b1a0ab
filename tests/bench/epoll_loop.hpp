// The loop of the servers that the figures stand beside: epoll, accept, and a flush at the end of each turn.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace foorumi::bench {

// These servers are processes of their own: nothing is left to be done.
[[noreturn]] inline void end_with(const char* what) {
    std::perror(what);
    ::_exit(1);
}

// Own has accepted(fd), read(fd) and flush().
template <class Own>
class EpollLoop {
   public:
    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                fd == listening_ ? accept() : own().read(fd);
            }
            own().flush();
        }
    }

   private:
    friend Own;
    explicit EpollLoop(int listening) : listening_(listening), epoll_(::epoll_create1(0)) { watch(listening_); }

    Own& own() { return static_cast<Own&>(*this); }

    void watch(int fd) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) end_with("epoll_ctl");
    }

    void accept() {
        const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        own().accepted(fd);
        watch(fd);
    }

    int listening_;
    int epoll_;
};

}  // namespace foorumi::bench
