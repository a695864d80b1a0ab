#include "raw_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "server_process.hpp"
#include "wire.hpp"

namespace foorumi::bench {
namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    ::_exit(1);
}

// A post from the publisher: how large the delivery is to be, and its version.
struct Post {
    std::uint32_t frame_bytes;
    std::uint32_t version;
};

// A WebSocket frame of the wanted size that holds a change with this version: what a subscriber of Foorumi gets.
std::string delivery(const Post& post) {
    std::string change = "\x18";  // version
    change.append(5, '\0');
    write_padded_varint(change.data() + 1, post.version);
    const auto padded = [](std::string head, std::size_t size) {
        const std::size_t at = head.size();
        head.append(5, '\0');
        write_padded_varint(head.data() + at, static_cast<std::uint32_t>(size));
        return head;
    };
    // frame header 4, item 6, change 6, version 6, entities 6, and the rest as one entity
    const std::size_t rest = std::max<std::size_t>(post.frame_bytes, 160) - 28;
    change += padded("\x22", rest) + std::string(rest, 'x');
    const std::string item = padded("\x12", change.size()) + change;
    const std::string payload = padded("\x0a", item.size()) + item;
    std::string frame(1, static_cast<char>(binary_frame));
    frame += static_cast<char>(126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
    return frame + payload;
}

class Loop {
   public:
    explicit Loop(int listening) : listening_(listening), epoll_(::epoll_create1(0)) { watch(listening_); }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                fd == listening_ ? accept() : read(fd);
            }
        }
    }

   private:
    void watch(int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    }

    void accept() {
        const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        subscribers_.push_back(fd);
        watch(fd);
    }

    // Only the publisher ever writes; it does not subscribe. The closed loop keeps posts whole in one segment.
    void read(int fd) {
        std::array<Post, 64> posts;
        const ssize_t got = ::read(fd, posts.data(), sizeof posts);
        if (got <= 0) {
            std::erase(subscribers_, fd);
            ::close(fd);
            return;
        }
        if (fd != publisher_) {
            publisher_ = fd;
            std::erase(subscribers_, fd);
        }
        if (static_cast<std::size_t>(got) % sizeof(Post) != 0) die("cut post");
        for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(Post); ++i) deliver(delivery(posts[i]));
    }

    void deliver(const std::string& frame) {
        for (const int fd : subscribers_) {
            if (::write(fd, frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) die("write");
        }
    }

    int listening_;
    int epoll_;
    int publisher_ = -1;
    std::vector<int> subscribers_;
};

}  // namespace

RawServer::RawServer(int core) {
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening, 4096) != 0 ||
        ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::system_error(errno, std::system_category(), "raw server");
    }
    port_ = ntohs(address.sin_port);
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error(errno, std::system_category(), "fork");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::signal(SIGPIPE, SIG_IGN);
        pin_to_core(core);
        ::fcntl(listening, F_SETFL, O_NONBLOCK);
        Loop(listening).run();
    }
    ::close(listening);
}

RawServer::~RawServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

}  // namespace foorumi::bench
