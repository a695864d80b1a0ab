#include "config/reason_counts.hpp"

#include <algorithm>
#include <cstddef>

#include "config/catalogue.hpp"

namespace foorumi::config {
namespace {

constexpr std::string_view reason_prefix = "error.";
constexpr std::string_view any_other = "other";

}  // namespace

ReasonCounts::ReasonCounts(const Catalogue& catalogue, std::initializer_list<std::string_view> further) {
    std::vector<std::string> reasons{std::string(any_other)};
    for (const auto& key : catalogue.keys("en"))
        if (key.starts_with(reason_prefix)) reasons.push_back(key.substr(reason_prefix.size()));
    reasons.insert(reasons.end(), further.begin(), further.end());
    std::ranges::sort(reasons);
    const auto twice = std::ranges::unique(reasons);
    reasons.erase(twice.begin(), twice.end());
    for (auto& reason : reasons) rows_.push_back({std::move(reason), 0});
}

void ReasonCounts::count(std::string_view reason) {
    auto row = std::ranges::lower_bound(rows_, reason, {}, &Row::reason);
    if (row == rows_.end() || row->reason != reason) row = std::ranges::lower_bound(rows_, any_other, {}, &Row::reason);
    ++row->count;
}

ReasonCounts& ReasonCounts::operator+=(const ReasonCounts& counts) {
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].count += counts.rows_[i].count;
    return *this;
}

}  // namespace foorumi::config
