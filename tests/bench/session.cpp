#include "session.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <random>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "wire.hpp"

namespace foorumi::bench {
namespace {

constexpr int answer_deadline_s = 30;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

std::string new_change_id() {
    static std::random_device random;
    std::string id;
    for (int i = 0; i < 16; ++i) id += static_cast<char>(random());
    return id;
}

// Ids by slug, of the first `count` at least.
std::unordered_map<std::string, std::uint64_t> list_rooms(Session& session, std::size_t count) {
    std::unordered_map<std::string, std::uint64_t> by_slug;
    v1::Request list;
    list.set_id(10);
    list.mutable_list_rooms()->set_forum_slug("bench");
    for (bool more = true; more && by_slug.size() < count;) {
        const v1::Response listed = session.request(list);
        for (const auto& room : listed.rooms().rooms()) by_slug[room.slug()] = room.id();
        more = listed.rooms().more();
        if (more) list.mutable_list_rooms()->set_after(listed.rooms().rooms().rbegin()->id());
    }
    return by_slug;
}

}  // namespace

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::int64_t wall_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    const timeval deadline{answer_deadline_s, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        fail("connect");
    }
    return fd;
}

namespace {

Stream connected(Address address) {
    Stream stream(connect_to(address.port));
    if (address.tls) stream.start_tls();
    return stream;
}

void send_all(Stream& stream, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = stream.send(bytes.data(), bytes.size());
        if (sent < 0) fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

bool answers(Address address, std::string_view path) {
    try {
        Stream stream = connected(address);
        send_all(stream,
                 std::string("GET ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        char buffer[16 * 1024];
        std::string answer;
        ssize_t got = 0;
        while ((got = stream.receive(buffer, sizeof buffer, false)) > 0)
            answer.append(buffer, static_cast<std::size_t>(got));
        return answer.starts_with("HTTP/1.1 200");
    } catch (const std::runtime_error&) {
        return false;
    }
}

Session::Session(Address address) : stream_(connected(address)) {}

void Session::send_upgrade() {
    send_all(stream_,
             "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Protocol: foorumi.v1\r\n\r\n");
}

void Session::await_upgrade() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) receive();
    if (!received_.starts_with("HTTP/1.1 101")) throw std::runtime_error("handshake refused: " + received_);
    received_.erase(0, end + 4);
}

void Session::receive() {
    char buffer[16 * 1024];
    const ssize_t got = stream_.receive(buffer, sizeof buffer, false);
    if (got < 0) fail("recv");
    if (got == 0) throw std::runtime_error("the server has ended a connection");
    received_.append(buffer, static_cast<std::size_t>(got));
}

void Session::send(const v1::Request& request) {
    v1::ClientFrame frame;
    *frame.add_requests() = request;
    send_all(stream_, client_frame(frame.SerializeAsString()));
}

v1::ServerFrame Session::next_frame() {
    for (;;) {
        const ServerFrame cut = cut_frame(received_);
        if (cut.size == 0) {
            receive();
            continue;
        }
        v1::ServerFrame frame;
        const bool data = cut.first == binary_frame;
        if (data && !frame.ParseFromArray(cut.payload.data(), static_cast<int>(cut.payload.size()))) {
            throw std::runtime_error("a frame that is not the protocol");
        }
        received_.erase(0, cut.size);
        if (data) return frame;
    }
}

v1::Response Session::await_response(std::uint64_t id, std::vector<v1::Item>* seen) {
    while (!responses_.contains(id)) {
        const v1::ServerFrame frame = next_frame();
        for (const auto& item : frame.items()) {
            if (item.has_response()) {
                responses_[item.response().id()] = item.response();
            } else if (seen != nullptr) {
                seen->push_back(item);
            }
        }
    }
    v1::Response response = std::move(responses_.extract(id).mapped());
    if (response.has_error()) throw std::runtime_error("refused: " + response.error().ShortDebugString());
    return response;
}

v1::Response Session::request(const v1::Request& request) {
    send(request);
    return await_response(request.id());
}

Stream Session::release() {
    // What is left can only be items that nobody waits for, such as who is present.
    while (cut_frame(received_).size > 0) received_.erase(0, cut_frame(received_).size);
    if (!received_.empty()) throw std::runtime_error("a session is given away within a frame");
    return std::move(stream_);
}

v1::Request hello(const std::string& token) {
    v1::Request request;
    request.set_id(1);
    auto& says = *request.mutable_hello();
    says.set_client("foorumi_bench");
    says.set_protocol_min(1);
    says.set_protocol_max(1);
    says.set_language("en");
    says.set_token(token);
    return request;
}

v1::Request subscribe(std::uint64_t room, std::uint64_t since) {
    v1::Request request;
    request.set_id(2);
    auto& cursor = *request.mutable_subscribe()->add_cursors();
    cursor.set_channel("room:" + std::to_string(room));
    cursor.set_generation(1);
    cursor.set_since(since);
    return request;
}

std::vector<Session> open_sessions(Address address, const std::vector<std::string>& tokens, std::size_t count) {
    constexpr std::size_t at_once = 200;
    std::vector<Session> sessions;
    sessions.reserve(count);
    while (sessions.size() < count) {
        const std::size_t first = sessions.size();
        for (std::size_t i = first; i < std::min(count, first + at_once); ++i) {
            sessions.emplace_back(address);
            sessions.back().send_upgrade();
        }
        for (std::size_t i = first; i < sessions.size(); ++i) {
            sessions[i].await_upgrade();
            sessions[i].send(hello(tokens[i % tokens.size()]));
        }
        for (std::size_t i = first; i < sessions.size(); ++i) sessions[i].await_response(1);
    }
    return sessions;
}

std::uint64_t subscribe_all(std::vector<Session>& sessions, std::size_t first, std::size_t last, std::uint64_t room,
                            std::uint64_t since) {
    for (std::size_t i = first; i < last; ++i) sessions[i].send(subscribe(room, since));
    std::uint64_t version = 0;
    for (std::size_t i = first; i < last; ++i) {
        std::vector<v1::Item> seen;
        sessions[i].await_response(2, &seen);
        for (const auto& item : seen) {
            if (!item.has_synced()) continue;
            if (item.synced().has_error()) throw std::runtime_error("no subscription: " + item.ShortDebugString());
            version = item.synced().version();
        }
    }
    return version;
}

std::vector<Room> prepare_rooms(Session& session, std::size_t count) {
    const auto by_slug = list_rooms(session, count);
    std::vector<Room> rooms;
    for (std::size_t i = 0; i < count; ++i) {
        const auto found = by_slug.find("bench-" + std::to_string(i));
        if (found == by_slug.end()) throw std::runtime_error("the server has no room bench-" + std::to_string(i));
        v1::Request start;
        start.set_id(100 + i);
        start.set_change_id(new_change_id());
        start.set_made_at_ms(wall_ms());
        start.mutable_start_thread()->set_room(found->second);
        start.mutable_start_thread()->set_title("bench");
        start.mutable_start_thread()->set_text("bench");
        session.send(start);
        rooms.push_back({found->second, 0});
        if (i % 64 != 63 && i + 1 != count) continue;
        for (std::size_t k = i - i % 64; k <= i; ++k) {
            rooms[k].thread = session.await_response(100 + k).committed().version();
        }
    }
    return rooms;
}

}  // namespace foorumi::bench
