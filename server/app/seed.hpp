// Fills a new installation: the register of municipalities always, the demo content and rooms for benchmarks on demand.
// Every step is safe to repeat, so a start that was cut off is finished by the next one.
//
// Thread: blocks; call it from a thread that is no worker, while the workers run.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "dispatch/worker.hpp"

namespace foorumi::app {

struct DemoLogin {
    std::string name;
    std::string roles;  // in the language of the installation
    std::string municipality;
    std::filesystem::path token_file;
    std::string room;
};

class Seed {
   public:
    Seed(dispatch::Shared& shared, const std::filesystem::path& data_directory);

    // Each throws std::runtime_error when the store refuses, as it does while the server stops.
    // What every installation has from its first start on. False: it has, or gets, no demo content, since that comes at
    // the first start or never.
    [[nodiscard]] bool first_start(bool with_demo);
    // Tokens are random and new for this installation, in files with mode 0600 below <data>/demo.
    void demo();
    void bench_rooms(unsigned count);

    // The demo members with their token files, if this installation has the demo content.
    [[nodiscard]] std::vector<DemoLogin> logins() const;

   private:
    void municipalities();
    template <class T>
    T wait_for(std::future<T>& answer);
    // A step that is under way when start() returns; repeated while the store asks for patience.
    struct Step {
        std::string name;
        std::function<std::future<dispatch::ChangeResult>()> start;
    };
    // All at once; one result for each.
    std::vector<store::Committed> persist_all(const std::vector<Step>& steps);
    store::Committed persist(const Step& step);
    [[nodiscard]] Step creation(std::string_view name, store::Put put);
    forum::Id create(std::string_view name, store::Put put);
    [[nodiscard]] Step room_entity(forum::Id id, const forum::RoomCard& card);
    void create_rooms(const std::vector<forum::RoomCard>& cards);
    void create_member(const struct DemoMember& member);
    void ensure_token(const forum::MemberCard& member);
    void post_thread(const struct DemoThread& thread, std::size_t number);
    forum::Id change(std::string_view name, const std::string& author, dispatch::Command command);
    void mark(std::string_view name);
    [[nodiscard]] std::filesystem::path token_path(const std::string& handle) const;
    [[nodiscard]] std::shared_ptr<const directory::Snapshot> directory() const { return shared_.directory.current(); }

    dispatch::Shared& shared_;
    std::filesystem::path demo_directory_;
};

}  // namespace foorumi::app
