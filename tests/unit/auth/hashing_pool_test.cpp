#include "auth/hashing_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace foorumi::auth {
namespace {

using testing::ElementsAre;

constexpr auto pool_patience = std::chrono::seconds(30);

// What jobs have told, from any thread.
class Journal {
   public:
    void add(int entry) {
        std::lock_guard lock(mutex_);
        entries_.push_back(entry);
        changed_.notify_all();
    }
    std::vector<int> once_there_are(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, pool_patience, [&] { return entries_.size() >= count; }));
        return entries_;
    }
    std::vector<int> entries() { return once_there_are(0); }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<int> entries_;
};

// Holds the jobs that pass it until it is opened.
class Gate {
   public:
    void open() { opened_.set_value(); }
    void pass() const { ASSERT_EQ(open_.wait_for(pool_patience), std::future_status::ready); }

   private:
    std::promise<void> opened_;
    std::shared_future<void> open_ = opened_.get_future().share();
};

std::string refused(HashingPool& pool, std::function<void()> run, std::function<void()> cancel = [] {}) {
    const auto submitted = pool.submit({std::move(run), std::move(cancel)});
    return submitted ? "" : submitted.error().reason;
}

TEST(HashingPoolTest, JobsRunInTheirOrder) {
    Journal journal;
    HashingPool pool(1, 64);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(refused(pool, [&, i] { journal.add(i); }), "");
    const auto entries = journal.once_there_are(50);
    EXPECT_TRUE(std::ranges::is_sorted(entries));
}

TEST(HashingPoolTest, QueueTakesItsLengthAndNotOneMore) {
    Journal journal;
    Gate gate;
    HashingPool pool(2, 3);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(refused(pool, [&, i] { gate.pass(), journal.add(i); }), "");
    EXPECT_EQ(refused(pool, [&] { gate.pass(), journal.add(4); }), "") << "at the bound: two run, three wait";
    const auto over = pool.submit({[&] { journal.add(5); }, [&] { journal.add(-5); }});
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error(), (forum::Refusal{forum::ErrorCode::unavailable, "sign_in_busy", "", 1'000}));
    gate.open();
    auto entries = journal.once_there_are(5);
    std::ranges::sort(entries);
    EXPECT_THAT(entries, ElementsAre(0, 1, 2, 3, 4));
}

TEST(HashingPoolTest, ReservedPlacesCountUntilTheyAreGivenBack) {
    Journal journal;
    Gate gate;
    std::vector<HashingPool::Place> places;
    {
        HashingPool pool(2, 3);
        for (int i = 0; i < 5; ++i) places.push_back(*pool.reserve());
        EXPECT_EQ(pool.reserve().error(), (forum::Refusal{forum::ErrorCode::unavailable, "sign_in_busy", "", 1'000}));
        EXPECT_EQ(refused(pool, [] {}), "sign_in_busy") << "also with every thread free";
        places.pop_back();
        EXPECT_EQ(refused(pool, [&] { gate.pass(), journal.add(1); }), "");
        EXPECT_EQ(refused(pool, [] {}), "sign_in_busy");
        EXPECT_TRUE(pool.submit(std::move(places.back()), {[&] { journal.add(2); }, [] {}})) << "its place is there";
        places.pop_back();
        EXPECT_THAT(journal.once_there_are(1), ElementsAre(2));
        gate.open();
        journal.once_there_are(2);
    }
    places.clear();  // with the pool gone
}

TEST(HashingPoolTest, PlaceIsGivenBack) {
    Journal journal;
    HashingPool pool(1, 1);
    const auto deadline = std::chrono::steady_clock::now() + pool_patience;
    for (int i = 0; i < 50; ++i) {
        while (refused(pool, [&, i] { journal.add(i); }) == "sign_in_busy") {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline);
            std::this_thread::yield();
        }
    }
    EXPECT_TRUE(std::ranges::is_sorted(journal.once_there_are(50)));
}

TEST(HashingPoolTest, NeverMoreRunThanThereAreThreads) {
    for (const std::uint32_t threads : {1U, 3U}) {
        std::atomic<std::uint32_t> running{0};
        std::atomic<std::uint32_t> most{0};
        Journal journal;
        HashingPool pool(threads, 200);
        for (int i = 0; i < 200; ++i) {
            EXPECT_EQ(refused(pool,
                              [&] {
                                  const auto now = ++running;
                                  for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
                                  }
                                  std::this_thread::yield();
                                  --running;
                                  journal.add(0);
                              }),
                      "");
        }
        journal.once_there_are(200);
        EXPECT_LE(most, threads);
    }
}

TEST(HashingPoolTest, ThreadsWorkAtTheSameTime) {
    std::array<std::promise<void>, 2> started;
    const std::array both{started[0].get_future().share(), started[1].get_future().share()};
    Journal journal;
    HashingPool pool(2, 2);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(refused(pool,
                          [&, i] {
                              started[i].set_value();
                              EXPECT_EQ(both[1 - i].wait_for(pool_patience), std::future_status::ready);
                              journal.add(0);
                          }),
                  "");
    }
    journal.once_there_are(2);
}

TEST(HashingPoolTest, StopCancelsWhatWaitsAndAwaitsWhatRuns) {
    Journal journal;
    std::promise<void> started;
    Gate gate;
    HashingPool pool(1, 8);
    EXPECT_EQ(refused(pool, [&] { started.set_value(), gate.pass(), journal.add(1); }, [&] { journal.add(-1); }), "");
    ASSERT_EQ(started.get_future().wait_for(pool_patience), std::future_status::ready);
    for (const int i : {2, 3}) {
        EXPECT_EQ(refused(
                      pool, [&, i] { journal.add(i); },
                      [&, i] {
                          journal.add(-i);
                          if (i == 3) gate.open();
                      }),
                  "");
    }
    pool.stop();
    EXPECT_THAT(journal.entries(), ElementsAre(-2, -3, 1));
    EXPECT_EQ(refused(pool, [] {}), "stopping");
    pool.stop();
}

TEST(HashingPoolTest, EveryJobIsRunOrCancelledOnce) {
    std::atomic<int> ended{0};
    int taken = 0;
    {
        HashingPool pool(2, 16);
        std::atomic<int> submitted{0};
        std::vector<std::thread> submitters;
        for (int i = 0; i < 3; ++i) {
            submitters.emplace_back([&] {
                for (int job = 0; job < 200; ++job) {
                    if (refused(pool, [&] { ++ended; }, [&] { ++ended; }).empty()) ++submitted;
                }
            });
        }
        for (auto& submitter : submitters) submitter.join();
        taken = submitted;
    }
    EXPECT_EQ(ended, taken);
    EXPECT_GT(taken, 0);
}

}  // namespace
}  // namespace foorumi::auth
