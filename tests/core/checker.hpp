// Judges what clients were told and what nodes released by the logs of the modelled servers. It shares no code with the
// server: what stands in a log it reads by itself.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "store/channel_store.hpp"

namespace foorumi::core {

// One thing that a client wants done, through all its attempts.
struct Wish {
    std::string id;
    std::string channel;
    bool left_open = false;  // an attempt of which it is not known what became
    bool acknowledged = false;
    bool refused = false;  // for good, by whoever may refuse
    bool writes = true;
    bool set_aside = false;  // writes nothing, and is remembered
    std::uint64_t version = 0;
    std::uint64_t acknowledged_as = 0, sent_as = 0;  // numbers in the order of time; sent: the first attempt

    [[nodiscard]] bool is_over() const { return acknowledged || refused; }
};

// A commit's value: who wants it, and the directory it was decided on.
[[nodiscard]] std::string value_of(const Wish& wish, std::uint64_t directory);

// What a reader holds of a channel.
struct Held {
    std::uint64_t version = 0;
    std::uint64_t epoch = 0;
    std::map<std::string, std::pair<std::uint64_t, std::string>> entities;
};

class Checker {
   public:
    Checker(World& world, std::vector<const Server*> servers, unsigned replicas);

    [[nodiscard]] std::uint64_t next_moment() { return ++moment_; }

    void node_started(std::size_t node) { shown_[node].clear(); }
    void gap(std::size_t node, unsigned partition);
    void released(std::size_t node, const store::Released& commit, std::uint64_t directory);
    void fenced(std::uint64_t directory);
    void acknowledged(const Wish& wish);
    // Of what the server's log had from there on nothing is left.
    void lost(const Server& server, std::size_t from);
    [[nodiscard]] bool has_lost() const { return lossy_; }

    // Behind all: of what the present primary has.
    void judge(const Server& primary, const std::vector<const Wish*>& wishes);
    // Whether the reader has what the primary has, and all of it.
    [[nodiscard]] bool is_current(const Server& primary, const std::string& channel, const Held& held) const;
    [[nodiscard]] bool has_epochs(const Server& primary) const;

   private:
    struct Channel {
        std::uint64_t version = 0;
        std::map<std::string, std::vector<std::uint64_t>> wishes;  // versions, by the id in the values
        std::map<std::string, std::pair<std::uint64_t, std::string>> entities;
        std::uint64_t counted = 0;
    };
    struct Truth {
        std::map<std::string, Channel> channels;
        std::map<unsigned, std::uint64_t> epochs;
        std::set<std::string> entries;
        std::map<std::string, unsigned> set_aside;  // how often, by the wish's id
    };
    [[nodiscard]] Truth read(const Server& primary, bool judges) const;
    void judge_wish(const Truth& truth, const Wish& wish);
    void judge_set_aside(const Truth& truth, const Wish& wish);
    void judge_order(const Truth& truth, const std::vector<const Wish*>& wishes);
    // How many servers have the entry or the wish, synced.
    [[nodiscard]] unsigned kept_by(const std::string& name);
    void judge_durable(const std::string& what, const std::string& name);

    World& world_;
    std::vector<History> histories_;
    unsigned replicas_;
    bool lossy_ = false;
    std::uint64_t moment_ = 0;
    std::set<std::string> lost_;                     // entries
    std::set<std::string> lost_wishes_;              // ids
    std::map<std::string, unsigned> lost_released_;  // those that somebody was shown, and their partition
    std::set<std::string> ever_released_, released_wishes_;
    std::map<std::size_t, std::map<std::string, std::uint64_t>> shown_;      // node -> channel -> version
    std::map<std::pair<std::string, std::uint64_t>, std::string> shown_as_;  // channel, version -> entry
};

}  // namespace foorumi::core
