#include "config/reason_counts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/catalogue.hpp"

namespace foorumi::config {
namespace {

std::uint64_t count_of(const ReasonCounts& counts, std::string_view reason) {
    const auto rows = counts.rows();
    const auto row = std::ranges::find(rows, reason, &ReasonCounts::Row::reason);
    if (row == rows.end()) throw std::logic_error("no row");
    return row->count;
}

TEST(CountsByReason, HaveARowForEachReasonOfTheCatalogueAndFurtherWords) {
    const Catalogue catalogue;
    const ReasonCounts counts(catalogue, {"rate_limited", "a_word"});
    std::size_t reasons = 0;
    for (const auto& key : catalogue.keys("fi")) {
        if (!key.starts_with("error.")) continue;
        ++reasons;
        EXPECT_EQ(count_of(counts, key.substr(6)), 0U);
    }
    EXPECT_EQ(counts.rows().size(), reasons + 2);  // a_word and other
    EXPECT_TRUE(std::ranges::is_sorted(counts.rows(), {}, &ReasonCounts::Row::reason));
}

TEST(CountsByReason, CountEachByItselfAndTheUnknownAsOther) {
    const Catalogue catalogue;
    ReasonCounts counts(catalogue);
    ReasonCounts more(catalogue);
    counts.count("slow_reader");
    more.count("slow_reader");
    for (const auto* unknown : {"", "a", "slow_reader ", "zzz"}) more.count(unknown);
    counts += more;
    EXPECT_EQ(count_of(counts, "slow_reader"), 2U);
    EXPECT_EQ(count_of(counts, "other"), 4U);
    EXPECT_EQ(count_of(counts, "frame_too_big"), 0U);
}

}  // namespace
}  // namespace foorumi::config
