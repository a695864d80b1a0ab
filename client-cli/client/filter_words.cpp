#include "client/filter_words.hpp"

#include <algorithm>

namespace foorumi::client {
namespace {

// The protocol's numbers begin with 1.
template <class Enum>
std::optional<Enum> number_of(const std::vector<std::string>& words, std::string_view word) {
    const auto found = std::ranges::find(words, word);
    if (found == words.end()) return std::nullopt;
    return static_cast<Enum>(found - words.begin() + 1);
}

}  // namespace

std::vector<std::string> filter_kinds() { return {"word", "link"}; }
std::vector<std::string> filter_actions() { return {"flag", "hold", "refuse"}; }

std::optional<foorumi::v1::FilterKind> read_filter_kind(std::string_view word) {
    return number_of<foorumi::v1::FilterKind>(filter_kinds(), word);
}
std::optional<foorumi::v1::FilterAction> read_filter_action(std::string_view word) {
    return number_of<foorumi::v1::FilterAction>(filter_actions(), word);
}

}  // namespace foorumi::client
