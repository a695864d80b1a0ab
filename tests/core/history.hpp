// What the logs of modelled Redis servers say, read from the commands in them and by nothing of the server's code.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/server.hpp"

namespace foorumi::core {

inline constexpr unsigned partition_count = 2;

// Of a wish that was done as this version. The id is what stands before '|' in the value of a message.
[[nodiscard]] std::string name_of_wish(std::string_view channel, std::uint64_t version, std::string_view id);

// Of a wish that was set aside.
[[nodiscard]] std::string name_of_set_aside(std::string_view id);

// One entry of a partition's feed.
struct LoggedEntry {
    unsigned partition = 0;
    std::uint64_t position = 0;
    std::string channel;  // empty: a fence, or nothing
    std::uint64_t version = 0;
    std::uint64_t fence = 0, epoch = 0;
    std::vector<std::pair<std::string, std::string>> puts;
    std::string set_aside{};  // id of the wish that was, by the record of its change id in the same step

    // Tells it from every other one, of whatever log.
    [[nodiscard]] std::string name() const;
};

// The entries that a log adds to feeds, record by record. Those that a purge of a feed writes again are none.
class LogReader {
   public:
    [[nodiscard]] std::vector<LoggedEntry> entries_of(const Record& record);

   private:
    std::map<unsigned, std::uint64_t> last_;  // position, by partition
};

// The feeds in one server's log, kept up with it.
class History {
   public:
    explicit History(const Server& server) : server_(server) {}

    // Whether the entry, or a client's wish (see name_of_wish() and name_of_set_aside()), is in the log, and synced.
    [[nodiscard]] bool is_synced(const std::string& name);
    // The highest fence in front of that position.
    [[nodiscard]] std::uint64_t fence_before(unsigned partition, std::uint64_t position);
    [[nodiscard]] const Server& server() const { return server_; }

   private:
    void read_on();

    const Server& server_;
    std::uint64_t generation_ = 0;
    LogReader reader_;
    std::size_t read_ = 0;
    std::unordered_map<std::string, std::size_t> places_;                // in the log, from 1
    std::map<unsigned, std::map<std::uint64_t, std::uint64_t>> fences_;  // partition -> position -> directory version
};

}  // namespace foorumi::core
