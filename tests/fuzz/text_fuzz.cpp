// What members write: the checks agree with each other, and mentions are handles that stand in the text.
#include <algorithm>
#include <set>
#include <string>

#include "forum/text.hpp"
#include "fuzz.hpp"

using namespace foorumi::forum;

namespace {

bool is_handle(const std::string& handle) {
    const auto inside = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    const auto edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !handle.empty() && edge(handle.front()) && edge(handle.back()) &&
           std::all_of(handle.begin(), handle.end(), inside);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

void check_mentions(std::string_view text) {
    const std::string small = lower(text);
    const auto handles = mentioned_handles(text);
    FUZZ_REQUIRE(std::set<std::string>(handles.begin(), handles.end()).size() == handles.size());
    for (const auto& handle : handles) {
        FUZZ_REQUIRE(is_handle(handle));
        FUZZ_REQUIRE(small.find("@" + handle) != std::string::npos);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t limit = 64;
    const auto text = input(data, size);
    const bool utf8 = is_utf8(text);
    const auto as_text = check_text(text, limit, "text");
    const auto as_draft = check_draft(text, limit, "text");
    const auto as_title = check_title(text, limit, "title");
    if (as_text)
        FUZZ_REQUIRE(utf8 && !text.empty() && text.size() <= limit && text.find('\0') == text.npos && as_draft);
    if (as_title) FUZZ_REQUIRE(as_text && text.find('\n') == text.npos);
    if (check_draft_title(text, limit, "title")) FUZZ_REQUIRE(as_draft && text.find('\n') == text.npos);
    if (check_emoji(text, limit)) FUZZ_REQUIRE(utf8 && !text.empty() && text.find(' ') == text.npos);
    if (utf8) check_mentions(text);
    return 0;
}
