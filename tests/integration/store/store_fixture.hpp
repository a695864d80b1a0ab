// Stores on a real Redis, driven by the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>

#include "store/channel_store.hpp"
#include "support/redis_server.hpp"

namespace foorumi::test {

using namespace foorumi::store;  // NOLINT: tests of this namespace

// One worker's store, and what its sinks got.
class Worker {
   public:
    Worker(boost::asio::io_context& context, Options options);
    ~Worker();

    ChannelStore& operator*() { return *store; }
    ChannelStore* operator->() { return store.get(); }
    // Versions of the channel in the order of their release.
    [[nodiscard]] std::vector<Version> versions(const std::string& channel) const;

    Version directory = 0;
    bool may_release = true;
    std::size_t audience = 0;
    bool consume = false;  // tells the store at once that what is released is consumed
    std::vector<std::shared_ptr<const Released>> released;
    std::vector<std::pair<std::string, std::string>> ephemerals;
    std::vector<std::uint16_t> gaps;
    std::function<void(const Released&)> on_release;
    std::function<void()> on_released_all;
    std::size_t in_run = 0;  // commits released since the end of the latest run
    std::unique_ptr<ChannelStore> store;
};

template <class T>
using Answer = std::shared_ptr<std::optional<T>>;

class StoreTest : public testing::Test {
   protected:
    // What is opened is always read.
    [[nodiscard]] Options options() const;

    // Runs the stores until it holds; fails the test after 20 s.
    template <class F>
    void run_until(F holds, std::chrono::seconds limit = std::chrono::seconds(20)) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!holds()) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited too long";
            context.restart();
            context.run_one_for(std::chrono::milliseconds(50));
        }
    }
    template <class T>
    T wait_for(const Answer<T>& answer) {
        run_until([&] { return answer->has_value(); });
        return answer->value_or(T{});
    }

    [[nodiscard]] ChangeRequest request(const std::string& channel, std::vector<std::string> needs = {});
    Answer<ChangeOutcome> change(Worker& worker, ChangeRequest request, Decide decide);
    // Puts one entity, whatever is there.
    Answer<ChangeOutcome> put(Worker& worker, const std::string& channel, const std::string& key,
                              const std::string& value);
    // Adds one to the number in the entity, expecting that nobody did meanwhile.
    Answer<ChangeOutcome> increment(Worker& worker, const std::string& channel, const std::string& key);

    struct Opened {
        ReadOutcome<SyncResult> outcome;
        std::vector<std::shared_ptr<const Released>> later;
        std::size_t released_before = 0;  // how many commits the sink had got in all
    };
    Answer<Opened> open(Worker& worker, const std::string& channel, SyncRead read = {0, 1'000});
    Answer<ReadOutcome<SyncResult>> sync(Worker& worker, const std::string& channel, SyncRead read = {0, 1'000});
    // The values of all entities, through a read.
    std::map<std::string, std::string> state(Worker& worker, const std::string& channel);
    void stop(Worker& worker);

    RedisServer redis;
    boost::asio::io_context context{1};

   private:
    std::uint64_t next_change_ = 1;
};

[[nodiscard]] Decide always(Commit commit, Version directory = 0);
// A commit that puts one entity.
[[nodiscard]] Commit putting(const std::string& key, const std::string& value,
                             std::vector<Expectation> expectations = {});
// One that forgets them.
[[nodiscard]] Commit forgetting(const std::vector<std::string>& keys, std::vector<Expectation> expectations = {});

}  // namespace foorumi::test
