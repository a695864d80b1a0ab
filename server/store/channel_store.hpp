// The channels of one worker's partitions: decides, commits, tails, releases. See docs/architecture.md.
//
// Thread: every member function and every callback runs on the worker that owns the store. Callbacks may be called
// before the function returns only where said. Lifetime: callbacks not yet called are dropped at destruction, after
// stop() has answered all of them.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit_chain.hpp"
#include "store/figures.hpp"

namespace foorumi::store {

using Version = std::uint64_t;
using ChangeId = std::array<std::uint8_t, 16>;
using Fingerprint = std::array<std::uint8_t, 16>;

struct Expectation {
    std::string key;
    Version version = 0;  // 0: must not be there: it has never existed, or was forgotten
};

// '@' in a key stands for the commit's version. `self_field`, where not empty, is "<outer tag><inner tag>" (two bytes):
// the script appends to the value the field outer{ inner: <commit's version as varint> }, which protobuf merges.
struct Put {
    std::string key;
    std::string value;  // empty: the entity is gone
    std::string self_field;
    // Nothing of the entity stays, not even its key: from then on it is as if it had never existed, for expectations
    // and for reads. A sync from before does not tell of it. REQUIRES: value and self_field empty, no '@' in the key,
    // and no other put of it in the commit.
    bool forget = false;
};

struct IndexChange {
    std::string index;
    std::string member;
    Version score = 0;  // 0: the commit's version
    bool remove = false;
};

// What one atomic step does to one channel.
struct Commit {
    std::vector<Expectation> expectations;
    std::vector<Put> puts;  // empty: nothing is committed; the answer is the channel's present version
    std::vector<IndexChange> indexes;
    std::string effects;  // opaque to the store, handed to the feed's consumer; '@' is not replaced in it
    // Not empty: this is no decision yet. These keys are read as well, and the decision is made again.
    std::vector<std::string> further;
    // An entry of the audit log of the channel's partition, written in the same step; also where nothing is put. Empty:
    // none.
    std::string audit;
    // Of a commit that puts nothing: the change id is remembered with version 0, which no other change has that was
    // done in this channel once it has had a commit; also of a change from a feed.
    bool set_aside = false;
};

struct Value {
    Version version = 0;  // 0: never existed, or was forgotten
    std::string bytes;    // empty: does not exist (any more)
};

// Entities by key, as the decision sees them.
class View {
   public:
    virtual ~View() = default;
    // REQUIRES: has(key). Keys of ChangeRequest::needs and Commit::further are there.
    [[nodiscard]] virtual const Value& at(std::string_view key) const = 0;
    [[nodiscard]] virtual bool has(std::string_view key) const = 0;
};

enum class Failure : std::uint8_t {
    refused,           // the decision refused; it has kept the reason itself
    conflict,          // the change id is known with another fingerprint
    expired,           // made_at_ms is older than the change ids that are kept
    future,            // made_at_ms is ahead of Redis' clock by more than the tolerance
    contended,         // expectations failed more often than the configuration allows; nothing was applied
    overloaded,        // a bound of the store was reached; nothing was applied
    unavailable,       // Redis refuses writes or cannot be reached, and nothing was applied
    replicas_missing,  // fewer replicas than configured have what was committed; nothing was applied
    outcome_unknown,   // the deadline passed with the commit under way
    stopping,          // nothing was applied
};

// Why the log (the append-only file) was not written anew.
enum class RewriteFailure : std::uint8_t {
    not_permitted,  // to this server's Redis user
    no_log,         // Redis keeps none
    failed,         // Redis tried and could not: its own log says why
    unavailable,    // Redis cannot be reached, or was not done by Options::rewrite_deadline
    overloaded,     // as with Failure
    stopping,
};
[[nodiscard]] std::string_view to_string(RewriteFailure failure);

struct Committed {
    Version version = 0;
    bool repeated = false;
};

struct ChangeOutcome {
    std::optional<Failure> failure;
    Committed committed;  // where there is no failure
    std::uint32_t retry_after_ms = 0;
};

struct ChangeRequest {
    std::string channel;
    std::uint64_t author = 0;  // change ids are told apart by author: nobody learns of another's
    ChangeId change_id{};
    Fingerprint fingerprint{};
    std::int64_t made_at_ms = 0;  // 0: now
    std::vector<std::string> needs;
    // What drains a feed: not refused because feeds are full, and as a change that changes nothing not remembered.
    bool from_feed = false;
    std::chrono::milliseconds deadline{0};  // shorter than Options::change_deadline; 0: that one
};

// Decides on the present state. Nothing: refused. Called once, or again after an expectation failed. Sets
// directory_version to the directory's version it was decided on.
using Decide = std::function<std::optional<Commit>(const View& view, Version& directory_version)>;

struct KeyedValue {
    std::string key;
    Version version = 0;
    std::string bytes;
    bool forgotten = false;  // by the commit that tells of it (Put::forget); its version is that commit's
};

// One commit, as released: in the order of its partition's feed, channel versions without gaps.
struct Released {
    std::string channel;
    Version version = 0;               // previous: version - 1
    std::vector<KeyedValue> entities;  // as committed, '@' replaced, self fields filled in
    std::string effects;
    std::uint64_t position = 0;  // in the partition's feed
    std::uint16_t partition = 0;
};

// When Redis was last found to have come back with less than was released of a partition, or with something else, in
// milliseconds of its clock; 0: never. It only rises. Versions of different epochs are not comparable.
using Epoch = std::uint64_t;

struct SyncRead {
    Version since = 0;
    std::size_t limit = 0;  // entities
    std::size_t bytes = 0;  // of keys and values, about; at least one commit's entities. 0: no bound
    std::optional<Epoch> epoch = std::nullopt;  // that `since` is of; nothing: the present one
};
struct SyncResult {
    Version version = 0;               // reached
    Version present = 0;               // the channel's, at the moment of the read
    std::vector<KeyedValue> entities;  // ascending by version
    bool more = false;                 // version is of the last entity listed, the channel is ahead of it
    bool unknown_version = false;      // since is from the future, or of another epoch
    Epoch epoch = 0;
};

// A slice of an index, and the entities that go with each member. For a member "57.9", prefix "message:" names
// entity "message:57" (the part before '.'). For each member, `counts` + the part before '.' names an index whose size
// is told.
struct IndexRead {
    std::string index;
    Version after = 0;   // scores greater than; with before 0 and after 0: from the end that descending says
    Version before = 0;  // scores less than, 0: no bound
    bool descending = false;
    std::size_t limit = 0;
    std::size_t bytes = 0;              // of the entities, about; at least one row. 0: no bound
    std::vector<std::string> prefixes;  // entities to fetch with each member
    std::string counts;                 // index name prefix to count for each member; empty: none
};
struct IndexRow {
    std::string member;
    Version score = 0;
    std::vector<KeyedValue> entities;  // one per prefix
    std::uint64_t count = 0;
};
struct IndexResult {
    Version version = 0;  // the channel's, at the same moment
    std::vector<IndexRow> rows;
    bool more = false;
    Epoch epoch = 0;
};

// How many members a few indexes have in a range of scores.
struct CountRead {
    struct Range {
        std::string index;
        Version after = 0;  // scores greater than
    };
    std::vector<Range> ranges;
    Version before = 0;     // scores less than, 0: no bound
    std::size_t limit = 0;  // members looked at in each, those of the lowest scores
    // Members whose part behind the first '.' is one of these are not counted; without '.' that part is empty.
    std::vector<std::string> excluded;
};
struct CountResult {
    Version version = 0;                // the channel's, at the same moment
    std::vector<std::uint64_t> counts;  // one per range, in that order
};

struct EntitiesResult {
    Version version = 0;
    std::vector<KeyedValue> entities;  // one per key asked, in that order
};

template <class T>
struct ReadOutcome {
    std::optional<Failure> failure;  // unavailable, overloaded or stopping
    T result;
};
template <class T>
using ReadDone = std::function<void(ReadOutcome<T>)>;

// Given what was read at one version and every commit of the channel released since, in order and without gap (usually
// none). From the moment of this call on, every further commit of the channel reaches the sink.
template <class T>
using OpenDone = std::function<void(ReadOutcome<T>, std::vector<std::shared_ptr<const Released>> later)>;

struct AuditRead {
    std::uint64_t after = 0;  // only entries of higher numbers
    std::size_t limit = 0;
    std::size_t bytes = 0;  // of the entries, about; at least one. 0: no bound
};
struct AuditResult {
    AuditHead head;
    std::vector<AuditEntry> entries;  // one of each number behind `after`, in order
    Version version = 0;              // 0: it is of no channel
};

class ChannelStore {
   public:
    virtual ~ChannelStore() = default;

    // Reads what the decision needs, decides, commits, and answers when the commit is released: durable, and already
    // handed to the sink. Changes of one channel are decided and committed in the order of the calls.
    virtual void change(ChangeRequest request, Decide decide, std::function<void(ChangeOutcome)> done) = 0;

    // Reads answer with states that are released.
    virtual void read_entities(std::string channel, std::vector<std::string> keys, ReadDone<EntitiesResult> done) = 0;
    virtual void read_index(std::string channel, IndexRead read, ReadDone<IndexResult> done) = 0;
    virtual void count_indexes(std::string channel, CountRead read, ReadDone<CountResult> done) = 0;
    // The audit log of a partition. REQUIRES: it is at home here.
    virtual void read_audit(std::uint16_t partition, AuditRead read, ReadDone<AuditResult> done) = 0;
    virtual void read_sync(std::string channel, SyncRead read, ReadDone<SyncResult> done) = 0;

    // The same as a hand-over to the sink: nothing between the result and the sink's next call is missed or doubled.
    virtual void open_sync(std::string channel, SyncRead read, OpenDone<SyncResult> done) = 0;
    virtual void open_index(std::string channel, IndexRead read, OpenDone<IndexResult> done) = 0;

    // Whether open_sync() needs no read for it, as things are now.
    [[nodiscard]] virtual bool remembers(std::string_view channel, const SyncRead& read) const = 0;

    // Tells that everything that follows from the feed's entries up to and including `position` has been done; entries
    // are kept until then. Called in ascending order.
    virtual void consumed(std::uint16_t partition, std::uint64_t position) = 0;

    // Commits the fence for the directory's version to every partition of this worker.
    virtual void fence(Version directory_version, std::function<void(std::optional<Failure>)> done) = 0;

    // Takes what the partition's feed has by now out of Redis' memory, and with the next rewrite of its log out of its
    // files, as soon as it is consumed. A node that has not read all of it by then meets a gap. Fails as `contended`
    // where by the change deadline it was not consumed, or more than Options::purge_entries came behind it each time,
    // and as `unavailable`: the caller tries again, which does no harm whatever was done. REQUIRES: the partition is at
    // home here.
    virtual void purge_feed(std::uint16_t partition, std::function<void(std::optional<Failure>)> done) = 0;

    // Lets Redis write its log anew, so that what was taken away leaves its files, and tells when a rewrite that began
    // after this call has ended.
    virtual void rewrite_log(std::function<void(std::optional<RewriteFailure>)> done) = 0;

    // Not stored, not ordered with commits, lost where nobody listens; to the ephemeral sink of every node, this one
    // too.
    virtual void publish(std::string_view channel, std::string bytes) = 0;

    // The directory that Sinks::directory_version tells of has changed: releases what waits behind a fence, where it
    // may.
    virtual void directory_changed() = 0;

    // The fan-out has room again (Sinks::may_release).
    virtual void resume_tails() = 0;

    // For metrics.
    [[nodiscard]] virtual Figures figures() const = 0;

    // Stops taking requests, answers all that wait, ends the connections. `done` is called last.
    virtual void stop(std::function<void()> done) = 0;
};

// What the store calls on its worker. The sinks must not call back into the store before they return, but for change(),
// reads and consumed().
struct Sinks {
    std::function<void(std::shared_ptr<const Released>)> released;
    // Behind a run of calls of released(), before anybody who waits for one of these commits is answered.
    std::function<void()> released_all;
    std::function<void(std::string channel, std::string bytes)> ephemeral;
    // The directory version that this worker's deliveries are decided on. The store releases nothing behind a fence
    // before this has reached the fence's version; it asks again when directory_changed() is called.
    std::function<Version()> directory_version;
    // A partition's feed was trimmed before the cursor: subscribers of its channels must sync again.
    std::function<void(std::uint16_t partition)> feed_gap;
    // Sessions that follow the channel, of all workers.
    std::function<std::size_t(std::string_view channel)> audience;
    // Of one more, or one less, partition replicas are missing: its changes are refused from now on, or no more.
    std::function<void(bool missing)> replicas_missing;
    // Back-pressure: false while the fan-out has more than its bound outstanding; tails pause until resume_tails().
    std::function<bool()> may_release;
};

class ReleasedMarks;

// How one worker's store reaches Redis and what bounds it.
struct Options {
    // Of one Redis, of one that sentinels watch, or of a cluster: see parse_topology().
    std::string url;
    std::string installation;       // the id that check_installation() told; empty: not looked at
    std::uint16_t partitions = 16;  // of the installation
    // For commits and reads; more than partitions at home here are not used. Redis reads some 16 KiB of a connection in
    // a turn and syncs once a turn: over several connections more changes share one fsync.
    std::size_t connections = 4;
    // Replicas of Redis that must have a change before it is acknowledged or shown: all that may be promoted. 0: the
    // primary's disk is enough. Where they are missing, changes are refused until they are back.
    std::uint32_t replicas = 0;
    std::chrono::milliseconds replica_wait{1'000};  // before they count as missing
    std::shared_ptr<ReleasedMarks> released;  // of the process; null: nothing is known of what was released before
    bool restored = false;                    // Redis has a backup: every partition begins a new epoch
    std::uint16_t worker = 0;                 // this worker is home to the partitions p with p % workers == worker
    std::uint16_t workers = 1;
    std::string node;  // random name of this process, for logs and for telling own ephemerals
    std::chrono::milliseconds change_deadline{10'000};
    std::chrono::milliseconds read_deadline{5'000};
    std::chrono::hours change_id_window{24};
    std::chrono::hours clock_tolerance{1};  // by which a change may be made ahead of Redis' clock
    std::size_t max_pending = 20'000;       // changes and reads waiting or under way on this worker
    std::size_t max_tries = 8;              // decisions for one change
    std::size_t feed_length = 8'192;        // entries kept in a partition's feed once consumed
    std::size_t feed_backlog = 65'536;      // entries kept at most when they are not consumed: then changes are refused
    std::size_t purge_entries = 1'024;      // entries that a purge of a feed may have to keep
    std::chrono::milliseconds rewrite_deadline{600'000};  // of Redis' log
    std::size_t cache_entities = 65'536;                  // entities kept for decisions
    std::size_t cache_bytes = 64UL * 1024 * 1024;         // and what they may take
    std::size_t recent_bytes = 16UL * 1024 * 1024;        // of commits kept for who resumes
    std::size_t tail_batch = 256;                         // entries read at once
    // A commit whose channel has at least so many sessions waits for those of this node that are under way in its
    // partition, so that they go out together; at most gather_time. 0 ms: it does not.
    std::size_t gather_audience = 128;
    std::chrono::milliseconds gather_time{5};
};

// REQUIRES: the installation was checked (store/installation.hpp). Connects and tails by itself, from what was
// consumed.
[[nodiscard]] std::unique_ptr<ChannelStore> make_channel_store(boost::asio::io_context& context, Options options,
                                                               Sinks sinks);

// The partition of a channel: a stable hash (CRC16 of the name, as Redis Cluster computes it) modulo the count.
[[nodiscard]] std::uint16_t partition_of(std::string_view channel, std::uint16_t partitions);

}  // namespace foorumi::store
