#include "store/owner_lock.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <thread>

namespace foorumi::store {
namespace {

constexpr std::chrono::milliseconds between_looks{20};

UniqueFd open_lock(const std::filesystem::path& path) {
    return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

bool lock(const UniqueFd& fd) { return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0; }

std::string owner_of(const UniqueFd& fd) {
    std::array<char, 32> text{};
    const auto length = ::pread(fd.get(), text.data(), text.size() - 1, 0);
    const std::string_view pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return std::string(pid.substr(0, pid.find('\n')));
}

void write_owner(const UniqueFd& fd) {
    const auto text = fmt::format("{}\n", ::getpid());
    // Only for messages: an owner that cannot be named is still one.
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), text.data(), text.size(), 0) < 0) {
        spdlog::warn("owner.lock cannot be written: {}", std::strerror(errno));
    }
}

bool wait_for_orphan(const UniqueFd& fd, std::chrono::milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    bool told = false;
    while (!lock(fd)) {
        if (std::chrono::steady_clock::now() >= until) return false;
        if (!std::exchange(told, true))
            spdlog::info("the Redis of a server that was killed still ends: waiting for it");
        std::this_thread::sleep_for(between_looks);
    }
    return true;
}

}  // namespace

OwnerLock::Acquired OwnerLock::acquire(const std::filesystem::path& directory, std::chrono::milliseconds orphan_wait) {
    const auto path = directory.string();
    std::error_code error;
    if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return {{}, fmt::format("data directory {} cannot be created: {}", path, std::strerror(errno))};
    }
    OwnerLock held;
    held.owner_ = open_lock(directory / "owner.lock");
    held.redis_ = open_lock(directory / "redis.lock");
    if (!held.owner_.valid() || !held.redis_.valid()) {
        return {{}, fmt::format("data directory {} cannot be used: {}", path, std::strerror(errno))};
    }
    if (!lock(held.owner_)) {
        return {{}, fmt::format("data directory {} is in use by process {}", path, owner_of(held.owner_))};
    }
    if (!wait_for_orphan(held.redis_, orphan_wait)) {
        return {{},
                fmt::format(
                    "data directory {} is in use by the redis-server of a server that was killed, and it does not end. "
                    "End that redis-server, then start again",
                    path)};
    }
    write_owner(held.owner_);
    return {std::move(held), {}};
}

}  // namespace foorumi::store
