// One modelled Redis: executes commands one at a time, keeps a log that is synced before replies leave, and is followed
// by replicas or follows a primary.
//
// A turn is what Redis does between two waits: it executes all that has come, syncs the log, and only then do replies
// and replication leave. So a crash within a turn loses what nobody has been told. What is replicated are the commands
// that had an effect, those of a script together.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/connection.hpp"
#include "core/dataset.hpp"
#include "core/scripts.hpp"

namespace foorumi::core {

// The effects of one command.
using Record = std::vector<Command>;
using RecordPtr = std::shared_ptr<const Record>;
using Log = std::vector<RecordPtr>;

class Server {
   public:
    Server(World& world, Network& network, Scripts& scripts, std::string name, std::uint64_t stream_node);

    // Traffic.
    void receive(const ConnectionPtr& connection, const std::vector<Command>& commands);
    void hung_up(const ConnectionPtr& connection);

    // What befalls it.
    void crash();  // kill -9, or the power: what was not synced is gone, or a part of it
    void start();
    void freeze();
    void thaw();
    void flush_scripts() { loaded_.clear(); }
    // Each command, or each that writes, is refused with this error; empty: none is.
    void refuse(std::string all, std::string writes) {
        refuse_all_ = std::move(all), refuse_writes_ = std::move(writes);
    }
    void slow_disk_until(Time time) { slow_disk_until_ = time; }
    // REQUIRES: it is down. Its files are older ones.
    void restore(std::size_t length);

    // Replication.
    void promote();
    void follow(Server& primary);
    void unfollow();
    void hold_link_until(Time time) { link_held_until_ = time; }
    [[nodiscard]] bool is_attached() const { return attached_; }
    [[nodiscard]] Server* followed() const { return followed_; }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool is_up() const { return up_; }
    [[nodiscard]] bool is_frozen() const { return frozen_; }
    [[nodiscard]] bool is_primary() const { return followed_ == nullptr; }
    [[nodiscard]] std::uint64_t run() const { return run_; }
    [[nodiscard]] const Dataset& data() const { return data_; }
    [[nodiscard]] const Log& log() const { return log_; }
    [[nodiscard]] std::size_t synced() const { return synced_; }
    // Another one when the log is not what it was with something behind it.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

    // As if it had been there from the begin.
    void seed(const RecordPtr& record);

   private:
    struct Follower {
        Server* server = nullptr;
        std::uint64_t link = 0;  // the session's number, at the follower
        std::size_t sent = 0;
        std::size_t acknowledged = 0;
        Time last_arrival{};
    };

    void wake();
    void turn();
    void end_turn();
    void execute(const ConnectionPtr& connection, const Command& command);
    Value do_command(const ConnectionPtr& connection, const Command& command);
    Value call(const Command& command, Record& effects);
    Value evaluate(const ConnectionPtr& connection, const Command& command, const std::string& digest);
    Value read_streams(const ConnectionPtr& connection, const Command& command);
    Value wait(const ConnectionPtr& connection, const Command& command);
    Value info() const;
    void keep(const ConnectionPtr& connection, Record effects);
    void block(const ConnectionPtr& connection, Connection::Blocked blocked, milliseconds limit);
    void unblock(const ConnectionPtr& connection, Value value);
    void serve_blocked();
    void drop_blocked();
    [[nodiscard]] std::uint64_t replicas_with(std::size_t length) const;
    void replicate();
    void replicated(std::uint64_t link, std::size_t from, const Log& records);
    void acknowledged(Server* replica, std::uint64_t link, std::size_t length);
    void attach();
    void lose_followers();
    void rebuild();
    void new_history();
    // An event that is only for the run of the server that it was made in.
    void later(microseconds delay, std::function<void()> event);

    World& world_;
    Network& network_;
    Scripts& scripts_;
    const std::string name_;
    const std::uint64_t stream_node_;
    bool up_ = true, frozen_ = false, busy_ = false, woken_ = false;
    bool end_is_due_ = false;  // of a turn, when it is thawed
    std::uint64_t run_ = 0, generation_ = 0;
    std::string run_id_, history_, origin_ = std::string(8, '0');
    std::string refuse_all_, refuse_writes_;
    Time slow_disk_until_{}, link_held_until_{};

    Log log_;
    std::size_t synced_ = 0;
    Dataset data_;
    std::set<std::string, std::less<>> loaded_;

    std::deque<std::pair<ConnectionPtr, Command>> inbox_;
    std::vector<std::pair<ConnectionPtr, Value>> replies_;
    std::vector<ConnectionPtr> blocked_;
    std::uint64_t next_serial_ = 0;

    Server* followed_ = nullptr;
    bool attached_ = false;
    std::uint64_t link_ = 0;
    std::vector<Follower> followers_;
};

}  // namespace foorumi::core
