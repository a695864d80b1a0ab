#include "config/reason_counts.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

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
    counts_.resize(reasons.size());
    reasons_ = std::make_shared<const std::vector<std::string>>(std::move(reasons));
}

void ReasonCounts::count(std::string_view reason) {
    auto row = std::ranges::lower_bound(*reasons_, reason);
    if (row == reasons_->end() || *row != reason) row = std::ranges::lower_bound(*reasons_, any_other);
    ++counts_[static_cast<std::size_t>(row - reasons_->begin())];
}

std::vector<ReasonCounts::Row> ReasonCounts::rows() const {
    std::vector<Row> rows;
    rows.reserve(counts_.size());
    for (std::size_t i = 0; i < counts_.size(); ++i) rows.push_back({(*reasons_)[i], counts_[i]});
    return rows;
}

ReasonCounts& ReasonCounts::operator+=(const ReasonCounts& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    return *this;
}

}  // namespace foorumi::config
