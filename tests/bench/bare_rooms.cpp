#include "bare_rooms.hpp"

#include <fcntl.h>
#include <sys/un.h>

#include <algorithm>
#include <deque>

#include "commit_script.hpp"
#include "epoll_loop.hpp"
#include "raw_server.hpp"
#include "store/reply_reader.hpp"

namespace foorumi::bench {
namespace {

constexpr std::size_t delivery_bytes = 300;
constexpr std::string_view id_place = "IDIDIDIDIDIDIDID";

int connect_to_redis(const std::filesystem::path& socket) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket.string();
    if (path.size() >= sizeof address.sun_path) end_with("path of the socket");
    path.copy(address.sun_path, path.size());
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) end_with("connect");
    return fd;
}

class RoomsLoop : public EpollLoop<RoomsLoop> {
   public:
    RoomsLoop(int listening, const std::filesystem::path& socket, std::size_t rooms, std::size_t sessions)
        : EpollLoop(listening), sessions_(sessions), redis_(connect_to_redis(socket)), rooms_(rooms) {
        store::ChangeId id{};
        std::ranges::copy(id_place, id.begin());
        for (std::size_t i = 0; i < rooms; ++i) {
            rooms_[i].request = commit_request({i + 1, 1}, id);
            rooms_[i].id_at = rooms_[i].request.find(id_place);
        }
        watch(redis_);
    }

   private:
    friend class EpollLoop<RoomsLoop>;

    struct BareRoom {
        std::vector<int> subscribers;
        int publisher = -1;
        std::string request;
        std::size_t id_at = 0;
    };
    struct UnderWay {
        std::size_t room;
        RawPost post;
    };

    // The sessions of each room come one after another, its publisher as the last.
    void accepted(int fd) {
        BareRoom& room = rooms_.at(accepted_ / (sessions_ + 1));
        if (accepted_++ % (sessions_ + 1) < sessions_) {
            room.subscribers.push_back(fd);
            return;
        }
        room.publisher = fd;
        publishes_.resize(std::max<std::size_t>(publishes_.size(), static_cast<std::size_t>(fd) + 1), -1);
        publishes_[static_cast<std::size_t>(fd)] = &room - rooms_.data();
    }

    void read(int fd) {
        if (fd == redis_) return read_redis();
        RawPost post{};
        const ssize_t got = ::read(fd, &post, sizeof post);
        if (got == 0) ::_exit(0);  // the load has ended
        if (got != static_cast<ssize_t>(sizeof post)) end_with("cut post");
        const auto index = static_cast<std::size_t>(publishes_.at(static_cast<std::size_t>(fd)));
        BareRoom& room = rooms_[index];
        ++posts_;
        for (std::size_t i = 0; i < sizeof posts_; ++i)
            room.request[room.id_at + i] = static_cast<char>(posts_ >> (8 * i));
        out_ += room.request;
        under_way_.push_back({index, post});
    }

    // One write for all posts of the turn.
    void flush() {
        for (std::string_view rest = out_; !rest.empty();) {
            const ssize_t written = ::write(redis_, rest.data(), rest.size());
            if (written < 0) end_with("write to redis");
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        out_.clear();
    }

    void read_redis() {
        std::array<char, 32 * 1024> bytes;
        const ssize_t got = ::read(redis_, bytes.data(), bytes.size());
        if (got <= 0) ::_exit(1);
        replies_.feed(bytes.data(), static_cast<std::size_t>(got));
        for (;;) {
            const auto step = replies_.next();
            if (step == store::ReplyReader::Step::nothing) return;
            if (step == store::ReplyReader::Step::malformed || under_way_.empty()) end_with("Redis answers nonsense");
            if (replies_.reply()[0].text() != "ok") end_with("a commit was refused");
            deliver(under_way_.front());
            under_way_.pop_front();
        }
    }

    void deliver(const UnderWay& done) const {
        const BareRoom& room = rooms_[done.room];
        const std::string frame = raw_frame(done.post);
        for (const int fd : room.subscribers) write_whole(fd, frame);
        write_whole(room.publisher, frame);  // about as long as an answer
    }

    static void write_whole(int fd, const std::string& frame) {
        if (::write(fd, frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) end_with("write");
    }

    std::size_t sessions_;
    int redis_;
    std::vector<BareRoom> rooms_;
    std::vector<std::ptrdiff_t> publishes_;  // the room, by the publisher's descriptor
    std::size_t accepted_ = 0;
    std::uint64_t posts_ = 0;
    std::string out_;
    std::deque<UnderWay> under_way_;
    store::ReplyReader replies_;
};

}  // namespace

BareRooms::BareRooms(int core, const std::filesystem::path& work, std::size_t rooms, std::size_t sessions)
    : rooms_(rooms),
      sessions_(sessions),
      listening_(listen_on_loopback(port_)),
      redis_(start_redis(core, work)),
      server_(core, [&] {
          ::fcntl(listening_, F_SETFL, O_NONBLOCK);
          RoomsLoop(listening_, redis_socket_in(work), rooms, sessions).run();
      }) {
    ::close(listening_);
}

RoomsLoad BareRooms::load() const {
    std::vector<RoomsLoad::RoomSockets> all(rooms_);
    for (auto& room : all) {
        room.dialect = raw_dialect(delivery_bytes);
        for (std::size_t i = 0; i < sessions_; ++i) room.subscribers.push_back(connect_to(port_));
        room.publisher = connect_to(port_);
    }
    return {std::move(all), {server_.pid()}};
}

}  // namespace foorumi::bench
