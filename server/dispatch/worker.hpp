// One worker's share of the server: the sessions that live on it and the channels that are at home on it.
//
// Thread: everything here runs on the worker's own thread, but for Shared, which all workers see.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/options.hpp"
#include "base/clock.hpp"
#include "config/catalogue.hpp"
#include "config/session_limits.hpp"
#include "directory/holder.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/home.hpp"
#include "dispatch/page_cursor.hpp"
#include "fanout/topic_registry.hpp"
#include "forum/rules.hpp"
#include "membership/rules.hpp"
#include "session/connection_book.hpp"
#include "session/rate_book.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

class Worker;

struct Settings {
    config::SessionLimits session;
    forum::ContentLimits content;
    std::size_t frame_bytes = 0;
    std::size_t outbox_bytes = 0;
    std::uint32_t ping_interval_ms = 0;
    std::uint32_t change_id_hours = 24;
    std::size_t max_pending = 0;                   // of the store's options
    std::chrono::milliseconds change_deadline{0};  // of the store's options
    membership::Limits membership;
    auth::SignInOptions sign_in;
    std::string installation;  // its id
    std::string language = "fi";
    std::string server;  // name and version, told in Welcome
    std::string node;    // random name of this process
    std::uint16_t workers = 1;
    std::uint16_t partitions = 16;

    // What one answer may hold, so that a few fit into an outbox.
    [[nodiscard]] std::size_t answer_bytes() const { return outbox_bytes / 4; }
};

// What all workers share: const, or thread-safe.
struct Shared {
    Settings settings;
    const Clock& clock;
    const config::Catalogue& catalogue;
    directory::Holder directory;
    session::RateBook rates;
    // Runs the task on the worker, never before the call returns. Tasks from one worker to another keep their order.
    std::function<void(std::uint16_t worker, std::function<void(Worker&)> task)> post;
    // Set before the workers end: whoever waits for one of them gives up.
    std::atomic<bool> stopping{false};
    // Of all workers' partitions: their changes are refused until the replicas are back.
    std::atomic<std::uint32_t> partitions_without_replicas{0};
    CursorCipher cursors{};
    session::ConnectionBook connections{};

    [[nodiscard]] std::uint16_t home_of(std::string_view channel) const {
        return store::partition_of(channel, settings.partitions) % settings.workers;
    }
    void post_home(std::string_view channel, std::function<void(Worker&)> task) {
        post(home_of(channel), std::move(task));
    }
    void post_all(const std::function<void(Worker&)>& task) {
        for (std::uint16_t worker = 0; worker < settings.workers; ++worker) post(worker, task);
    }
};

class Worker {
   public:
    // `after` runs a task on this worker after a delay; tasks not yet run are dropped when the worker ends.
    using After = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

    Worker(std::uint16_t index, Shared& shared, After after);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // The store's sinks, to be given to make_channel_store(); set_store() follows before anything else.
    [[nodiscard]] store::Sinks sinks();
    void set_store(std::unique_ptr<store::ChannelStore> store) { store_ = std::move(store); }
    [[nodiscard]] store::ChannelStore& store() { return *store_; }

    // Takes a newer directory, if there is one, and looks again at what every session may still read. Called before
    // anything is delivered that may have been committed on the newer directory.
    void refresh_directory();
    [[nodiscard]] const directory::Snapshot& directory() const { return view_.get(); }
    [[nodiscard]] const std::shared_ptr<const directory::Snapshot>& directory_ref() const { return view_.shared(); }

    // Reads at the channel's home; the answer comes back to this worker, with the directory refreshed.
    void read_entities(std::string channel, std::vector<std::string> keys, store::ReadDone<store::EntitiesResult> then);
    void read_index(std::string channel, store::IndexRead read, store::ReadDone<store::IndexResult> then);
    void read_sync(std::string channel, store::SyncRead read, store::ReadDone<store::SyncResult> then);
    // REQUIRES: there is such a partition.
    void read_audit(std::uint16_t partition, store::AuditRead read, store::ReadDone<store::AuditResult> then);
    void count_indexes(std::string channel, store::CountRead read, store::ReadDone<store::CountResult> then);

    // The sign-in of this token in that directory while it is good; else null.
    [[nodiscard]] const directory::SessionCard* good_session(const directory::Snapshot& directory,
                                                             std::string_view token_hash) const {
        return directory.good_session(token_hash, shared_.clock.wall_ms(), shared_.settings.membership.session_idle_ms);
    }
    // The sign-in is in use: noted, where that has not been for a while.
    void note_use(const std::string& token_hash);

    // Once a second.
    void tick();

    // Tells the subscriptions of this worker apart.
    [[nodiscard]] std::uint64_t next_serial() { return ++serial_; }

    [[nodiscard]] Shared& shared() { return shared_; }
    [[nodiscard]] const Settings& settings() const { return shared_.settings; }
    [[nodiscard]] std::uint16_t index() const { return index_; }
    [[nodiscard]] Dispatcher& dispatcher() { return dispatcher_; }
    [[nodiscard]] Home& home() { return home_; }
    [[nodiscard]] fanout::TopicRegistry& topics() { return topics_; }
    void after(std::chrono::milliseconds delay, std::function<void()> task) { after_(delay, std::move(task)); }

   private:
    std::uint16_t index_;
    Shared& shared_;
    After after_;
    directory::View view_;
    forum::Version fence_seen_ = 0;
    std::uint64_t generation_seen_ = 0;  // of the directory
    std::uint64_t serial_ = 0;
    fanout::TopicRegistry topics_;
    std::unique_ptr<store::ChannelStore> store_;
    Home home_;
    Dispatcher dispatcher_;
};

}  // namespace foorumi::dispatch
