// One simulation: nodes on a modelled Redis, clients, faults by the seed, then a time without faults in which all has
// to come to its end, then the judgement.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clients.hpp"
#include "core/server.hpp"

namespace foorumi::core {

// What Redis is, and what may befall it.
enum class Topology : std::uint8_t {
    alone,       // one server: a crash loses nothing that was synced
    replicated,  // a primary and replicas, all of which may be promoted
    lossy,       // one server, or one with a replica that nobody waits for: what was acknowledged may be lost
};
[[nodiscard]] std::string_view to_string(Topology topology);

struct Verdict {
    std::uint64_t seed = 0;
    std::uint64_t hash = 0;
    Topology topology = Topology::alone;
    std::size_t events = 0;
    std::size_t wishes = 0;
    std::vector<std::string> faults;
    std::vector<std::string> violations;
};

struct Wanted {
    bool readable = false;  // the trace goes to standard output
    std::optional<Topology> topology = std::nullopt;
    // Rights are given and taken in `lossy` as well. An act that is lost before its fence is made leaves a fence that
    // nothing fulfils: not mended yet.
    bool acts_when_lossy = false;
};

class Episode {
   public:
    Episode(std::uint64_t seed, const Wanted& wanted, Scripts& scripts);
    ~Episode();

    [[nodiscard]] Verdict run();

   private:
    void make_servers();
    void make_clients(bool acts);
    void run_until(Time time);
    void settle();
    [[nodiscard]] bool is_settled() const;
    void judge();
    [[nodiscard]] std::string whom_it_waits_for() const;

    // faults.cpp. Each begins something, and sees to its end.
    void plan_faults();
    void begin_fault();
    void cut_some(std::size_t percent);
    void hold_some(bool for_good);
    void disturb_network();
    void disturb_commands();
    void crash_server();
    void freeze_server();
    void crash_replica();
    void hold_replication();
    void fail_over();
    void demote_later(Server& old);
    void restore_backup();
    void restore_while_stopped();
    void lose_by_promotion();
    void end_node(bool cleanly);
    void pause_node();
    void purge_feed();
    void readers_leave();
    void lead_all(Server& server, bool one_by_one);
    [[nodiscard]] Node& any_node() { return *nodes_[world_.random().below(nodes_.size())]; }
    // In a while, up to so long.
    void after_up_to(std::uint64_t most_ms, std::function<void()> event);

    World world_;
    Network network_;
    Topology topology_;
    Settings settings_;
    std::vector<std::unique_ptr<Server>> servers_;
    Server* primary_ = nullptr;
    std::unique_ptr<Checker> checker_;
    Nodes nodes_;
    std::unique_ptr<Ground> ground_;
    std::vector<std::unique_ptr<Writer>> writers_;
    std::vector<std::unique_ptr<Reader>> readers_;
    std::unique_ptr<Administrator> administrator_;
    Verdict verdict_;
    Time faults_end_{};
    bool over_ = false;    // all is judged, but for the end
    bool moving_ = false;  // the primary's place changes, or its data
};

}  // namespace foorumi::core
