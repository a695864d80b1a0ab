#include "inbox.hpp"

#include <algorithm>

#include "client/entity_key.hpp"
#include "client/json_lines.hpp"

namespace foorumi::client {
namespace {

// Threads are listed in no more rooms than this; in others they are told by number.
constexpr std::size_t most_rooms = 3;

}  // namespace

void Inbox::begin() {
    Request request;
    request.mutable_read_inbox()->set_before(arguments().before);
    request.mutable_read_inbox()->set_limit(arguments().limit);
    ask(std::move(request), [this](const Response& response) {
        inbox_ = response.inbox();
        if (arguments().json) {
            print(to_json(inbox_));
            return finish(Exit::done);
        }
        if (inbox_.entries_size() == 0) {
            print(text("inbox.empty"));
            return finish(Exit::done);
        }
        read_room_titles();
    });
}

// A refusal of these requests is no refusal of the inbox.
void Inbox::read_room_titles() {
    Request request;
    request.mutable_list_rooms();
    client().request(std::move(request), [this](const Answer& answer) {
        for (const auto& room : answer.response.rooms().rooms()) rooms_[room.id()] = room.title();
        for (const auto& entry : inbox_.entries()) {
            const auto room = entry.inbox_entry().room();
            const bool known = std::ranges::find(rooms_to_ask_, room) != rooms_to_ask_.end();
            if (!known && rooms_.contains(room) && rooms_to_ask_.size() < most_rooms) rooms_to_ask_.push_back(room);
        }
        read_thread_titles();
    });
}

void Inbox::read_thread_titles() {
    if (rooms_to_ask_.empty()) return show();
    const std::uint64_t room = rooms_to_ask_.back();
    rooms_to_ask_.pop_back();
    Request request;
    request.mutable_list_threads()->set_room(room);
    request.mutable_list_threads()->set_limit(welcome().limits().page());
    client().request(std::move(request), [this, room](const Answer& answer) {
        for (const auto& summary : answer.response.threads().threads()) {
            const auto& title = summary.thread().thread().title();
            threads_[{room, parse_entity_key(summary.thread().key()).id()}] =
                title.empty() ? text("thread.title_removed") : title;
        }
        read_thread_titles();
    });
}

void Inbox::show() {
    std::vector<std::uint64_t> authors;
    for (const auto& entry : inbox_.entries()) collect_members(entry, authors);
    with_names(std::move(authors), [this] {
        for (const auto& entity : inbox_.entries()) {
            const auto& entry = entity.inbox_entry();
            const Renderer::Titles titles{.room = rooms_[entry.room()],
                                          .thread = threads_[{entry.room(), entry.thread()}]};
            print(renderer().inbox_entry(entry, titles));
            const auto key = parse_entity_key(entity.key());
            if (key.numbers.size() <= 2 || entry.seen()) continue;
            print("    " + renderer().dim(text(
                               entry.has_sanction() ? "inbox.act_of_sanction" : "inbox.act",
                               {{"number", std::to_string(key.numbers[1])}, {"act", std::to_string(key.numbers[2])}})));
        }
        finish(Exit::done);
    });
}

}  // namespace foorumi::client
