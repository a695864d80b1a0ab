// What a worker does for the channels that are at home on it: changes, subscriptions, fan-out, effects, presence.
// Thread: the worker's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/change_job.hpp"
#include "dispatch/effects.hpp"
#include "dispatch/erasures.hpp"
#include "dispatch/expiries.hpp"
#include "dispatch/lookup_queue.hpp"
#include "dispatch/membership_upkeep.hpp"
#include "dispatch/moves.hpp"
#include "dispatch/presence.hpp"
#include "dispatch/sign_in_lookups.hpp"
#include "dispatch/turnstile.hpp"
#include "dispatch/upkeep.hpp"
#include "fanout/broadcaster.hpp"
#include "session/session.hpp"
#include "store/channel_store.hpp"

namespace foorumi::directory {
class Snapshot;
}
namespace foorumi::v1 {
class Item;
}

namespace foorumi::dispatch {

class Worker;
struct MembershipJob;

// How one try to apply an effect has ended.
enum class EffectEnd : std::uint8_t { applied, later };

// Whether the fences stand; see Home::fence_all().
using FenceDone = std::function<void(bool stands)>;

// A session's wish to follow a channel.
struct OpenJob {
    std::string channel;
    forum::Version since = 0;
    store::Epoch epoch = 0;
    forum::Id member = 0;
    std::uint16_t worker = 0;  // the session's
};

// What an opened channel starts with. With `failure` set, nothing is open.
struct Opened {
    std::optional<store::Failure> failure;
    bool reset = false;
    store::Epoch epoch = 0;
    std::optional<store::IndexResult> threads;  // a room's snapshot
    std::optional<store::SyncResult> sync;
    std::vector<std::string> later;  // encoded changes that follow at once
};

class Home {
   public:
    explicit Home(Worker& worker);
    ~Home();

    // Answered within about the store's change deadline, whatever it waits for.
    void change(std::shared_ptr<ChangeJob> job);

    // Called back on this worker, in order with the broadcasts: from then on the session's worker gets every change.
    // Where it has to be read, or is long, and as many of its partition are read as may be, it waits for its turn.
    void open(OpenJob job, std::function<void(Opened)> done);
    // The end of what open() began.
    void leave(const std::string& channel, std::uint16_t worker, forum::Id member);

    // A typing or presence event for everyone in the room, on every node.
    void publish_typing(forum::Id room, forum::Id thread, forum::Id member);

    // Commits to the directory. REQUIRES: this is the directory's home. With `fence`, done only when every partition
    // knows of it, so that nothing decided without it can follow.
    void write_directory(const store::ChangeId& id, std::vector<store::Put> puts, bool fence,
                         std::function<void(forum::Result<store::Committed>)> done);
    // Decides and commits an act of membership. REQUIRES: as above. Answered within about the store's change deadline;
    // where it takes something away, only when every partition knows of it.
    void change_membership(std::shared_ptr<MembershipJob> job);
    // The sign-in is in use. REQUIRES: as above.
    void note_use(const std::string& token_hash) { membership_upkeep_.note_use(token_hash); }
    // REQUIRES: as above.
    [[nodiscard]] SignInLookups& sign_in_lookups() { return sign_in_lookups_; }
    // Loads the directory and keeps it up to date. REQUIRES: as above.
    void load_directory(std::function<void()> done);

    // The store's sinks.
    void released(const std::shared_ptr<const store::Released>& released);
    void released_all();
    void ephemeral(const std::string& channel, const std::string& bytes);
    void feed_gap(std::uint16_t partition);
    [[nodiscard]] bool has_room() const { return broadcaster_.has_room(); }

    // Fences the partitions of all workers, or of this one, for the directory's version. `done` comes when they stand,
    // with true; with false where Redis has come back without that version, and with it without the act that wanted it.
    void fence_all(forum::Version version, FenceDone done);
    // REQUIRES: the version has just been released.
    void fence_own(forum::Version version, FenceDone done);
    void fence_own_later(forum::Version version, FenceDone done);
    void tick();

    // Channels that are being read for who subscribes or resumes, and that wait for their turn to be.
    struct Openings {
        std::size_t under_way = 0;
        std::size_t waiting = 0;
    };
    [[nodiscard]] Openings openings() const {
        Openings all;
        for (const auto& [partition, turnstile] : openings_) {
            all.under_way += turnstile.under_way();
            all.waiting += turnstile.waiting();
        }
        return all;
    }

    [[nodiscard]] fanout::Broadcaster& broadcaster() { return broadcaster_; }

    // Applies another feed's effect to a channel that is at home here, however often it takes; then tells the source.
    void put_effect(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id, std::uint16_t source,
                    std::function<void()> done);
    void put_effect_later(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id, std::uint16_t source,
                          std::function<void()> done);
    // Calls back when all effects of what was released by now in the partition of this channel, which is at home here,
    // have been applied; see EffectsConsumer.
    void when_consumed(std::string_view channel, std::function<void(bool)> done);
    // Who is in the room now, encoded for a newcomer.
    [[nodiscard]] std::string presence_item(forum::Id room) const;

   private:
    void send_message(std::uint16_t target, fanout::Message message);
    void send_messages(std::uint16_t target);
    void send_effect(const forum::Effect& effect, const store::ChangeId& id, std::function<void()> done);
    // With `failure`, of a look-up just before: what needs one, too, does not ask the store again.
    void begin(std::shared_ptr<ChangeJob> job, std::optional<store::Failure> failure = std::nullopt);
    void looked_up(const std::shared_ptr<ChangeJob>& job, std::optional<store::Failure> failure);
    void look_up_message(std::shared_ptr<ChangeJob> job, const MessageLookup& lookup);
    void look_up_newcomer(std::shared_ptr<ChangeJob> job, const NewcomersText& post);
    void look_up_removed(std::shared_ptr<ChangeJob> job, forum::RestoreMessage& restore);
    void look_up_thread(std::shared_ptr<ChangeJob> job, const ThreadLookup& lookup);
    void look_up_moved(std::shared_ptr<ChangeJob> job, const MoveLookup& lookup);
    // Calls back on this worker: why it is refused, or nothing.
    void take_newcomers_place(const std::shared_ptr<ChangeJob>& job, const NewcomersText& post,
                              std::function<void(std::optional<forum::Refusal>)> then);
    // What was set aside in its room. REQUIRES: it is a post, or a thread.
    void hold(const std::shared_ptr<ChangeJob>& job);
    void post_approved(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id,
                       std::function<void(EffectEnd)> done);
    void return_held(const std::shared_ptr<const forum::Effect>& effect, const store::ChangeId& id,
                     const std::string& reason, std::function<void(EffectEnd)> done);
    void file_flag(const std::shared_ptr<const forum::Effect>& effect, const store::ChangeId& id,
                   std::function<void(EffectEnd)> done);
    void effect_ended(std::shared_ptr<const forum::Effect> effect, const store::ChangeId& id, std::uint16_t source,
                      std::function<void()> done, EffectEnd end);
    void watch_lookup_deadlines();
    void commit(std::shared_ptr<ChangeJob> job);
    [[nodiscard]] forum::Result<store::Commit> decide_job(ChangeJob& job, const store::View& view,
                                                          store::Version& directory_version);
    [[nodiscard]] store::SyncRead sync_read(const OpenJob& job) const;
    // It is answered from the store's memory, and shortly.
    [[nodiscard]] bool reads_nothing(const OpenJob& job) const;
    void open_snapshot(OpenJob job, bool reset, std::function<void(Opened)> done);
    void read_opening(OpenJob job, std::function<void(Opened)> done);
    void reopen_from_start(OpenJob job, std::function<void(Opened)> done);
    void opened(const OpenJob& job, Opened& result, std::vector<std::shared_ptr<const store::Released>>& later);
    class MembershipTry;
    void try_membership(std::shared_ptr<MembershipJob> job);
    void membership_committed(const std::shared_ptr<MembershipJob>& job, const store::Committed& committed,
                              bool took_away);
    struct DirectoryLoad;
    void load_more(std::shared_ptr<DirectoryLoad> load);
    void loaded(const std::shared_ptr<DirectoryLoad>& load, store::ReadOutcome<store::SyncResult> outcome,
                const std::vector<std::shared_ptr<const store::Released>>& later);
    void directory_released(const store::Released& released);
    void publish_directory(std::shared_ptr<const directory::Snapshot> next, bool replaces = false);
    void purge_feeds(std::uint16_t partition, std::function<void(bool)> done);
    void publish_item(forum::Id room, const v1::Item& item);
    void tell_presence(forum::Id room, const PresenceChange& change);

    Worker& worker_;
    fanout::Broadcaster broadcaster_;
    std::vector<std::vector<fanout::Message>> outgoing_;  // for each worker, of a run of releases
    bool releasing_ = false;                              // amid such a run
    EffectsConsumer effects_;
    Presence presence_;
    Upkeep upkeep_;
    Expiries expiries_;
    MembershipUpkeep membership_upkeep_;
    SignInLookups sign_in_lookups_;
    Erasures erasures_;
    Moves moves_;
    LookupQueue lookups_;
    bool lookup_deadline_watched_ = false;
    bool directory_loaded_ = false;
    std::map<std::uint16_t, Turnstile> openings_;  // by partition: one that stands still holds up no other
    std::optional<store::Epoch> directory_epoch_;  // nothing: never loaded
};

}  // namespace foorumi::dispatch
