#include "filters.hpp"

#include <algorithm>
#include <utility>

#include "client/filter_words.hpp"
#include "client/json_lines.hpp"

namespace foorumi::client {

void Filters::begin() {
    with_forum([this] {
        switch (arguments().verb) {
            case Verb::mod_filter_set:
                return set();
            case Verb::mod_filter_lift:
                return lift();
            case Verb::mod_filter_list:
                return list(0);
            case Verb::mod_held_approve:
                return approve();
            case Verb::mod_held_reject:
                return when_sure([this] { reject(); });
            default:
                return read_held(0, [this] { show_held(); });
        }
    });
}

void Filters::with_forum(std::function<void()> then) {
    if (arguments().filters.everywhere) return then();
    Request request;
    request.mutable_list_forums();
    ask(std::move(request), [this, then = std::move(then)](const Response& response) {
        Registers forums;
        forums.add(response.forums());
        const auto id = forums.forum(arguments().filters.forum, "forum");
        if (id.has_error()) return refuse(id.error().error());
        forum_ = *id;
        then();
    });
}

void Filters::set() {
    const auto& asked = arguments().filters;
    Request request;
    auto& set = *request.mutable_set_filter();
    set.set_forum(forum_);
    set.set_kind(read_filter_kind(asked.kind).value_or(foorumi::v1::FILTER_KIND_UNSPECIFIED));
    set.set_pattern(asked.pattern);
    set.set_action(read_filter_action(asked.action).value_or(foorumi::v1::FILTER_ACTION_UNSPECIFIED));
    commit(std::move(request));
}

void Filters::lift() {
    Request request;
    request.mutable_lift_filter()->set_forum(forum_);
    request.mutable_lift_filter()->set_filter(arguments().filters.number);
    commit(std::move(request));
}

void Filters::list(std::uint64_t after) {
    Request request;
    auto& list_filters = *request.mutable_list_filters();
    list_filters.set_forum(forum_);
    list_filters.set_after(after);
    list_filters.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.filters();
        filters_.mutable_filters()->MergeFrom(got.filters());
        if (got.more() && got.filters_size() > 0) return list(got.filters().rbegin()->number());
        show_list();
    });
}

void Filters::show_list() {
    if (arguments().json) {
        print(to_json(filters_));
        return finish(Exit::done);
    }
    std::vector<std::uint64_t> members;
    for (const auto& filter : filters_.filters())
        if (filter.by() != 0) members.push_back(filter.by());
    with_names(std::move(members), [this] {
        for (const auto& filter : filters_.filters()) print(renderer().filter(filter));
        if (filters_.filters().empty()) print(text("filter.none"));
        finish(Exit::done);
    });
}

void Filters::read_held(std::uint64_t after, std::function<void()> then) {
    Request request;
    auto& list_held = *request.mutable_list_held();
    list_held.set_forum(forum_);
    list_held.set_after(after);
    list_held.set_limit(page());
    ask(std::move(request), [this, then = std::move(then)](const Response& response) mutable {
        const auto& got = response.held_messages();
        held_.mutable_messages()->MergeFrom(got.messages());
        if (got.more()) return read_held(got.next(), std::move(then));
        if (arguments().verb == Verb::me_held) {
            const auto self = welcome().self().id();
            auto& all = *held_.mutable_messages();
            all.erase(std::remove_if(all.begin(), all.end(),
                                     [self](const auto& one) { return one.held_message().author() != self; }),
                      all.end());
        }
        then();
    });
}

void Filters::show_held() {
    if (arguments().json) {
        print(to_json(held_));
        return finish(Exit::done);
    }
    std::vector<std::uint64_t> members;
    for (const auto& entity : held_.messages()) collect_members(entity, members);
    with_names(std::move(members), [this] {
        for (const auto& entity : held_.messages()) print(renderer().held(entity.held_message()));
        if (held_.messages().empty()) print(text("held.none"));
        finish(Exit::done);
    });
}

void Filters::approve() {
    Request request;
    request.mutable_approve_held()->set_forum(forum_);
    request.mutable_approve_held()->set_held(arguments().filters.number);
    commit(std::move(request));
}

void Filters::reject() {
    Request request;
    auto& reject_held = *request.mutable_reject_held();
    reject_held.set_forum(forum_);
    reject_held.set_held(arguments().filters.number);
    reject_held.set_reason(arguments().moderation.reason);
    commit(std::move(request));
}

// Shows what goes.
void Filters::when_sure(std::function<void()> then) {
    if (arguments().moderation.yes) return then();
    read_held(0, [this, then = std::move(then)] {
        std::vector<std::uint64_t> members;
        for (const auto& entity : held_.messages()) collect_members(entity, members);
        with_names(std::move(members), [this, then] {
            for (const auto& entity : held_.messages())
                if (entity.held_message().number() == arguments().filters.number)
                    note(renderer().held(entity.held_message()));
            if (is_sure(text("held.reject_sure"))) then();
        });
    });
}

}  // namespace foorumi::client
