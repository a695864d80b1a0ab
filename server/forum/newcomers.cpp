#include "forum/newcomers.hpp"

#include <algorithm>

#include "forum/rule_parts.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

constexpr Millis post_day_ms = 24LL * 3600 * 1000;

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == small(b); });
}

bool is_alphanumeric(char c) { return (small(c) >= 'a' && small(c) <= 'z') || (c >= '0' && c <= '9'); }

PostBook posts_of(const Actor& actor, const Seen<PostBook>& seen) {
    PostBook book = seen.value() == nullptr ? PostBook{} : *seen.value();
    book.member = actor.member.id;
    std::erase_if(book.times, [&](Millis at) { return at <= actor.now - post_day_ms; });
    return book;
}

Refusal too_many_posts(const Actor& actor, const PostBook& book) {
    auto refused = refusal(ErrorCode::limited, "new_member_limit", "room");
    const auto oldest = std::ranges::min(book.times);
    refused.retry_after_ms = static_cast<std::uint32_t>(std::min(oldest + post_day_ms - actor.now, post_day_ms));
    return refused;
}

}  // namespace

bool may_be_new(const Actor& actor, Id room) {
    const auto& limits = actor.limits.newcomers;
    const auto joined = actor.member.joined;
    if (limits.new_ms == 0 || limits.posts == 0 || joined == 0) return false;
    return actor.now - joined < limits.new_ms && !moderates_room(actor, room);
}

// One that begins with a scheme is one wherever it stands.
std::size_t links_in(std::string_view text) {
    std::size_t links = 0;
    char before = ' ';
    for (; !text.empty(); text.remove_prefix(1)) {
        const bool begins =
            !is_alphanumeric(before) && std::string_view("/.-@:").find(before) == std::string_view::npos;
        if (begins_with(text, "http://") || begins_with(text, "https://") || (begins && begins_with(text, "www.")))
            ++links;
        before = text.front();
    }
    return links;
}

std::vector<std::string> needs_of_newcomer() { return {std::string(posts_key)}; }

Result<Decision> decide_newcomer(const Actor& actor, std::string_view text, bool counts, const View& view) {
    const auto& limits = actor.limits.newcomers;
    const Seen<PostBook> seen(view, std::string(posts_key));
    auto book = posts_of(actor, seen);
    if (book.posts >= limits.posts) return Decision{};
    if (links_in(text) > limits.links) return refusal(ErrorCode::limited, "too_many_links", "text");
    if (!counts) return Decision{};
    if (book.times.size() >= limits.posts_per_day) return too_many_posts(actor, book);
    ++book.posts;
    book.times.push_back(actor.now);
    Decision decision;
    decision.expectations = {seen.expectation()};
    decision.writes = {{seen.key, std::move(book)}};
    return decision;
}

}  // namespace foorumi::forum
