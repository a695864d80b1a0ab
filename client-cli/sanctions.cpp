#include "sanctions.hpp"

#include <utility>

#include "client/json_lines.hpp"

namespace foorumi::client {
namespace {

foorumi::v1::SanctionKind kind_of(Verb verb) {
    switch (verb) {
        case Verb::mod_warn:
            return foorumi::v1::SANCTION_KIND_WARN;
        case Verb::mod_mute:
            return foorumi::v1::SANCTION_KIND_MUTE;
        case Verb::mod_suspend:
            return foorumi::v1::SANCTION_KIND_SUSPEND;
        default:
            return foorumi::v1::SANCTION_KIND_BAN;
    }
}

}  // namespace

void Sanctions::begin() {
    if (arguments().verb == Verb::me_sanctions) return read(0, 0, [this] { show_all(); });
    with_member(arguments().moderation.member, [this](std::uint64_t id) {
        member_ = id;
        if (arguments().verb == Verb::mod_lift) return lift();
        if (arguments().verb == Verb::mod_sanctions) return read(id, 0, [this] { show_all(); });
        with_their_names([this] { impose(); });
    });
}

void Sanctions::impose() {
    const auto& asked = arguments().moderation;
    Request request;
    auto& sanction = *request.mutable_sanction();
    sanction.set_member(member_);
    sanction.set_kind(kind_of(arguments().verb));
    if (!asked.everywhere) {
        const auto forum = forums_.forum(asked.forum, "forum");
        if (forum.has_error()) return refuse(forum.error().error());
        sanction.set_forum(*forum);
    }
    sanction.set_until_ms(asked.until_ms);
    sanction.set_reason(asked.reason);
    sanction.set_appeal(asked.appeal);
    const bool shuts_out = arguments().verb == Verb::mod_suspend || arguments().verb == Verb::mod_ban;
    if (!shuts_out || asked.yes) return commit(std::move(request));
    read(member_, 0, [this, request = std::move(request)]() mutable {
        when_sure([this, request = std::move(request)] { commit(request); });
    });
}

void Sanctions::lift() {
    Request request;
    auto& lift = *request.mutable_lift_sanction();
    lift.set_member(member_);
    lift.set_sanction(arguments().moderation.sanction);
    lift.set_reason(arguments().moderation.reason);
    commit(std::move(request));
}

void Sanctions::read(std::uint64_t member, std::uint64_t after, std::function<void()> then) {
    Request request;
    auto& list = *request.mutable_list_sanctions();
    list.set_member(member);
    list.set_after(after);
    list.set_limit(page());
    ask(std::move(request), [this, member, then = std::move(then)](const Response& response) mutable {
        const auto& got = response.sanctions();
        found_.mutable_sanctions()->MergeFrom(got.sanctions());
        if (!got.more() || got.sanctions_size() == 0) return then();
        read(member, got.sanctions().rbegin()->number(), std::move(then));
    });
}

void Sanctions::with_their_names(std::function<void()> then) {
    std::vector<std::uint64_t> members;
    if (member_ != 0) members.push_back(member_);
    for (const auto& record : found_.sanctions()) {
        if (record.by() != 0) members.push_back(record.by());
        if (record.ended_by() != 0) members.push_back(record.ended_by());
    }
    Request request;
    request.mutable_list_forums();
    ask(std::move(request), [this, members = std::move(members), then = std::move(then)](const Response& response) {
        forums_.add(response.forums());
        with_names(members, then);
    });
}

std::string Sanctions::line(const foorumi::v1::SanctionRecord& record) {
    return renderer().sanction(record, record.forum() == 0 ? "" : forums_.name_of_forum(record.forum()));
}

void Sanctions::show_all() {
    if (arguments().json) {
        print(to_json(found_));
        return finish(Exit::done);
    }
    with_their_names([this] {
        for (const auto& record : found_.sanctions()) print(line(record));
        if (found_.sanctions().empty()) print(text("sanction.none"));
        finish(Exit::done);
    });
}

void Sanctions::when_sure(std::function<void()> then) {
    with_their_names([this, then = std::move(then)] {
        for (const auto& record : found_.sanctions()) note(line(record));
        const auto& asked = arguments().moderation;
        const std::string key = arguments().verb == Verb::mod_ban ? "sanction.ban" : "sanction.suspend";
        const auto question =
            text(key + (asked.everywhere ? "_everywhere_sure" : "_sure"), {{"name", renderer().name(member_)},
                                                                           {"forum", renderer().plain(asked.forum)},
                                                                           {"time", time_text(asked.until_ms)}});
        if (is_sure(question)) then();
    });
}

}  // namespace foorumi::client
