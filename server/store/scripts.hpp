// What goes to the scripts and what comes back: see commit.lua and read.lua.
#pragma once

#include <optional>

#include "store/channel_store.hpp"
#include "store/redis_keys.hpp"
#include "store/script_pipeline.hpp"

namespace foorumi::store {

struct CommitArguments {
    const ChangeRequest& request;
    const std::vector<Expectation>& expectations;
    const Commit* commit = nullptr;  // nothing: only looks the change id up and checks the expectations
    Version directory_version = 0;
    // Of a commit with an entry of the audit log: what that follows, and its digest.
    const AuditHead* audit_follows = nullptr;
    std::string_view audit_digest = {};
};
[[nodiscard]] ScriptCall commit_call(const RedisKeys& keys, const Options& options, const CommitArguments& arguments);
[[nodiscard]] ScriptCall fence_call(const RedisKeys& keys, Version directory_version);
// Does nothing where the feed ends before `released`: it was rewound, and what is consumed must be found out anew.
[[nodiscard]] ScriptCall consumed_call(const RedisKeys& keys, std::uint64_t position, std::uint64_t released);

// Takes the feed's entries up to `position` (0: its end) out, keeping at most `most` behind them: see purge.lua.
[[nodiscard]] ScriptCall purge_call(const RedisKeys& keys, std::uint64_t position, std::size_t most,
                                    bool marked = false);

struct CommitReply {
    enum class Status : std::uint8_t {
        malformed,
        ok,
        repeated,
        conflict,
        expired,
        future,
        fence,
        expect,
        backlog,
        audit,         // another entry was written meanwhile
        audit_broken,  // there is an entry where the next one belongs
    };
    Status status = Status::malformed;
    Version version = 0;                 // ok, repeated; expect: the channel's; of the directory: fence
    std::uint64_t position = 0;          // ok, repeated
    std::vector<KeyedValue> unexpected;  // expect: what is otherwise, as it is
    AuditHead audit;                     // audit: the present one
};
[[nodiscard]] CommitReply parse_commit(const Reply& reply);

struct PurgeReply {
    // wait: not consumed yet; many: more is behind it than may stay; rewound: the feed ends before it.
    enum class Status : std::uint8_t { malformed, ok, wait, many, rewound };
    Status status = Status::malformed;
    std::uint64_t position = 0;  // wait: up to which entries go; else of the feed's end
};
[[nodiscard]] PurgeReply parse_purge(const Reply& reply);

[[nodiscard]] ScriptCall sync_call(const RedisKeys& keys, std::string_view channel, const SyncRead& read);
[[nodiscard]] ScriptCall index_call(const RedisKeys& keys, std::string_view channel, const IndexRead& read);
[[nodiscard]] ScriptCall count_call(const RedisKeys& keys, std::string_view channel, const CountRead& read);
[[nodiscard]] ScriptCall audit_call(const RedisKeys& keys, const AuditRead& read);
[[nodiscard]] ScriptCall entities_call(const RedisKeys& keys, std::string_view channel,
                                       const std::vector<std::string>& entities);

// A read, and when it was made.
template <class T>
struct ReadReply {
    std::uint64_t position = 0;  // of the partition's feed
    Version version = 0;         // of the channel
    T result;
};
[[nodiscard]] ReadReply<SyncResult> parse_sync(const Reply& reply);
[[nodiscard]] ReadReply<IndexResult> parse_index(const Reply& reply, const IndexRead& asked);
[[nodiscard]] ReadReply<CountResult> parse_count(const Reply& reply);
// `after` as in the call.
[[nodiscard]] ReadReply<AuditResult> parse_audit(const Reply& reply, std::uint64_t after);
// The keys must be those of the call.
[[nodiscard]] ReadReply<EntitiesResult> parse_entities(const Reply& reply, const std::vector<std::string>& entities);

}  // namespace foorumi::store
