// How often something was refused, or ended, by reason: a row for each reason that the catalogue has a text for, and
// for some further words. Not thread-safe: plain counters of one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foorumi::config {

class Catalogue;

class ReasonCounts {
   public:
    struct Row {
        std::string_view reason;  // valid as long as any copy of these counts
        std::uint64_t count = 0;
    };

    explicit ReasonCounts(const Catalogue& catalogue, std::initializer_list<std::string_view> further = {});

    // A reason without a row counts as "other".
    void count(std::string_view reason);

    // Ascending by reason.
    [[nodiscard]] std::vector<Row> rows() const;

    // REQUIRES: made for the same catalogue and words.
    ReasonCounts& operator+=(const ReasonCounts& other);

   private:
    std::shared_ptr<const std::vector<std::string>> reasons_;  // ascending; copies share them
    std::vector<std::uint64_t> counts_;
};

}  // namespace foorumi::config
