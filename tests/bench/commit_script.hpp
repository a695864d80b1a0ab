// The commit script beside the server: a Redis as durable as foorumid's, and the request that commits a post.
#pragma once

#include <filesystem>
#include <string>

#include "child.hpp"
#include "session.hpp"
#include "store/channel_store.hpp"

namespace foorumi::bench {

// Appends to a file, synced before it answers; knows the script. Its socket is work / "redis.sock".
[[nodiscard]] Child start_redis(int core, const std::filesystem::path& work);
[[nodiscard]] std::filesystem::path redis_socket_in(const std::filesystem::path& work);

// The bytes of the call that commits a post of 300 bytes to the room's thread. `id` stands in it as it is, once.
[[nodiscard]] std::string commit_request(const Room& room, const store::ChangeId& id);

}  // namespace foorumi::bench
