// Follows one partition's feed with a blocking XREAD on its own connection, and hands its entries over in order.
//
// Thread: the one that runs the io_context; hooks are called from its turns, or from resume().
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/feed_cursor.hpp"
#include "store/feed_entry.hpp"
#include "store/figures.hpp"
#include "store/redis_client.hpp"
#include "store/redis_keys.hpp"
#include "store/released_marks.hpp"

namespace foorumi::store {

struct FeedTailOptions {
    std::shared_ptr<Locator> locator;
    bool moves = false;  // the partition may be moved to another primary, and back, without a failover
    std::string name;    // of the connection
    std::vector<SetupStep> setup;
    std::uint16_t partition = 0;
    std::size_t batch = 256;
    // That must have an entry before it is handed over. With any, the next connection may be to a server that lacks
    // what they had not: what was read and not handed over is read again.
    std::uint32_t replicas = 0;
    std::chrono::milliseconds replica_wait{1'000};          // before they are told to be missing
    std::optional<ReleasedMark> remembered = std::nullopt;  // of a run before; nothing: not known
    bool restored = false;                                  // the feed is of a backup, whatever is remembered
};

struct FeedTailHooks {
    std::function<void(std::shared_ptr<const Released>)> release;
    std::function<void()> released_all;                  // of a run of releases; passed() follows
    std::function<void(std::uint64_t position)> passed;  // up to here all is handed over
    // Entries up to here were trimmed before they were read. Told at once, once: what a fence behind them waits for may
    // have been among them. passed() follows, which the fence may hold up.
    std::function<void(std::uint64_t position)> gap;
    // The feed ends before what was read, or committed as its reply said, or is another one than was read. The
    // partition's epoch is another one now. Entries behind this position are handed over again, once passed() has come
    // for it, which a fence may hold up.
    std::function<void(std::uint64_t position)> rewound;
    std::function<void(bool held)> held;  // by a fence
    // What was released may be gone; rewound() follows, when that is certain and the epoch is raised.
    std::function<void()> doubtful = [] {};
    // Another node has raised the epoch: who has come from there may hold what is gone.
    std::function<void()> epoch_began = [] {};
    // What a later run is to know of what was released. Null: nobody asks.
    std::function<void(const ReleasedMark& mark)> remember = nullptr;
    // With replicas: all of them have the feed up to here, whatever of it is handed over yet.
    std::function<void(std::uint64_t position)> replicated = nullptr;
    std::function<void()> replicas_missing = nullptr;
    // The connection is gone, and what was not released may be: with replicas what they lacked, else what Redis comes
    // back without, even if all that was read here is the same.
    std::function<void()> unsure = [] {};
    // It is known of a connection what its feed is, and from which server; rewound() has come before, where that has
    // to.
    std::function<void()> began = [] {};
    std::function<Version()> directory_version;
    std::function<bool()> may_release;
    std::function<bool(const Released&)> is_wide;  // so many get it that it pays to wait for others
    // Runs it, once, when the commits of this node that are under way are answered, or after a bounded time.
    std::function<void(std::function<void()>)> gather;
    // Runs it once, unless the tail is gone by then.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
    std::function<void(std::function<void()>)> later;  // runs it in a later turn, unless the tail is gone by then
};

class FeedTail {
   public:
    FeedTail(boost::asio::io_context& context, FeedTailOptions options, FeedTailHooks hooks);

    void start() { client_.start(); }
    void stop();
    // Goes on where a fence or may_release stopped it, if it may.
    void resume();
    // The feed has had an entry at this position, as the reply to a commit says. Redis answers a blocked XREAD with the
    // first of the commits that it executes in one turn of its loop; what is known to follow is read before the first
    // is handed over, so that it goes out together.
    void committed(std::uint64_t position) { known_ = std::max(known_, position); }

    void reconnect() { client_.reconnect(); }
    // Of this connection it is known that its feed is the one that was handed over, or another one.
    [[nodiscard]] bool knows_its_feed() const { return known_again_; }
    // Up to here all is handed over, or was there before this tail began.
    [[nodiscard]] std::uint64_t position() const { return cursor_.position(); }

    // Nothing is known here to stand in the feed behind this position.
    [[nodiscard]] std::uint64_t heard_of() const { return std::max(known_, last_read()); }
    // Whether the channel's state at this position of the feed is what is released of it: all up to there is read, and
    // nothing of it waits.
    [[nodiscard]] bool is_released(std::string_view channel, std::uint64_t position) const;
    // What stands in the feed up to here was there before this tail began, and is never handed over by it. 0 until that
    // is known.
    [[nodiscard]] std::uint64_t beginning() const { return beginning_; }
    // beginning(), or where a fence stood there what the feed had by then: what was read of the directory before that
    // may be older than the fence wants, and what brings the version may stand behind it.
    [[nodiscard]] std::uint64_t arrival() const { return arrival_; }
    // That what is handed over is of; nothing until the tail has begun.
    [[nodiscard]] std::optional<Epoch> epoch() const { return cursor_.started() ? epoch_ : std::nullopt; }
    // As RedisClient::server_history(), from when the position in that feed is known.
    [[nodiscard]] const std::string& server_history() const { return history_; }
    [[nodiscard]] const RedisClient& client() const { return client_; }
    [[nodiscard]] const FeedCounts& counts() const { return counts_; }
    // Also what a fence holds up to this position will be replicated; see FeedTailHooks::replicated.
    void replicate_to(std::uint64_t position);

   private:
    // What is asked at each connect, and when nothing has come for long.
    struct Standing {
        std::uint64_t last = 0;
        std::uint64_t consumed = 0;
        Version fence = 0;
        std::uint64_t epoch = 0;
        std::uint64_t heard = 0;  // committed(), before it was asked
        bool same = true;         // what was read is what stands there
    };
    void check_position();
    void check_trace(const Standing& standing);
    void check_epoch(const Standing& standing);
    void leave();
    void ask_for_marks(std::uint64_t newest, std::uint64_t oldest,
                       std::function<void(const std::vector<FeedMark>&)> then);
    void raise_epoch(const Standing& standing, std::uint64_t least);
    void raise_later(const Reply& refusal);
    void begin(const Standing& standing);
    void arrive(const Standing& standing);
    void wait_for_start();
    void fill_trace();
    void filled(const std::vector<FeedMark>& found);
    void go_on();
    void began(std::uint64_t epoch);
    void rewind(const Standing& standing);
    void tell_of_loss(const Standing& standing);
    void remember(FeedMark entry);
    void note_released(FeedMark entry);
    void check_fence();
    void read();
    void read_done(const Reply* reply);
    [[nodiscard]] bool failed(const Reply* reply);
    void keep(std::vector<FeedEntry> entries);
    [[nodiscard]] std::uint64_t last_read() const {
        return waiting_.empty() ? cursor_.position() : waiting_.back().position;
    }
    void missed(std::uint64_t position);
    void lost();
    [[nodiscard]] bool replicated() const;
    void replicate(std::uint64_t position);
    void replicate_all();
    // What was answered of it so far.
    struct Look {
        bool good = true;
        bool missing = false;
    };
    void wait_for_replicas(std::uint64_t position, const std::shared_ptr<Look>& look = std::make_shared<Look>());
    void if_same_history(std::function<void()> then);
    void found_on_replicas(std::uint64_t position);
    [[nodiscard]] bool was_left() const;
    void read_more();
    void read_behind(std::size_t count, std::function<void(std::vector<FeedEntry>)> then);
    void wait_for_replies(const std::function<void(std::function<void()>)>& wait);
    void read_on();
    void hand_over();
    bool hand_over_front();
    FeedMark release_run(FeedEntry entry);

    FeedTailOptions options_;
    FeedTailHooks hooks_;
    std::string feed_;
    std::string meta_;
    std::string barrier_;
    FeedCursor cursor_;
    std::deque<FeedEntry> waiting_;
    FeedTrace trace_;
    bool arrived_ = false;  // passed() has been called since where it begins was last found out
    std::uint64_t beginning_ = 0;
    std::uint64_t arrival_ = 0;
    Version start_fence_ = 0;  // that stood in the feed when it was found out where to begin; 0: none
    FeedTrace released_;
    bool known_again_ = false;                 // this connection's feed is the one that the trace is of
    std::optional<std::uint64_t> epoch_;       // of the partition, as it was last found
    std::uint64_t known_ = 0;                  // see committed()
    std::uint64_t missed_ = 0;                 // gaps are told up to here
    std::optional<std::uint64_t> replicated_;  // up to here, as this connection has found
    std::uint64_t wanted_ = 0;                 // see replicate_to()
    std::string history_;                      // of the server whose feed is read
    std::string last_history_;                 // of that which has last shown that its replicas have it
    std::deque<std::string> left_;             // those before it
    std::uint64_t connection_ = 0;             // counts those that were lost
    bool reading_ = false;                     // a command is under way, or about to be
    bool handing_over_ = false;
    bool again_ = false;  // resume() was called while handing over
    bool held_ = false;
    bool stopped_ = false;
    FeedCounts counts_;
    RedisClient client_;
};

}  // namespace foorumi::store
