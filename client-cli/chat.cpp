#include "chat.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "client/change_id.hpp"
#include "client/display.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

// Typed while the connection is lost: more than this is not taken.
constexpr std::size_t most_under_way = 200;
// At the end of the input, for what has been typed to be acknowledged.
constexpr auto last_changes_within = std::chrono::seconds(30);

}  // namespace

Chat::Chat(const Environment& environment)
    : Program(environment),
      signals_(io(), SIGINT, SIGTERM),
      leaving_(io()),
      input_(io(), STDIN_FILENO, [this](InputLines::Block block) { on_block(std::move(block)); }),
      typed_here_(::isatty(STDIN_FILENO) == 1) {
    signals_.async_wait([this](boost::system::error_code error, int) {
        if (!error) leave();
    });
}

void Chat::begin() {
    room_channel_ = "room:" + std::to_string(room());
    own_channel_ = "member:" + std::to_string(welcome().self().id());
    client().subscribe(room_channel_, 0);
    client().subscribe(own_channel_, 0);
}

void Chat::read_input() {
    if (reading_) return;
    reading_ = true;
    input_.more();
}

void Chat::on_block(InputLines::Block block) {
    if (finished()) return;
    for (const auto& line : block.lines) {
        if (!input_ended_) obey(parse_chat_command(line));
        if (finished()) return;
    }
    if (block.too_long) {
        any_refused_ = true;
        note(text("chat.line_too_long"));
    }
    if (!block.end && !input_ended_) return input_.more();
    input_ended_ = true;
    leaving_.expires_after(last_changes_within);
    leaving_.async_wait([this](boost::system::error_code error) {
        if (!error) leave();
    });
    leave_when_done();
}

bool Chat::changes_under_way() {
    return std::ranges::any_of(client().pending(), [](const auto& one) { return !one.request.change_id().empty(); });
}

void Chat::refuse_line(const std::string& why) {
    any_refused_ = true;
    print(why);
}

void Chat::leave_when_done() {
    if (input_ended_ && !changes_under_way()) with_names({}, [this] { leave(); });
}

void Chat::leave() {
    const bool unknown = tell_changes_under_way();
    // Nobody at a terminal asks for the status; a script does.
    finish(unknown ? Exit::outcome_unknown : any_refused_ && !typed_here_ ? Exit::refused : Exit::done);
}

void Chat::obey(const ChatCommand& command) {
    using Kind = ChatCommand::Kind;
    Request request;
    const auto nothing_more = [](const foorumi::v1::Committed&) {};
    switch (command.kind) {
        case Kind::say:
            return say(command.text, 0);
        case Kind::reply:
            return say(command.text, command.id);
        case Kind::start:
            return start_thread(command.text);
        case Kind::react:
        case Kind::unreact:
            request.mutable_react()->set_room(room());
            request.mutable_react()->set_message(command.id);
            request.mutable_react()->set_emoji(command.text);
            request.mutable_react()->set_remove(command.kind == Kind::unreact);
            return send_change(std::move(request), nothing_more);
        case Kind::edit:
            request.mutable_edit_message()->set_room(room());
            request.mutable_edit_message()->set_message(command.id);
            request.mutable_edit_message()->set_text(command.text);
            return send_change(std::move(request), nothing_more);
        case Kind::remove:
            request.mutable_delete_message()->set_room(room());
            request.mutable_delete_message()->set_message(command.id);
            return send_change(std::move(request), nothing_more);
        default:
            return obey_reading(command);
    }
}

void Chat::obey_reading(const ChatCommand& command) {
    using Kind = ChatCommand::Kind;
    switch (command.kind) {
        case Kind::threads:
            return show_threads();
        case Kind::open:
            return open(command.id);
        case Kind::read:
            return mark_read();
        case Kind::who:
            return show_who();
        case Kind::help:
            return print(text("chat.help"));
        case Kind::unknown:
            return refuse_line(text("chat.unknown", {{"word", visible(command.text, Lines::one)}}));
        case Kind::incomplete:
            return refuse_line(text("chat.incomplete", {{"word", visible(command.text, Lines::one)}}));
        case Kind::quit:
            input_ended_ = true;
            return leave_when_done();
        default:
            return;
    }
}

void Chat::say(std::string words, std::uint64_t reply_to) {
    if (room_.opened() == 0) return refuse_line(text("chat.no_thread"));
    Request request;
    request.mutable_post_message()->set_room(room());
    request.mutable_post_message()->set_thread(room_.opened());
    request.mutable_post_message()->set_text(words);
    request.mutable_post_message()->set_reply_to(reply_to);
    if (typed_here_) room_.said(room_.opened(), std::move(words));
    send_change(std::move(request), [](const foorumi::v1::Committed&) {});
}

void Chat::start_thread(const std::string& title) {
    Request request;
    request.mutable_start_thread()->set_room(room());
    request.mutable_start_thread()->set_title(title);
    // A thread opens with a message: in a chat, whose title is all that was typed, it says the same.
    request.mutable_start_thread()->set_text(title);
    send_change(std::move(request), [this](const foorumi::v1::Committed& committed) {
        room_.open(committed.version());
        print(renderer().dim(
            text("chat.opened", {{"id", std::to_string(committed.version())},
                                 {"title", visible(room_.thread(committed.version()).title, Lines::one)}})));
    });
}

void Chat::mark_read() {
    const auto thread = room_.opened();
    const auto last = room_.thread(thread).last_message;
    if (last == 0) return refuse_line(text("chat.no_thread"));
    Request request;
    request.mutable_mark_read()->set_room(room());
    request.mutable_mark_read()->set_thread(thread);
    request.mutable_mark_read()->set_to(last);
    send_change(std::move(request), [this, last](const foorumi::v1::Committed&) {
        print(renderer().dim(text("chat.read", {{"id", std::to_string(last)}})));
    });
}

void Chat::send_change(Request request, std::function<void(const foorumi::v1::Committed&)> then) {
    if (client().pending().size() >= most_under_way) return refuse_line(text("chat.too_many"));
    if (!is_utf8(request.post_message().text() + request.start_thread().title() + request.edit_message().text() +
                 request.react().emoji())) {
        return refuse_line(text("refusal.text_not_utf8"));
    }
    request.set_change_id(new_change_id());
    ask(std::move(request), [this, then = std::move(then)](const Response& response) {
        then(response.committed());
        leave_when_done();
    });
}

void Chat::on_refused(const Answer& answer) {
    if (answer.request.has_post_message()) {
        const auto& post = answer.request.post_message();
        static_cast<void>(room_.take_said(post.thread(), post.text()));
    }
    refuse_line("! " + renderer().error(answer.response.error()));
    leave_when_done();
}

void Chat::on_welcome(const foorumi::v1::Welcome& welcome, bool again) {
    if (again) print(renderer().dim(text("connection.back")));
    Program::on_welcome(welcome, again);
}

void Chat::on_lost(const std::string& why, std::int64_t retry_in_ms) {
    if (connected()) {
        print(renderer().dim(
            text("connection.lost", {{"why", visible(why, Lines::one)}, {"ms", std::to_string(retry_in_ms)}})));
    }
    Program::on_lost(why, retry_in_ms);
}

}  // namespace foorumi::client
