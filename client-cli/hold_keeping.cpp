#include "hold_keeping.hpp"

#include <utility>

#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/json_lines.hpp"

namespace foorumi::client {
namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

}  // namespace

void HoldKeeping::begin() {
    const auto& asked = arguments().moderation;
    switch (arguments().verb) {
        case Verb::mod_hold:
            return hold(true);
        case Verb::mod_release:
            if (asked.yes || is_sure(text("holds.release_sure"))) hold(false);
            return;
        case Verb::mod_retention:
            if (arguments().retention_days == 0 || asked.yes) return set_retention();
            before_ms_ = welcome().now_ms() - static_cast<std::int64_t>(arguments().retention_days) * day_ms;
            return find_old_threads(0);
        default:
            break;
    }
    with_registers([this] {
        if (arguments().place.forum.empty()) return list(0, 0);
        const auto forum = registers().forum(arguments().place.forum, "forum");
        if (forum.has_error()) return refuse(forum.error().error());
        list(*forum, 0);
    });
}

void HoldKeeping::hold(bool held) {
    Request request;
    auto& hold = *request.mutable_set_hold();
    hold.set_room(room());
    hold.set_thread(arguments().thread);
    hold.set_held(held);
    hold.set_reason(arguments().moderation.reason);
    commit(std::move(request));
}

void HoldKeeping::list(std::uint64_t forum, std::uint64_t after) {
    Request request;
    request.mutable_list_holds()->set_forum(forum);
    request.mutable_list_holds()->set_after(after);
    ask(std::move(request), [this, forum](const Response& response) {
        const auto& page = response.holds();
        holds_.MergeFrom(page);
        holds_.set_more(false);
        if (page.more() && page.holds_size() > 0) return list(forum, page.holds().rbegin()->room());
        std::vector<std::uint64_t> members;
        for (const auto& hold : holds_.holds())
            if (hold.by() != 0) members.push_back(hold.by());
        with_names(std::move(members), [this] { show_holds(); });
    });
}

void HoldKeeping::show_holds() {
    std::vector<std::vector<std::string>> rows{
        {text("table.time"), text("table.by"), text("table.on"), text("holds.reason")}};
    for (const auto& hold : holds_.holds()) {
        std::string on = text("audit.room", {{"id", std::to_string(hold.room())}});
        if (hold.thread() != 0) on += ", " + text("audit.thread", {{"id", std::to_string(hold.thread())}});
        rows.push_back({time_text(hold.at_ms()), hold.by() == 0 ? text("audit.server") : renderer().name(hold.by()), on,
                        visible(hold.reason(), Lines::one)});
    }
    show(holds_, rows);
}

// --- retention

void HoldKeeping::set_retention() {
    Request request;
    request.mutable_set_retention()->set_room(room());
    request.mutable_set_retention()->set_days(arguments().retention_days);
    commit(std::move(request));
}

void HoldKeeping::find_old_threads(std::uint64_t before_activity) {
    Request request;
    auto& list = *request.mutable_list_threads();
    list.set_room(room());
    list.set_before_activity(before_activity);
    list.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.threads();
        for (const auto& summary : got.threads()) threads_.push_back(parse_entity_key(summary.thread().key()).id());
        if (got.more() && got.threads_size() > 0) return find_old_threads(got.threads().rbegin()->last_activity());
        // Ids begin with 1, which is the room's.
        count_old(1);
    });
}

void HoldKeeping::count_old(std::uint64_t after) {
    if (threads_.empty()) return ask_about_old();
    Request request;
    auto& read = *request.mutable_read_history();
    read.set_room(room());
    read.set_thread(threads_.back());
    read.set_after(after);
    read.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.history();
        bool older = true;
        for (const auto& entity : got.messages()) {
            older = entity.message().created_ms() < before_ms_;
            if (!older) break;
            if (entity.message().expired_days() == 0) ++old_;
        }
        if (older && got.more() && got.messages_size() > 0)
            return count_old(parse_entity_key(got.messages().rbegin()->key()).id());
        threads_.pop_back();
        count_old(1);
    });
}

void HoldKeeping::ask_about_old() {
    if (is_sure(text("holds.retention_sure",
                     {{"days", std::to_string(arguments().retention_days)}, {"count", std::to_string(old_)}})))
        set_retention();
}

}  // namespace foorumi::client
