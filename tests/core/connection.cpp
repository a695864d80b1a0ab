#include "core/connection.hpp"

#include <algorithm>

#include "core/server.hpp"

namespace foorumi::core {

// In order; what follows soon often arrives together with what is before it.
Time Network::arrival(const Connection& connection, Time last) {
    const bool slow = slow_until_[connection.place] > world_.now();
    const auto delay = slow ? world_.some_time(1'000, 60'000) : world_.some_time(20, 400);
    auto time = std::max(world_.now() + delay, connection.held_until);
    if (last > world_.now() && world_.random().chance(60)) time = last;
    return std::max(time, last);
}

void Network::connect(std::size_t place, Connected connected) {
    if (ignored_until_[place] > world_.now()) return;
    const auto delay = world_.some_time(30, 600);
    if (refused_until_[place] > world_.now()) {
        return world_.after(delay, place, [connected = std::move(connected)] { connected(nullptr); });
    }
    auto* const server = servers_.at(place);
    world_.after(delay, place, [this, place, server, connected = std::move(connected)] {
        if (!server->is_up()) return connected(nullptr);
        const auto connection = std::make_shared<Connection>();
        connection->server = server;
        connection->run = server->run();
        connection->place = place;
        std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
        connections_.push_back(connection);
        connected(connection);
    });
}

void Network::send(const ConnectionPtr& connection, std::vector<Command> commands) {
    if (connection->cut || connection->half_open) return;
    connection->to_server = arrival(*connection, connection->to_server);
    world_.at(connection->to_server, World::nowhere, [connection, commands = std::move(commands)] {
        if (connection->cut || connection->half_open) return;
        connection->server->receive(connection, commands);
    });
}

void Network::answer(const ConnectionPtr& connection, Value value) {
    if (connection->cut || connection->half_open || connection->client_gone) return;
    connection->to_client = arrival(*connection, connection->to_client);
    connection->answers.emplace_back(connection->to_client, std::move(value));
    world_.at(connection->to_client, connection->place, [this, connection] { deliver(connection); });
}

void Network::deliver(const ConnectionPtr& connection) {
    std::vector<Value> values;
    while (!connection->answers.empty() && connection->answers.front().first <= world_.now()) {
        values.push_back(std::move(connection->answers.front().second));
        connection->answers.pop_front();
    }
    if (values.empty() || connection->cut || connection->half_open || !connection->replied) return;
    const auto replied = connection->replied;  // which may close it
    replied(values);
}

void Network::close(const ConnectionPtr& connection) {
    connection->replied = nullptr;
    connection->closed = nullptr;
    connection->client_gone = true;
    connection->answers.clear();
    connection->server->hung_up(connection);
}

void Network::cut(const ConnectionPtr& connection) {
    if (std::exchange(connection->cut, true)) return;
    connection->answers.clear();
    connection->server->hung_up(connection);
    if (connection->half_open) return;
    world_.after(world_.some_time(20, 2'000), connection->place, [connection] {
        const auto closed = std::exchange(connection->closed, nullptr);
        connection->replied = nullptr;
        if (closed) closed();
    });
}

std::vector<ConnectionPtr> Network::open() const {
    std::vector<ConnectionPtr> all;
    for (const auto& weak : connections_) {
        auto connection = weak.lock();
        if (connection && !connection->cut && !connection->client_gone) all.push_back(std::move(connection));
    }
    return all;
}

std::vector<ConnectionPtr> Network::open_to(const Server* server) const {
    auto all = open();
    std::erase_if(all, [server](const auto& connection) { return connection->server != server; });
    return all;
}

void Network::heal() {
    refused_until_.clear();
    ignored_until_.clear();
    slow_until_.clear();
}

}  // namespace foorumi::core
