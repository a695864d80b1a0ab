#include "sessions.hpp"

#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/table.hpp"

namespace foorumi::client {

void Sessions::begin() {
    Request request;
    if (arguments().verb == Verb::sessions) {
        request.mutable_list_sessions();
        return ask(std::move(request), [this](const Response& response) { show(response.sessions()); });
    }
    auto& revoke = *request.mutable_revoke_sessions();
    for (const auto& id : arguments().account.sessions) revoke.add_sessions(id);
    revoke.set_others(arguments().account.others);
    change(std::move(request), [this](const Response& response) {
        const auto& committed = response.committed();
        print_outcome(arguments().json ? to_json(committed)
                                       : text("change.done", {{"version", std::to_string(committed.version())}}));
        finish(Exit::done);
    });
}

void Sessions::show(const foorumi::v1::Sessions& sessions) {
    if (arguments().json) {
        print(to_json(sessions));
        return finish(Exit::done);
    }
    std::vector<std::vector<std::string>> rows{
        {text("table.id"), text("table.device"), text("table.created"), text("table.used"), text("table.expires"), ""}};
    for (const auto& session : sessions.sessions()) {
        const auto time = [](std::int64_t at) { return at == 0 ? std::string("-") : time_text(at); };
        std::string notes = session.current() ? text("session.current") : "";
        if (session.second_factor()) notes += (notes.empty() ? "" : ", ") + text("session.second_factor");
        rows.push_back({visible(session.id(), Lines::one), visible(session.device(), Lines::one),
                        time(session.created_ms()), time(session.used_ms()), time(session.expires_ms()), notes});
    }
    for (const auto& line : table_lines(rows)) print(line);
    finish(Exit::done);
}

}  // namespace foorumi::client
