#include "support/fake_redis.hpp"

#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

namespace foorumi::test {
namespace {

using Reader = std::unique_ptr<redisReader, void (*)(redisReader*)>;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

int connect_to(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(path);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Reads once; what was read is in `bytes`, too, if wanted.
bool read_some(int fd, redisReader* reader, std::string* bytes) {
    std::array<char, 16 * 1024> buffer{};
    const auto length = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (length <= 0) return false;
    if (bytes != nullptr) bytes->append(buffer.data(), static_cast<std::size_t>(length));
    return redisReaderFeed(reader, buffer.data(), static_cast<std::size_t>(length)) == REDIS_OK;
}

// A command is an array of strings, so the reader of replies reads it.
std::optional<FakeRedis::Command> next_command(int fd, redisReader* reader) {
    for (;;) {
        void* raw = nullptr;
        if (redisReaderGetReply(reader, &raw) != REDIS_OK) return std::nullopt;
        if (raw == nullptr) {
            if (!read_some(fd, reader, nullptr)) return std::nullopt;
            continue;
        }
        const std::unique_ptr<void, void (*)(void*)> owner(raw, freeReplyObject);
        const auto& reply = *static_cast<redisReply*>(raw);
        FakeRedis::Command command;
        for (std::size_t i = 0; i < reply.elements; ++i) {
            command.emplace_back(reply.element[i]->str, static_cast<std::size_t>(reply.element[i]->len));
        }
        return command;
    }
}

std::string encode(const FakeRedis::Command& command) {
    std::string bytes = "*" + std::to_string(command.size()) + "\r\n";
    for (const auto& argument : command) bytes += "$" + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
    return bytes;
}

// One reply of the real server, as it came.
std::optional<std::string> next_reply(int fd) {
    const Reader reader(redisReaderCreate(), redisReaderFree);
    std::string bytes;
    for (;;) {
        if (!read_some(fd, reader.get(), &bytes)) return std::nullopt;
        void* raw = nullptr;
        if (redisReaderGetReply(reader.get(), &raw) != REDIS_OK) return std::nullopt;
        if (raw == nullptr) continue;
        freeReplyObject(raw);
        return bytes;
    }
}

}  // namespace

FakeRedis::FakeRedis(std::string real_socket, Script script)
    : socket_((directory_.path() / "fake.sock").string()),
      real_socket_(std::move(real_socket)),
      script_(std::move(script)) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(socket_);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 64) != 0) {
        throw std::runtime_error("fake redis does not listen");
    }
    acceptor_ = std::thread([this] { accept(); });
}

FakeRedis::~FakeRedis() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    let_go();
    cut_connections();
    for (auto& thread : threads_) thread.join();
    for (const int fd : connections_) ::close(fd);
    ::close(listener_);
}

void FakeRedis::hold_replies(std::function<bool(const Command&)> which) {
    const std::lock_guard lock(mutex_);
    holds_ = std::move(which);
}

void FakeRedis::let_go() {
    hold_replies(nullptr);
    let_go_.notify_all();
}

void FakeRedis::wait_while_held(const Command& command) {
    std::unique_lock lock(mutex_);
    if (!holds_ || !holds_(command)) return;
    let_go_.wait(lock, [this] { return !holds_; });
}

void FakeRedis::cut_connections() {
    const std::lock_guard lock(connections_mutex_);
    for (const int fd : connections_) ::shutdown(fd, SHUT_RDWR);
}

void FakeRedis::accept() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0 || stopping_) {
            if (client >= 0) ::close(client);
            return;
        }
        const std::lock_guard lock(connections_mutex_);
        connections_.push_back(client);
        threads_.emplace_back([this, client] { serve(client); });
    }
}

void FakeRedis::serve(int client) {
    const int real = connect_to(real_socket_);
    if (real >= 0) {
        const std::lock_guard lock(connections_mutex_);
        connections_.push_back(real);
    }
    const Reader reader(redisReaderCreate(), redisReaderFree);
    while (!stopping_) {
        const auto command = next_command(client, reader.get());
        if (!command || !answer(client, real, *command, encode(*command))) break;
    }
    ::shutdown(client, SHUT_RDWR);
}

bool FakeRedis::answer(int client, int real, const Command& command, const std::string& bytes) {
    std::optional<std::string> scripted;
    {
        const std::lock_guard lock(mutex_);
        scripted = script_(command);
    }
    if (scripted) return !scripted->empty() && write_all(client, *scripted);
    if (real < 0 || !write_all(real, bytes)) return false;
    const auto reply = next_reply(real);
    wait_while_held(command);
    return reply && write_all(client, *reply);
}

bool calls(const FakeRedis::Command& command, std::string_view operation) {
    return command[0] == "EVALSHA" && command[3 + std::stoul(command[2])] == operation;
}

}  // namespace foorumi::test
