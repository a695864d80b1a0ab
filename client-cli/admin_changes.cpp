// What `admin` changes one at a time.
#include <unistd.h>

#include <algorithm>

#include "admin.hpp"
#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/private_file.hpp"

namespace foorumi::client {
namespace {

// By which an open invitation is listed and withdrawn: the begin of its hash.
constexpr std::size_t invitation_id_length = 16;

}  // namespace

void Admin::set_roles() {
    const auto standing = registers().standing(arguments().admin.standing);
    if (standing.has_error()) return refuse(standing.error().error());
    with_member(arguments().admin.member, [this, standing = *standing](std::uint64_t id) {
        Request request;
        request.mutable_set_standing()->set_member(id);
        *request.mutable_set_standing()->mutable_standing() = standing;
        commit(std::move(request));
    });
}

void Admin::set_audience() {
    const auto& asked = arguments().admin.audience;
    Request request;
    auto& set = *request.mutable_set_audience();
    if (asked.forum.empty()) {
        set.set_room(room());
    } else {
        const auto id = registers().forum(asked.forum, "forum");
        if (id.has_error()) return refuse(id.error().error());
        set.set_forum(*id);
    }
    const auto audience = registers().audience(asked);
    if (audience.has_error()) return refuse(audience.error().error());
    // A forum always has an audience: an empty one is everybody.
    if (!asked.none || !asked.forum.empty()) *set.mutable_audience() = *audience;
    set.set_exposes_history(asked.exposes_history);
    commit(std::move(request));
}

void Admin::put_term() {
    const auto& asked = arguments().admin;
    Request request;
    auto& put = *request.mutable_put_term();
    put.set_term(asked.term);
    put.set_name(asked.name);
    put.set_first_day(asked.first_day);
    put.set_last_day(asked.last_day);
    commit(std::move(request));
}

void Admin::invite() {
    const auto& asked = arguments().admin;
    const auto standing = registers().standing(asked.standing);
    if (standing.has_error()) return refuse(standing.error().error());
    auto made = new_invitation_token();
    Request request;
    auto& invite = *request.mutable_invite();
    invite.set_invitation(made.hash);
    invite.set_name(asked.name);
    invite.set_handle(asked.handle);
    invite.set_email(asked.email);
    *invite.mutable_standing() = *standing;
    invite.set_valid_hours(asked.valid_hours);
    issue(std::move(request), std::move(made));
}

void Admin::reset() {
    with_member(arguments().admin.member, [this](std::uint64_t id) {
        auto made = new_invitation_token();
        Request request;
        request.mutable_issue_reset()->set_invitation(made.hash);
        request.mutable_issue_reset()->set_member(id);
        request.mutable_issue_reset()->set_clears_second_factor(arguments().admin.clears_second_factor);
        issue(std::move(request), std::move(made));
    });
}

void Admin::erase() {
    with_member(arguments().admin.member, [this](std::uint64_t id) {
        const auto& content = arguments().admin.content;
        Request request;
        auto& erase = *request.mutable_erase_member();
        erase.set_member(id);
        if (content == "keep") erase.set_content(foorumi::v1::ERASED_CONTENT_KEPT);
        if (content == "remove") erase.set_content(foorumi::v1::ERASED_CONTENT_REMOVED);
        commit(std::move(request));
    });
}

void Admin::keep() {
    with_member(arguments().admin.member, [this](std::uint64_t id) {
        Request request;
        request.mutable_keep_member()->set_member(id);
        commit(std::move(request));
    });
}

// The file is there before the invitation is: a token that could not be written would open nothing for anybody.
void Admin::issue(Request request, InvitationToken made) {
    const auto& out = arguments().admin.out;
    if (!out.empty()) {
        const auto created = create_private(out, made.token + '\n');
        if (created.has_error()) {
            note(words_of(created.error(), texts()));
            return finish(Exit::usage);
        }
    }
    issued_ = std::move(made);
    change(std::move(request), [this](const Response& response) { tell_issued(response.committed()); });
}

void Admin::tell_issued(const foorumi::v1::Committed& committed) {
    told_ = true;
    const auto& out = arguments().admin.out;
    const std::string id = issued_.hash.substr(0, invitation_id_length);
    if (arguments().json) {
        const std::string token = out.empty() ? ",\"invitation\":" + json_string(issued_.token) : "";
        print_outcome("{\"id\":" + json_string(id) + token + ",\"committed\":" + to_json(committed) + '}');
    } else if (out.empty()) {
        note(text("admin.invited", {{"id", id}}));
        print_outcome(issued_.token);
    } else {
        print_outcome(text("admin.invited_file", {{"id", id}, {"file", visible(out, Lines::one)}}));
    }
    finish(Exit::done);
}

void Admin::on_refused(const Answer& answer) {
    in_doubt_ = answer.outcome_unknown;
    Program::on_refused(answer);
}

void Admin::on_finish() {
    if (issued_.token.empty() || told_) return;
    const auto& pending = client().pending();
    const bool in_doubt = in_doubt_ || std::ranges::any_of(pending, [](const auto& one) {
                              return RequestQueue::fate(one) == RequestQueue::Fate::unknown;
                          });
    const auto& out = arguments().admin.out;
    if (!in_doubt && !out.empty()) ::unlink(out.c_str());
    if (in_doubt && out.empty()) note(text("admin.in_doubt", {{"token", issued_.token}}));
}

}  // namespace foorumi::client
