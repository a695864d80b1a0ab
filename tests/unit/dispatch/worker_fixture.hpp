// One worker with a store and a clock of the test's, in a small network: two rooms, of which one is the councillors'.
#pragma once

#include <gtest/gtest.h>

#include "directory/codec.hpp"
#include "dispatch/worker.hpp"
#include "fake_store.hpp"

namespace foorumi::dispatch {

class WorkerTest : public testing::Test {
   protected:
    static constexpr forum::Id theme = 1, square = 2, cabinet = 3, aino = 4, officer = 5;

    WorkerTest() {
        forum::ForumCard forum;
        forum.slug = "strategia";
        forum::RoomCard open{0, theme, "tori", "Tori", "", 1, {}};
        write({{"forum:1", directory::encode(forum)},
               {"room:2", directory::encode(open)},
               {"room:3", cabinet_of({forum::Role::councillor})},
               {"member:4", directory::encode({0, "aino", "Aino", "091", {forum::Role::councillor}, {}})},
               {"member:5", directory::encode({0, "riitta", "Riitta", "092", {forum::Role::office_holder}, {}})},
               {"token:aa", directory::encode_token(aino, 1)},
               {"token:bb", directory::encode_token(officer, 1)}});
        auto owned = std::make_unique<AskedStore>();
        store = owned.get();
        worker.set_store(std::move(owned));
        worker.refresh_directory();
    }

    static std::string cabinet_of(forum::Roles readers) {
        return directory::encode(
            forum::RoomCard{0, theme, "kabinetti", "Kabinetti", "", 2, forum::Audience{readers, {}}});
    }

    // Publishes a directory with these changes; the worker looks for it when it will.
    void write(const std::vector<std::pair<std::string, std::string>>& changes) {
        const auto current = shared.directory.current();
        const auto version = current->version() + 1;
        std::vector<directory::EntityChange> views;
        for (const auto& [key, bytes] : changes) views.push_back({key, version, bytes});
        shared.directory.publish(current->with(views, version));
    }

    // Runs what was posted, and what that posts.
    void run() {
        while (!posted.empty()) {
            const auto task = std::move(posted.front());
            posted.pop_front();
            task(worker);
        }
    }
    // Time passes; what is due then runs.
    void pass(std::chrono::milliseconds time) {
        clock.now += time;
        std::erase_if(timers, [this](auto& timer) {
            if (timer.first > clock.now) return false;
            posted.push_back([task = std::move(timer.second)](Worker&) { task(); });
            return true;
        });
        run();
    }

    struct TestClock final : Clock {
        std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
        std::int64_t wall = 1'000;
        [[nodiscard]] std::int64_t wall_ms() const override { return wall; }
        [[nodiscard]] std::chrono::steady_clock::time_point steady() const override { return now; }
    };

    static Settings settings() {
        Settings settings;
        settings.max_pending = 3;
        settings.change_deadline = std::chrono::milliseconds(10'000);
        return settings;
    }

    TestClock clock;
    config::Catalogue catalogue;
    std::deque<std::function<void(Worker&)>> posted;
    std::vector<std::pair<std::chrono::steady_clock::time_point, std::function<void()>>> timers;
    Shared shared{
        settings(), clock,
        catalogue,  {},
        {},         [this](std::uint16_t, std::function<void(Worker&)> task) { posted.push_back(std::move(task)); },
        {}};
    Worker worker{0, shared, [this](std::chrono::milliseconds delay, std::function<void()> task) {
                      timers.emplace_back(clock.now + delay, std::move(task));
                  }};
    AskedStore* store = nullptr;
};

}  // namespace foorumi::dispatch
