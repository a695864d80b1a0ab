#include "net/accept_language.hpp"

#include <algorithm>
#include <array>
#include <boost/algorithm/string/case_conv.hpp>
#include <locale>

namespace foorumi::net {
namespace {

constexpr std::array<std::string_view, 3> spoken{"fi", "sv", "en"};

// In thousandths; -1: not a quality.
int quality_of(std::string_view parameters) {
    if (parameters.empty()) return 1000;
    if (!parameters.starts_with("q=")) return -1;
    parameters.remove_prefix(2);
    if (parameters.empty() || parameters.size() > 5 || (parameters[0] != '0' && parameters[0] != '1')) return -1;
    if (parameters.size() > 1 && parameters[1] != '.') return -1;
    int quality = (parameters[0] - '0') * 1000;
    int worth = 100;
    for (const char c : parameters.substr(std::min<std::size_t>(2, parameters.size()))) {
        if (c < '0' || c > '9') return -1;
        quality += (c - '0') * worth;
        worth /= 10;
    }
    return quality <= 1000 ? quality : -1;
}

}  // namespace

std::string accepted_language(std::string_view header) {
    std::string best;
    int best_quality = 0;
    while (!header.empty()) {
        const auto comma = header.find(',');
        std::string range(header.substr(0, comma));
        header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
        std::erase_if(range, [](char c) { return c == ' ' || c == '\t'; });
        boost::algorithm::to_lower(range, std::locale::classic());
        const auto semicolon = range.find(';');
        const int quality =
            semicolon == std::string::npos ? 1000 : quality_of(std::string_view(range).substr(semicolon + 1));
        const std::string language = range.substr(0, std::min(range.find('-'), semicolon));
        if (quality <= best_quality || std::ranges::find(spoken, language) == spoken.end()) continue;
        best = language;
        best_quality = quality;
    }
    return best;
}

}  // namespace foorumi::net
