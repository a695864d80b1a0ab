#include "export.hpp"

#include "client/json_lines.hpp"
#include "client/private_file.hpp"

namespace foorumi::client {

void Export::begin() {
    Request request;
    request.mutable_read_account();
    ask(std::move(request), [this](const Response& response) {
        account_ = to_json(response.account());
        ask_sessions();
    });
}

void Export::ask_sessions() {
    Request request;
    request.mutable_list_sessions();
    ask(std::move(request), [this](const Response& response) {
        for (const auto& session : response.sessions().sessions()) add(sessions_, to_json(session));
        ask_sanctions(0);
    });
}

void Export::ask_sanctions(std::uint64_t after) {
    Request request;
    request.mutable_list_sanctions()->set_after(after);
    ask(std::move(request), [this](const Response& response) {
        const auto& page = response.sanctions();
        for (const auto& sanction : page.sanctions()) add(sanctions_, to_json(sanction));
        if (page.more() && page.sanctions_size() > 0) return ask_sanctions(page.sanctions().rbegin()->number());
        ask_own(0, 0);
    });
}

void Export::ask_own(std::uint64_t room, std::uint64_t since) {
    Request request;
    request.mutable_export_own()->set_room(room);
    request.mutable_export_own()->set_since(since);
    ask(std::move(request), [this](const Response& response) {
        const auto& page = response.own_entities();
        for (const auto& entity : page.entities())
            add(written_, "{\"room\":\"" + std::to_string(page.room()) + "\",\"entity\":" + to_json(entity) + '}');
        for (const auto& words : page.reports()) add(reports_, to_json(words));
        if (page.more()) return ask_own(page.next_room(), page.next_since());
        client().subscribe("member:" + std::to_string(welcome().self().id()), 0);
    });
}

// Pages of a channel follow each other by themselves; after a lost connection they go on where they were.
void Export::on_synced(const foorumi::v1::Synced& synced) {
    if (finished()) return;
    if (synced.has_error()) return refuse(synced.error());
    if (synced.reset()) kept_.clear();
    for (const auto& entity : synced.entities()) add(kept_, to_json(entity));
    if (!synced.more()) end();
}

void Export::end() {
    const std::string all = "{\"member\":" + to_json(welcome().self()) + ",\n\"account\":" + account_ +
                            ",\n\"sessions\":[" + sessions_ + "],\n\"sanctions\":[" + sanctions_ + "],\n\"written\":[" +
                            written_ + "],\n\"reports\":[" + reports_ + "],\n\"kept\":[" + kept_ + "]}";
    const auto& out = arguments().account.out;
    if (out.empty()) {
        print(all);
        return finish(Exit::done);
    }
    const auto created = create_private(out, all + '\n');
    if (created.has_error()) {
        note(words_of(created.error(), texts()));
        return finish(Exit::refused);
    }
    finish(Exit::done);
}

}  // namespace foorumi::client
