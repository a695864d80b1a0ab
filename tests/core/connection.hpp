// One connection between a node and a modelled Redis, and the ways of all of them, which are slow, cut, held or closed
// as the faults want it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "core/world.hpp"

namespace foorumi::core {

class Server;

struct Connection {
    // The client's end. Empty once the client has closed it, or was told that it is closed.
    std::function<void(const std::vector<Value>&)> replied;
    std::function<void()> closed;
    std::size_t place = World::nowhere;
    std::string name;

    // The way.
    bool cut = false;        // nothing comes through any more, and both ends learn of it
    bool half_open = false;  // the same, and nobody does
    bool client_gone = false;
    Time to_server{}, to_client{}, held_until{};
    std::deque<std::pair<Time, Value>> answers;  // on their way

    // The server's end.
    Server* server = nullptr;
    std::uint64_t run = 0;       // of the server, which it was made to
    std::size_t last_write = 0;  // of this connection: the length of the log behind it
    std::deque<Command> behind;  // what has come while it is blocked
    struct Blocked {
        std::string stream;  // empty: by WAIT
        std::uint64_t after = 0;
        std::size_t count = 0;
        std::uint64_t replicas = 0;
        std::size_t written = 0;
        std::uint64_t serial = 0;
    };
    std::optional<Blocked> blocked;
};
using ConnectionPtr = std::shared_ptr<Connection>;

class Network {
   public:
    explicit Network(World& world) : world_(world) {}

    // The server that a place finds at the address which all know.
    void lead(std::size_t place, Server* server) { servers_[place] = server; }
    [[nodiscard]] Server* server_of(std::size_t place) const { return servers_.at(place); }

    using Connected = std::function<void(ConnectionPtr)>;  // null: refused
    void connect(std::size_t place, Connected connected);
    void send(const ConnectionPtr& connection, std::vector<Command> commands);
    void answer(const ConnectionPtr& connection, Value value);
    // By the client. What it has sent arrives still.
    void close(const ConnectionPtr& connection);
    // By a fault or the server's end: what is on its way is lost.
    void cut(const ConnectionPtr& connection);

    [[nodiscard]] std::vector<ConnectionPtr> open() const;
    [[nodiscard]] std::vector<ConnectionPtr> open_to(const Server* server) const;

    void refuse_until(std::size_t place, Time time) { refused_until_[place] = time; }
    void ignore_until(std::size_t place, Time time) { ignored_until_[place] = time; }
    void slow_until(std::size_t place, Time time) { slow_until_[place] = time; }
    void heal();

   private:
    [[nodiscard]] Time arrival(const Connection& connection, Time last);
    void deliver(const ConnectionPtr& connection);

    World& world_;
    std::map<std::size_t, Server*> servers_;
    std::map<std::size_t, Time> refused_until_, ignored_until_, slow_until_;
    std::vector<std::weak_ptr<Connection>> connections_;
};

}  // namespace foorumi::core
