#include "chat.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "client/change_id.hpp"
#include "client/columns.hpp"
#include "client/display.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

// Typed while the connection is lost: more than this is not taken.
constexpr std::size_t most_under_way = 200;
// At the end of the input, for what has been typed to be acknowledged.
constexpr auto last_changes_within = std::chrono::seconds(30);
// The server passes on one in two seconds, and others see it for five.
constexpr auto typing_interval = std::chrono::seconds(3);

}  // namespace

Chat::Chat(const Environment& environment)
    : Program(environment),
      signals_(io(), SIGINT, SIGTERM),
      leaving_(io()),
      terminal_signals_(io()),
      typed_here_(::isatty(STDIN_FILENO) == 1) {
    const auto on_block = [this](InputLines::Block block) { this->on_block(std::move(block)); };
    if (TerminalLine::possible()) {
        const auto on_line = [on_block](std::string line) {
            on_block({.lines = {std::move(line)}, .end = false, .too_long = false});
        };
        const auto on_end = [on_block] { on_block({.lines = {}, .end = true, .too_long = false}); };
        terminal_ = std::make_unique<TerminalLine>(
            io(), TerminalLine::Events{.line = on_line, .typed = [this] { tell_typing(); }, .end = on_end});
        output().make_room_with([this] { terminal_->make_room(); });
        for (const int end : {SIGHUP, SIGQUIT}) signals_.add(end);
        for (const int other : {SIGWINCH, SIGTSTP}) terminal_signals_.add(other);
        watch_terminal();
    } else {
        input_ = std::make_unique<InputLines>(io(), STDIN_FILENO, on_block);
    }
    signals_.async_wait([this](boost::system::error_code error, int) {
        if (!error) leave();
    });
}

void Chat::watch_terminal() {
    terminal_signals_.async_wait([this](boost::system::error_code error, int signal) {
        if (error) return;
        if (signal == SIGTSTP) terminal_->suspend();
        if (signal == SIGWINCH) {
            terminal_->resize();
            renderer().set_columns(terminal_columns());
        }
        watch_terminal();
    });
}

// Behind the answers that came together with what could not be shown.
void Chat::on_output_end() {
    if (std::exchange(output_ended_, true)) return;
    boost::asio::post(io(), [this] {
        if (!finished()) Program::on_output_end();
    });
}

void Chat::on_finish() {
    if (terminal_) terminal_->close();
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
    if (terminal_) return terminal_->start();
    input_->more();
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
    if (!block.end && !input_ended_) {
        if (input_) input_->more();
        return;
    }
    input_ended_ = true;
    leaving_.expires_after(last_changes_within);
    leaving_.async_wait([this](boost::system::error_code error) {
        if (!error) leave();
    });
    leave_when_done();
}

void Chat::refuse_line(const std::string& why) {
    any_refused_ = true;
    print_outcome(why);
}

void Chat::leave_when_done() {
    if (input_ended_ && unanswered_ == 0) with_names({}, [this] { leave(); });
}

void Chat::leave() {
    const bool unknown = tell_changes_under_way();
    // Nobody at a terminal asks for the status; a script does.
    finish(unknown ? Exit::outcome_unknown : any_refused_ && !typed_here_ ? Exit::refused : Exit::done);
}

void Chat::obey(const ChatCommand& command) {
    using Kind = ChatCommand::Kind;
    if (take_first_message(command)) return;
    Request request;
    const auto nothing_more = [](const foorumi::v1::Committed&) {};
    switch (command.kind) {
        case Kind::say:
            return say(command.text, 0);
        case Kind::reply:
            return say(command.text, command.id);
        case Kind::start:
            return start_thread(command.text, command.body);
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

bool Chat::take_first_message(const ChatCommand& command) {
    using Kind = ChatCommand::Kind;
    if (new_title_.empty() || (command.kind != Kind::say && command.kind != Kind::nothing)) return false;
    std::string title = std::exchange(new_title_, {});
    if (command.kind == Kind::say) {
        start_thread(std::move(title), command.text);
    } else {
        print(renderer().dim(text("chat.not_started")));
    }
    return true;
}

void Chat::start_thread(std::string title, std::string words) {
    if (words.empty()) {
        print(renderer().dim(text("chat.first_message", {{"title", visible(title, Lines::one)}})));
        new_title_ = std::move(title);
        return;
    }
    Request request;
    request.mutable_start_thread()->set_room(room());
    request.mutable_start_thread()->set_title(std::move(title));
    request.mutable_start_thread()->set_text(std::move(words));
    send_change(std::move(request), [this](const foorumi::v1::Committed& committed) {
        room_.open(committed.version());
        print(renderer().dim(text("chat.opened", {{"id", std::to_string(committed.version())},
                                                  {"title", title_of(room_.thread(committed.version()))}})));
    });
}

// Nobody waits for the answer, and a refusal is no news.
void Chat::tell_typing() {
    const auto now = std::chrono::steady_clock::now();
    if (!connected() || room_.opened() == 0 || now - typing_told_ < typing_interval) return;
    typing_told_ = now;
    Request request;
    request.mutable_typing()->set_room(room());
    request.mutable_typing()->set_thread(room_.opened());
    client().request(std::move(request), [](const Answer&) {});
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
    if (!is_utf8(request.post_message().text() + request.start_thread().title() + request.start_thread().text() +
                 request.edit_message().text() + request.react().emoji())) {
        return refuse_line(text("refusal.text_not_utf8"));
    }
    request.set_change_id(new_change_id());
    ++unanswered_;
    const auto post = request.post_message();
    ask(std::move(request), [this, post, then = std::move(then)](const Response& response) {
        --unanswered_;
        if (response.has_held()) {
            static_cast<void>(room_.take_said(post.thread(), post.text()));
            print(renderer().dim(renderer().held_answer(response.held())));
        } else {
            then(response.committed());
        }
        leave_when_done();
    });
}

void Chat::on_refused(const Answer& answer) {
    if (!answer.request.change_id().empty()) --unanswered_;
    if (answer.request.has_post_message()) {
        const auto& post = answer.request.post_message();
        static_cast<void>(room_.take_said(post.thread(), post.text()));
    }
    refuse_line("! " + renderer().error(answer.response.error()));
    leave_when_done();
}

void Chat::on_time_limit() {
    if (connected() && reading_) return leave();
    Program::on_time_limit();
}

}  // namespace foorumi::client
