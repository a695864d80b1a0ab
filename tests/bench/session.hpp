// A client session while it is set up: blocking, with generated protobuf code. Its socket then goes into a Swarm.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foorumi/v1/protocol.pb.h"
#include "stream.hpp"

namespace foorumi::bench {

// Where a server is, and whether it speaks TLS there.
struct Address {
    Address(std::uint16_t plain_port) : port(plain_port) {}  // NOLINT(google-explicit-constructor): most are plain
    Address(std::uint16_t any_port, bool with_tls) : port(any_port), tls(with_tls) {}
    std::uint16_t port;
    bool tls = false;
};

// Throws std::runtime_error or std::system_error on whatever goes wrong; waits at most some seconds for an answer.
class Session {
   public:
    explicit Session(Address address);

    // In steps, so that many sessions can be set up at once: first all send, then all wait.
    void send_upgrade();
    void await_upgrade();
    void send(const v1::Request& request);
    // The response to the request; other items go to `seen`.
    v1::Response await_response(std::uint64_t id, std::vector<v1::Item>* seen = nullptr);
    v1::Response request(const v1::Request& request);

    // Gives the stream away. REQUIRES: nothing that was read is left over.
    [[nodiscard]] Stream release();
    [[nodiscard]] std::string cipher() const { return stream_.cipher(); }

   private:
    void receive();
    [[nodiscard]] v1::ServerFrame next_frame();

    Stream stream_;
    std::string received_;
    std::unordered_map<std::uint64_t, v1::Response> responses_;  // come before they were waited for
};

// For changes: the servers that are measured run on this machine.
[[nodiscard]] std::int64_t wall_ms();
[[nodiscard]] int connect_to(std::uint16_t port);
void send_all(int fd, std::string_view bytes);
// Whether GET `path` is answered with 200; the whole answer is read.
[[nodiscard]] bool answers(Address address, std::string_view path);

[[nodiscard]] v1::Request hello(const std::string& token);
[[nodiscard]] v1::Request subscribe(std::uint64_t room, std::uint64_t since);

// Connects `count` sessions and says Hello, the members in turn.
[[nodiscard]] std::vector<Session> open_sessions(Address address, const std::vector<std::string>& tokens,
                                                 std::size_t count);
// Subscribes sessions first..last (not included) to the room; returns the room's version, the same for all.
[[nodiscard]] std::uint64_t subscribe_all(std::vector<Session>& sessions, std::size_t first, std::size_t last,
                                          std::uint64_t room, std::uint64_t since = 0);

// A room of the benchmark with a thread in it to post to.
struct Room {
    std::uint64_t id = 0;
    std::uint64_t thread = 0;
};
[[nodiscard]] std::vector<Room> prepare_rooms(Session& session, std::size_t count);

}  // namespace foorumi::bench
