// A tail by itself, whose feed gets entries while its XREAD blocks, and what it says of it.
#pragma once

#include "store/feed_tail.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include "store_fixture.hpp"
#include "support/fake_redis.hpp"

namespace foorumi::test {

// Redis answers a blocked XREAD with the first of the entries.
class FeedTailTest : public StoreTest {
   protected:
    ~FeedTailTest() override { tail.stop(); }

    void start() {
        tail.start();
        run_until([&] { return redis.command({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos; });
    }
    // `known`: what the reply to a commit of this node has told. `fence`: of all these entries.
    void add(std::initializer_list<const char*> positions, std::uint64_t known, const char* fence = "1") {
        for (const auto* position : positions) {
            redis.command({"XADD", "{p00}:feed", position, "f", fence});
            redis.command({"HSET", "{p00}:meta", "n", std::string(position, std::strchr(position, '-'))});
        }
        tail.committed(known);
    }
    // Commits of one channel, from one position to another, that say this.
    void commit(std::uint64_t first, std::uint64_t last, const char* text) {
        for (auto position = first; position <= last; ++position) {
            const auto number = std::to_string(position);
            redis.command({"XADD", "{p00}:feed", (number + "-0").c_str(), "c", "room:1", "v", number.c_str(), "k", "a",
                           "d", text});
            redis.command({"HSET", "{p00}:meta", "n", number.c_str()});
        }
    }
    std::uint64_t epoch() {
        const auto told = redis.command({"HGET", "{p00}:meta", "epoch"});
        return told == "(nil)" ? 0 : std::stoull(told);
    }
    // As after a failover to a replica that had not got the entries.
    void forget_feed() { redis.command({"DEL", "{p00}:feed", "{p00}:meta"}); }

    void run_until_passed(std::uint64_t position) {
        run_until([&] { return !turns.empty() && turns.back().back() == position; });
    }
    void passed(std::uint64_t position) {
        if (position == 0) return;
        if (!std::exchange(same_turn, true)) {
            turns.emplace_back();
            boost::asio::post(context, [this] { same_turn = false; });
        }
        turns.back().push_back(position);
    }
    void later(std::function<void()> function) {
        if (keep_later) return kept.push_back(std::move(function));
        boost::asio::post(context, std::move(function));
    }

    std::vector<Version> released;
    std::vector<std::vector<std::uint64_t>> turns;  // the positions that were handed over in each turn of the loop
    bool same_turn = false;
    bool held = false;
    bool may_release = true;
    int asked = 0;            // whether it may release
    bool keep_later = false;  // what is for a later turn is the test's to call
    std::vector<std::function<void()>> kept;
    bool wide = false;
    std::vector<std::function<void()>> gathered;
    std::vector<std::uint64_t> gaps;
    std::vector<std::uint64_t> rewinds;
    int doubts = 0;
    int epochs_begun = 0;
    std::vector<ReleasedMark> remembered;
    Version directory = 1;
    // What is answered to a read that does not block; set before start().
    std::function<std::optional<std::string>()> answer_to_read_on = [] { return std::nullopt; };
    std::atomic<int> reads_on = 0;
    std::atomic<bool> refuse_epoch = false;
    std::atomic<int> refused_epochs = 0;
    std::atomic<int> count_read_on = 0;
    FakeRedis fake{redis.socket(), [this](const FakeRedis::Command& command) -> std::optional<std::string> {
                       if (command[0] == "EVAL" && refuse_epoch) {
                           ++refused_epochs;
                           return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
                       }
                       if (command[0] != "XREAD" || command[3] == "BLOCK") return std::nullopt;
                       ++reads_on;
                       count_read_on = std::stoi(command[2]);
                       return answer_to_read_on();
                   }};
    using Options = FeedTailOptions;
    Options options_of_tail() {
        return {.locator = always_at(*parse_endpoint(fake.url())), .name = "tail", .setup = {}, .partition = 0};
    }
    FeedTailHooks hooks() {
        return {.release = [this](const auto& commit) { released.push_back(commit->version); },
                .released_all = [] {},
                .passed = [this](std::uint64_t position) { passed(position); },
                .gap = [this](std::uint64_t position) { gaps.push_back(position); },
                .rewound = [this](std::uint64_t position) { rewinds.push_back(position); },
                .held = [this](bool now) { held = now; },
                .doubtful = [this] { ++doubts; },
                .epoch_began = [this] { ++epochs_begun; },
                .remember = [this](const ReleasedMark& mark) { remembered.push_back(mark); },
                .directory_version = [this] { return directory; },
                .may_release =
                    [this] {
                        ++asked;
                        return may_release;
                    },
                .is_wide = [this](const auto&) { return wide; },
                .gather = [this](auto function) { gathered.push_back(std::move(function)); },
                .after = [this](auto, auto function) { boost::asio::post(context, std::move(function)); },
                .later = [this](auto function) { later(std::move(function)); }};
    }
    FeedTail tail{context, options_of_tail(), hooks()};
};

}  // namespace foorumi::test
