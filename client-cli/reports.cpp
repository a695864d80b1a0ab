#include "reports.hpp"

#include "client/json_lines.hpp"
#include "client/report_words.hpp"

namespace foorumi::client {

void Reports::begin() {
    const auto& asked = arguments().reports;
    if (arguments().verb == Verb::report || arguments().verb == Verb::appeal) return act(room(), 0);
    with_forum([this, asked](std::uint64_t forum) {
        forum_ = forum;
        switch (arguments().verb) {
            case Verb::mod_queue:
                return list(0);
            case Verb::mod_show:
                return read(0);
            case Verb::mod_assign:
                if (asked.nobody) return act(forum_, 0);
                if (asked.member.empty()) return act(forum_, welcome().self().id());
                break;
            case Verb::report_member:
                break;
            default:
                return act(forum_, 0);
        }
        with_member(asked.member, [this](std::uint64_t member) { act(forum_, member); });
    });
}

void Reports::with_forum(std::function<void(std::uint64_t)> then) {
    Request request;
    request.mutable_list_forums();
    ask(std::move(request), [this, then = std::move(then)](const Response& response) {
        Registers forums;
        forums.add(response.forums());
        const auto id = forums.forum(arguments().reports.forum, "forum");
        if (id.has_error()) return refuse(id.error().error());
        then(*id);
    });
}

void Reports::act(std::uint64_t place, std::uint64_t member) {
    change(report_request(arguments(), place, member), [this](const Response& response) {
        const auto& committed = response.committed();
        const std::string version = std::to_string(committed.version());
        print_outcome(arguments().json           ? to_json(committed)
                      : committed.version() == 0 ? text("report.sent")
                                                 : text("change.done", {{"version", version}}));
        finish(Exit::done);
    });
}

void Reports::list(std::uint64_t after) {
    Request request;
    auto& list_reports = *request.mutable_list_reports();
    list_reports.set_forum(forum_);
    list_reports.set_closed(arguments().reports.closed);
    list_reports.set_after(after);
    list_reports.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.reports();
        found_.mutable_reports()->MergeFrom(got.reports());
        if (got.more()) return list(got.next());
        show_list();
    });
}

void Reports::show_list() {
    if (arguments().json) {
        print(to_json(found_));
        return finish(Exit::done);
    }
    std::vector<std::uint64_t> named;
    for (const auto& entity : found_.reports()) collect_members(entity, named);
    with_names(std::move(named), [this] {
        for (const auto& entity : found_.reports()) print(renderer().report(entity));
        if (found_.reports().empty()) print(text("report.none"));
        finish(Exit::done);
    });
}

void Reports::read(std::uint32_t after) {
    Request request;
    auto& read_report = *request.mutable_read_report();
    read_report.set_forum(forum_);
    read_report.set_report(arguments().reports.report);
    read_report.set_after(after);
    read_report.set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.report_details();
        details_.clear_report();
        details_.MergeFrom(got);
        details_.set_more(got.more());
        if (got.more()) return read(got.next());
        show_report();
    });
}

void Reports::show_report() {
    if (arguments().json) {
        print(to_json(details_));
        return finish(Exit::done);
    }
    std::vector<std::uint64_t> named;
    collect_members(details_.report(), named);
    for (const auto& words : details_.words())
        if (words.reporter() != 0) named.push_back(words.reporter());
    for (const auto& written : details_.notes()) named.push_back(written.by());
    with_names(std::move(named), [this] {
        print(renderer().report(details_.report()));
        for (const auto& words : details_.words()) print(renderer().report_words(words));
        for (const auto& written : details_.notes()) print(renderer().report_note(written));
        finish(Exit::done);
    });
}

}  // namespace foorumi::client
