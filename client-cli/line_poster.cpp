#include "line_poster.hpp"

#include <unistd.h>

#include <map>
#include <utility>

#include "client/change_id.hpp"
#include "client/json_lines.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::Error;

// More is read while fewer than this many lines have no outcome.
constexpr std::size_t read_ahead = 256;

// The refusal lies in the line: the next one may do better.
bool concerns_the_line(const Error& error) {
    return error.code() == Error::CODE_INVALID || error.code() == Error::CODE_CONFLICT;
}

}  // namespace

LinePoster::LinePoster(const Environment& environment)
    : Program(environment),
      input_(io(), STDIN_FILENO, [this](InputLines::Block block) { on_block(std::move(block)); }),
      thread_(environment.arguments.thread) {}

std::optional<double> LinePoster::default_time_limit() const { return 30.0; }

void LinePoster::begin() { proceed(); }

void LinePoster::proceed() {
    if (finished()) return;
    if (input_ended_ && waiting_.empty() && log_.open().empty()) {
        return finish(any_unknown_ ? Exit::outcome_unknown : any_refused_ ? Exit::refused : Exit::done);
    }
    if (reading_ || input_ended_ || starting_ || log_.open().size() >= read_ahead) return;
    reading_ = true;
    input_.more();
}

void LinePoster::on_block(InputLines::Block block) {
    if (finished()) return;
    reading_ = false;
    input_ended_ |= block.end;
    for (auto& line : block.lines) {
        if (starting_) {
            waiting_.push_back(std::move(line));
        } else {
            post(std::move(line));
        }
    }
    if (block.too_long) {
        note(text("post.line_too_long", {{"line", std::to_string(line_ + 1)}}));
        any_refused_ = true;
    }
    proceed();
}

void LinePoster::post(std::string line) {
    ++line_;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return;
    Request request;
    if (thread_ == 0) {
        starting_ = true;
        request.mutable_start_thread()->set_room(room());
        request.mutable_start_thread()->set_title(arguments().title);
        request.mutable_start_thread()->set_text(std::move(line));
    } else {
        auto& post = *request.mutable_post_message();
        post.set_room(room());
        post.set_thread(thread_);
        post.set_text(std::move(line));
        post.set_reply_to(arguments().reply_to);
    }
    send(std::move(request));
}

void LinePoster::send(Request request) {
    request.set_change_id(new_change_id());
    const std::uint64_t line = line_;
    log_.posted(line, request.change_id());
    const std::string& words =
        request.has_start_thread() ? request.start_thread().text() : request.post_message().text();
    if (!is_utf8(words)) {
        Answer refused{.request = std::move(request), .response = {}, .outcome_unknown = false};
        refused.response.mutable_error()->set_code(Error::CODE_INVALID);
        refused.response.mutable_error()->set_reason("text_not_utf8");
        refused.response.mutable_error()->set_field("text");
        return on_answer(line, refused);
    }
    client().request(std::move(request), [this, line](const Answer& answer) {
        if (!finished()) on_answer(line, answer);
    });
}

void LinePoster::on_answer(std::uint64_t line, const Answer& answer) {
    restart_time_limit();
    const auto& response = answer.response;
    if (response.has_error() && !concerns_the_line(response.error())) {
        input_ended_ = true;
        waiting_.clear();
    }
    if (answer.request.has_start_thread()) {
        starting_ = false;
        thread_ = response.committed().version();
        // What waits to be approved has no number yet to go on by.
        if (response.has_error() || response.has_held()) {
            input_ended_ = true;
            waiting_.clear();
        }
    }
    for (const auto& told : log_.answered(line, answer)) tell(told);
    if (finished()) return;
    for (auto& next : std::exchange(waiting_, {})) post(std::move(next));
    proceed();
}

void LinePoster::tell(const PostedLine& line) {
    const std::string number = std::to_string(line.line);
    const auto& response = line.answer->response;
    if (response.has_error()) {
        any_refused_ = true;
        any_unknown_ |= line.answer->outcome_unknown;
        note(text("post.line_refused", {{"line", number}, {"error", renderer().error(response.error())}}));
        if (arguments().json) print_outcome(posted_line(line.line, line.change_id, "error", to_json(response.error())));
    } else if (response.has_held()) {
        print_outcome(arguments().json
                          ? posted_line(line.line, line.change_id, "held", to_json(response.held()))
                          : number + ' ' + to_hex(line.change_id) + ' ' + renderer().held_answer(response.held()));
    } else if (arguments().json) {
        print_outcome(posted_line(line.line, line.change_id, "committed", to_json(response.committed())));
    } else {
        print_outcome(number + ' ' + to_hex(line.change_id) + ' ' + std::to_string(response.committed().version()));
    }
}

// At the end of the time, or of standard output: each line that was read is told of.
void LinePoster::tell_open() {
    std::map<std::string, RequestQueue::Fate> fates;
    for (const auto& pending : client().pending()) fates[pending.request.change_id()] = RequestQueue::fate(pending);
    for (const auto& line : log_.open()) {
        if (line.answer) {
            tell(line);
            continue;
        }
        const auto found = fates.find(line.change_id);
        const bool unknown = found != fates.end() && found->second == RequestQueue::Fate::unknown;
        any_unknown_ |= unknown;
        any_refused_ |= !unknown;
        const std::string word = unknown ? "unknown" : "not_applied";
        if (arguments().json) output().line(posted_line(line.line, line.change_id, "outcome", json_string(word)));
        note(text(unknown ? "post.line_unknown" : "post.line_not_applied",
                  {{"line", std::to_string(line.line)}, {"id", to_hex(line.change_id)}}));
    }
}

void LinePoster::on_time_limit() {
    // Waiting for somebody to write the next line is no delay of ours.
    if (connected() && log_.open().empty() && reading_) return restart_time_limit();
    tell_open();
    if (any_unknown_) return finish(Exit::outcome_unknown);
    Program::on_time_limit();
}

void LinePoster::on_output_end() {
    if (std::exchange(output_ended_, true)) return;
    const Exit status = tell_output_end();
    tell_open();
    finish(any_unknown_ ? Exit::outcome_unknown : any_refused_ ? Exit::refused : status);
}

}  // namespace foorumi::client
