// Purges of one channel's feed, and a look into it.
#pragma once

#include "store_fixture.hpp"

namespace foorumi::test {

class PurgeTest : public StoreTest {
   protected:
    const std::uint16_t partition = partition_of("room:1", 2);
    [[nodiscard]] std::string meta() const { return "{p0" + std::to_string(partition) + "}:meta"; }
    [[nodiscard]] std::string feed() const { return "{p0" + std::to_string(partition) + "}:feed"; }
    std::string length() { return redis.command({"XLEN", feed()}); }
    std::string done() { return redis.command({"HGET", meta(), "done"}); }

    Answer<std::optional<Failure>> fence(Worker& worker, Version version) {
        auto answer = std::make_shared<std::optional<std::optional<Failure>>>();
        worker->fence(version, [answer](std::optional<Failure> failure) { answer->emplace(failure); });
        return answer;
    }
    Answer<std::optional<Failure>> purge(Worker& worker) {
        auto answer = std::make_shared<std::optional<std::optional<Failure>>>();
        worker->purge_feed(partition, [answer](std::optional<Failure> failure) {
            EXPECT_FALSE(answer->has_value()) << "answered twice";
            answer->emplace(failure);
        });
        EXPECT_FALSE(answer->has_value()) << "answered before the call returned";
        return answer;
    }
    // So many further attempts have been made; the first of a purge finds out where the feed ends.
    void run_until_tried(std::size_t attempts) {
        redis.command({"CONFIG", "RESETSTAT"});
        const std::string name = "cmdstat_xrevrange:calls=";
        run_until([&] {
            const auto stats = redis.command({"INFO", "commandstats"});
            const auto at = stats.find(name);
            return at != std::string::npos && std::stoul(stats.substr(at + name.size())) >= attempts;
        });
    }
    void put_many(Worker& worker, int count) {
        for (int i = 0; i < count; ++i) ASSERT_FALSE(wait_for(put(worker, "room:1", "a", "x")).failure);
    }
};

}  // namespace foorumi::test
