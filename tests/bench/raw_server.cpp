#include "raw_server.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "epoll_loop.hpp"
#include "foorumi_dialect.hpp"
#include "wire.hpp"

namespace foorumi::bench {
std::string raw_frame(const RawPost& post) {
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

namespace {

class Loop : public EpollLoop<Loop> {
   public:
    Loop(int listening, RawMode mode, const std::string& log) : EpollLoop(listening), mode_(mode) {
        if (mode_ == RawMode::durable) log_ = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    }

   private:
    friend class EpollLoop<Loop>;

    void accepted(int fd) { subscribers_.push_back(fd); }

    // Only the publisher ever writes; it does not subscribe. The closed loop keeps posts whole in one segment.
    void read(int fd) {
        std::array<RawPost, 64> posts;
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
        if (static_cast<std::size_t>(got) % sizeof(RawPost) != 0) end_with("cut post");
        for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(RawPost); ++i) {
            frames_.push_back(raw_frame(posts[i]));
        }
    }

    void flush() {
        if (frames_.empty()) return;
        if (mode_ == RawMode::durable) persist();
        if (mode_ == RawMode::write)
            write_each();
        else
            write_together();
        frames_.clear();
    }

    void persist() const {
        for (const std::string& frame : frames_) {
            if (::write(log_, frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) end_with("log");
        }
        if (::fdatasync(log_) != 0) end_with("fdatasync");
    }

    void write_each() const {
        for (const std::string& frame : frames_) {
            for (const int fd : subscribers_) {
                if (::write(fd, frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) end_with("write");
            }
        }
    }

    void write_together() const {
        std::array<iovec, 64> vectors;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < frames_.size(); ++i) {
            vectors[i] = {const_cast<char*>(frames_[i].data()), frames_[i].size()};
            bytes += frames_[i].size();
        }
        for (const int fd : subscribers_) {
            if (::writev(fd, vectors.data(), static_cast<int>(frames_.size())) != static_cast<ssize_t>(bytes)) {
                end_with("writev");
            }
        }
    }

    RawMode mode_;
    int log_ = -1;
    int publisher_ = -1;
    std::vector<int> subscribers_;
    std::vector<std::string> frames_;  // of this turn
};

}  // namespace

RawServer::RawServer(int core, RawMode mode, const std::filesystem::path& directory)
    : listening_(listen_on_loopback(port_)), child_(core, [&] {
          ::fcntl(listening_, F_SETFL, O_NONBLOCK);
          Loop(listening_, mode, (directory / "raw.log").string()).run();
      }) {
    ::close(listening_);
}

Dialect raw_dialect(std::size_t frame_bytes) {
    Dialect dialect;
    dialect.post = [post = RawPost{static_cast<std::uint32_t>(frame_bytes), 0}](std::uint64_t version) mutable {
        post.version = static_cast<std::uint32_t>(version);
        return std::string_view(reinterpret_cast<const char*>(&post), sizeof post);
    };
    dialect.read = read_changes;
    dialect.answer = [](std::string_view) {};
    return dialect;
}

}  // namespace foorumi::bench
