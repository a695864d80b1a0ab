// Of Server: what it does with each command.
#include <algorithm>
#include <charconv>

#include "core/server.hpp"

namespace foorumi::core {
namespace {

std::uint64_t number_in(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool is_write(std::string_view name) {
    constexpr std::string_view writes[]{"SET", "UNLINK", "HSET", "HDEL", "ZADD", "ZREM", "XADD"};
    return std::ranges::find(writes, name) != std::end(writes);
}

std::string short_of(const Command& command) {
    std::string text;
    for (const auto& word : command) {
        if (text.size() > 160) break;
        text.append(word, 0, 40).push_back(' ');
    }
    return text;
}

}  // namespace

void Server::execute(const ConnectionPtr& connection, const Command& command) {
    if (connection->blocked) return connection->behind.push_back(command);
    auto value = do_command(connection, command);
    world_.tell("{} {}: {}-> {}{}", name_, connection->name, short_of(command), static_cast<int>(value.kind),
                value.text);
    if (!connection->blocked) replies_.emplace_back(connection, std::move(value));
    serve_blocked();
}

Value Server::do_command(const ConnectionPtr& connection, const Command& command) {
    const auto& name = command.front();
    if (!refuse_all_.empty() && name != "CLIENT" && name != "INFO") return Value::error(refuse_all_);
    if (name == "EVALSHA") {
        const auto known = loaded_.find(command[1]);
        if (known == loaded_.end()) return Value::error("NOSCRIPT No matching script. Please use EVAL.");
        return evaluate(connection, command, *known);
    }
    if (name == "EVAL") return evaluate(connection, command, scripts_.load(command[1]));
    if (name == "SCRIPT") return Value::bulk(*loaded_.insert(scripts_.load(command[2])).first);
    if (name == "XREAD") return read_streams(connection, command);
    if (name == "WAIT") return wait(connection, command);
    if (name == "INFO") return info();
    if (name == "CLIENT") {
        connection->name = command[2].substr(command[2].find('-') + 1);
        return Value::status("OK");
    }
    if (name == "CONFIG") {
        auto all = Value::array();
        for (const char* word : {"appendonly", "yes", "appendfsync", "always", "no-appendfsync-on-rewrite", "no",
                                 "maxmemory-policy", "noeviction"})
            all.elements.push_back(Value::bulk(word));
        return all;
    }
    if (name == "PING") return Value::status("PONG");
    if (name == "PUBLISH") return Value::number(0);
    if (name == "SUBSCRIBE") return Value::array({Value::bulk("subscribe"), Value::bulk(command[1]), Value::number(1)});
    Record effects;
    auto value = call(command, effects);
    keep(connection, std::move(effects));
    return value;
}

Value Server::call(const Command& command, Record& effects) {
    if (command.front() == "TIME") {
        const auto ms = world_.wall_ms();
        return Value::array({Value::bulk(std::to_string(ms / 1'000)), Value::bulk(std::to_string(ms % 1'000 * 1'000))});
    }
    if (is_write(command.front())) {
        if (!is_primary()) return Value::error("READONLY You can't write against a read only replica.");
        if (!refuse_writes_.empty()) return Value::error(refuse_writes_);
    }
    bool wrote = false;
    auto value = data_.execute(command, wrote);
    if (wrote) effects.push_back(command);
    return value;
}

// EVALSHA digest count keys... arguments...
Value Server::evaluate(const ConnectionPtr& connection, const Command& command, const std::string& digest) {
    const auto count = static_cast<std::ptrdiff_t>(number_in(command[2]));
    const auto keys = command.begin() + 3;
    Record effects;
    auto value = scripts_.run(digest, Command(keys, keys + count), Command(keys + count, command.end()),
                              [this, &effects](const Command& called) { return call(called, effects); });
    keep(connection, std::move(effects));
    return value;
}

void Server::keep(const ConnectionPtr& connection, Record effects) {
    if (effects.empty()) return;
    log_.push_back(std::make_shared<const Record>(std::move(effects)));
    connection->last_write = log_.size();
}

// XREAD [COUNT count] [BLOCK ms] STREAMS key id
Value Server::read_streams(const ConnectionPtr& connection, const Command& command) {
    Connection::Blocked wanted;
    wanted.count = ~std::size_t{0};
    std::optional<milliseconds> limit;
    std::size_t at = 1;
    for (; command[at] != "STREAMS"; at += 2) {
        if (command[at] == "COUNT") wanted.count = number_in(command[at + 1]);
        if (command[at] == "BLOCK") limit = milliseconds(number_in(command[at + 1]));
    }
    wanted.stream = command[at + 1];
    wanted.after = number_in(command[at + 2]);
    const auto* const stream = data_.stream(wanted.stream);
    if (stream != nullptr && stream->last > wanted.after) {
        auto entries = Dataset::entries(*stream, wanted.after + 1, ~std::uint64_t{0}, wanted.count);
        if (!entries.elements.empty())
            return Value::array({Value::array({Value::bulk(wanted.stream), std::move(entries)})});
    }
    if (limit) block(connection, std::move(wanted), *limit);
    return {};
}

// WAIT replicas ms
Value Server::wait(const ConnectionPtr& connection, const Command& command) {
    if (!is_primary()) return Value::error("ERR WAIT cannot be used with replica instances.");
    Connection::Blocked wanted;
    wanted.replicas = number_in(command[1]);
    wanted.written = connection->last_write;
    const auto count = replicas_with(wanted.written);
    if (count < wanted.replicas) block(connection, std::move(wanted), milliseconds(number_in(command[2])));
    return Value::number(static_cast<std::int64_t>(count));
}

Value Server::info() const {
    return Value::bulk(
        fmt::format("# Server\r\nrun_id:{}\r\n# Replication\r\nrole:{}\r\nmaster_replid:{}\r\n"
                    "master_replid2:{}\r\n",
                    run_id_, is_primary() ? "master" : "slave", history_, origin_));
}

void Server::block(const ConnectionPtr& connection, Connection::Blocked blocked, milliseconds limit) {
    blocked.serial = ++next_serial_;
    connection->blocked = std::move(blocked);
    blocked_.push_back(connection);
    later(limit, [this, connection, serial = next_serial_] {
        if (!connection->blocked || connection->blocked->serial != serial) return;
        const bool waits = connection->blocked->stream.empty();
        const auto count = waits ? replicas_with(connection->blocked->written) : 0;
        unblock(connection, waits ? Value::number(static_cast<std::int64_t>(count)) : Value{});
        if (!busy_ && !woken_) end_turn();
    });
}

void Server::unblock(const ConnectionPtr& connection, Value value) {
    connection->blocked.reset();
    std::erase(blocked_, connection);
    replies_.emplace_back(connection, std::move(value));
    for (auto& command : std::exchange(connection->behind, {})) inbox_.emplace_back(connection, std::move(command));
}

// Behind each command, those that wait for what it has added are served.
void Server::serve_blocked() {
    for (const auto& connection : std::vector(blocked_)) {
        if (!connection->blocked || connection->blocked->stream.empty()) continue;
        const auto& wanted = *connection->blocked;
        const auto* const stream = data_.stream(wanted.stream);
        if (stream == nullptr || stream->last <= wanted.after) continue;
        auto entries = Dataset::entries(*stream, wanted.after + 1, ~std::uint64_t{0}, wanted.count);
        if (entries.elements.empty()) continue;
        unblock(connection, Value::array({Value::array({Value::bulk(wanted.stream), std::move(entries)})}));
    }
}

// It is a replica by now.
void Server::drop_blocked() {
    for (const auto& connection : std::vector(blocked_)) {
        if (connection->blocked) unblock(connection, Value::error("UNBLOCKED force unblock from blocking operation"));
    }
    if (!busy_ && !woken_) end_turn();
}

void Server::hung_up(const ConnectionPtr& connection) {
    connection->blocked.reset();
    std::erase(blocked_, connection);
}

}  // namespace foorumi::core
