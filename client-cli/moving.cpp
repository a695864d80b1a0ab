#include "moving.hpp"

#include <algorithm>
#include <chrono>

#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/json_lines.hpp"
#include "prompt.hpp"

namespace foorumi::client {

namespace {

constexpr std::chrono::milliseconds look_again{200};

std::string_view question_of(Verb verb) {
    return verb == Verb::mod_split ? "mod.split_sure" : verb == Verb::mod_merge ? "mod.merge_sure" : "mod.move_sure";
}

}  // namespace

void Moving::begin() {
    exposes_ = arguments().moderation.exposes_history;
    if (arguments().verb == Verb::locate) return locate();
    if (arguments().moderation.yes) return move();
    when_sure();
}

void Moving::when_sure() {
    Request request;
    auto& read = *request.mutable_read_history();
    read.set_room(room());
    read.set_thread(arguments().thread);
    const auto& messages = arguments().moderation.messages;
    // Ids begin with 1, which is the room's.
    read.set_after(messages.empty() ? 1 : messages.front() - 1);
    read.set_limit(1);
    ask(std::move(request), [this](const Response& response) {
        std::vector<std::uint64_t> authors;
        const auto& history = response.history();
        for (const auto& message : history.messages()) collect_members(message, authors);
        with_names(std::move(authors), [this, history] {
            for (const auto& message : history.messages()) note(renderer().message(message, nullptr));
            const auto& asked = arguments().moderation;
            if (is_sure(text(question_of(arguments().verb), {{"thread", std::to_string(arguments().thread)},
                                                             {"room", std::to_string(rooms().back())},
                                                             {"into", std::to_string(asked.into)},
                                                             {"count", std::to_string(asked.messages.size())}})))
                move();
        });
    });
}

Moving::Request Moving::moved(bool exposes_history) const {
    const auto& asked = arguments().moderation;
    Request request;
    const auto aimed = [&](auto& command) -> auto& {
        command.set_room(room());
        command.set_thread(arguments().thread);
        return command;
    };
    switch (arguments().verb) {
        case Verb::mod_split: {
            auto& split = aimed(*request.mutable_split_thread());
            split.set_title(arguments().title);
            for (const auto message : asked.messages) split.add_messages(message);
            break;
        }
        case Verb::mod_merge:
            aimed(*request.mutable_merge_threads()).set_into(asked.into);
            break;
        default: {
            auto& move = aimed(*request.mutable_move_thread());
            move.set_to_room(rooms().back());
            move.set_exposes_history(exposes_history);
        }
    }
    return request;
}

void Moving::move() {
    change(moved(exposes_), [this](const Response& response) {
        begun_ = true;
        committed_ = response.committed();
        wait_until_there();
    });
}

// What would be seen by more people is asked about by itself, whether --yes was given or not.
void Moving::on_refused(const Answer& answer) {
    const auto& error = answer.response.error();
    if (error.reason() != "audience_widens" || exposes_) return Program::on_refused(answer);
    Prompt prompt;
    if (!prompt.possible()) return Program::on_refused(answer);
    note(renderer().error(error));
    if (!is_sure(text("mod.expose_sure"))) return;
    exposes_ = true;
    move();
}

void Moving::wait_until_there() {
    Request request;
    auto& locate = *request.mutable_locate();
    locate.set_room(room());
    const auto& messages = arguments().moderation.messages;
    if (arguments().verb == Verb::mod_split)
        locate.set_message(*std::ranges::max_element(messages));  // the last to go
    else
        locate.set_thread(arguments().thread);
    client().request(std::move(request), [this](const Answer& answer) {
        if (finished()) return;
        if (answer.response.has_error()) return Program::on_refused(answer);
        const auto place = answer.response.located();
        if (is_there(place)) return show_place(place);
        pause_.expires_after(look_again);
        pause_.async_wait([this](boost::system::error_code error) {
            if (!error && !finished()) wait_until_there();
        });
    });
}

bool Moving::is_there(const foorumi::v1::Place& place) const {
    return place.room() != room() || place.thread() != arguments().thread;
}

// It is done all the same, only later.
void Moving::on_time_limit() {
    if (!begun_) return Program::on_time_limit();
    print_outcome(arguments().json ? to_json(committed_) : text("mod.under_way"));
    finish(Exit::done);
}

void Moving::locate() {
    Request request;
    auto& locate = *request.mutable_locate();
    locate.set_room(room());
    locate.set_thread(arguments().thread);
    locate.set_message(arguments().message);
    ask(std::move(request), [this](const Response& response) { show_place(response.located()); });
}

void Moving::show_place(const foorumi::v1::Place& place) {
    if (arguments().json) {
        print_outcome(to_json(place));
    } else {
        std::string told = std::to_string(place.room()) + ' ' + std::to_string(place.thread());
        if (place.message() != 0) told += ' ' + std::to_string(place.message());
        print_outcome(told);
    }
    finish(Exit::done);
}

}  // namespace foorumi::client
