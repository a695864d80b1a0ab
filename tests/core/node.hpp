// A node of the server: its store, fan-out, sessions and outboxes as they are, and a directory that follows the
// directory's channel.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/checker.hpp"
#include "core/connection.hpp"
#include "core/front.hpp"
#include "store/channel_store.hpp"

namespace foorumi::core {

// What a simulation chooses for all of its nodes.
struct Settings {
    unsigned replicas = 0;
    std::size_t feed_length = 8'192;
    std::size_t tail_batch = 256;
    std::size_t connections = 4;
    std::size_t audience = 0;
    bool consumes_late = false;
    std::size_t outbox_bytes = 1'000'000;
    std::size_t page_bytes = 0;
};

class Node {
   public:
    Node(World& world, Network& network, Checker& checker, const Settings& settings, std::size_t number);
    ~Node();

    // Its Redis is found at `server`.
    void start(Server& server, bool restored = false);
    void kill();
    // `stopped` comes when all is answered, and written what is to be remembered.
    void stop(std::function<void()> stopped);
    void find(Server& server) { network_.lead(place_, &server); }
    void pause(bool paused);  // nothing may be released, or it may again

    // Takes requests.
    [[nodiscard]] bool is_serving() const { return store_ != nullptr && !stopping_; }
    [[nodiscard]] bool is_running() const { return store_ != nullptr; }
    [[nodiscard]] store::ChannelStore& store() { return *store_; }
    [[nodiscard]] std::size_t place() const { return place_; }
    [[nodiscard]] std::size_t number() const { return number_; }
    [[nodiscard]] std::uint64_t directory() const { return doubts_ ? 0 : directory_.version; }
    // How often another directory has taken the place of the one that was there.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    [[nodiscard]] bool may(const std::string& who) const;

    // REQUIRES: it is running.
    [[nodiscard]] Front& front() { return *front_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }

    // Somebody has asked for something; `ended` is called once, when the node ends before the answer.
    std::uint64_t wait(std::function<void()> ended);
    void waits_no_more(std::uint64_t number) { waiting_.erase(number); }

   private:
    [[nodiscard]] store::Sinks sinks();
    void released(const store::Released& commit);
    void gap(unsigned partition);
    void load_directory();
    void load_more(Held so_far, bool replaces);
    void take_directory(Held directory, bool replaces);
    // An event that is only for the run of the node that it was made in.
    void later(microseconds delay, std::function<void()> event);

    World& world_;
    Network& network_;
    Checker& checker_;
    const Settings& settings_;
    const std::size_t number_;
    std::size_t place_ = World::nowhere;
    std::uint64_t run_ = 0;
    bool stopping_ = false, paused_ = false;
    Held directory_;
    bool doubts_ = true, loaded_ = false;
    std::uint64_t generation_ = 0, gaps_ = 0, next_waiting_ = 1;
    std::map<std::uint64_t, std::function<void()>> waiting_;
    std::shared_ptr<store::ReleasedMarks> marks_;
    std::unique_ptr<boost::asio::io_context> context_;
    std::unique_ptr<Front> front_;
    std::unique_ptr<store::ChannelStore> store_;  // goes first
};

}  // namespace foorumi::core
