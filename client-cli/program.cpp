#include "program.hpp"

#include <chrono>

#include "client/change_id.hpp"
#include "client/columns.hpp"
#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/report_words.hpp"
#include "client/second_factor.hpp"
#include "prompt.hpp"

namespace foorumi::client {
namespace {

// Time for the close frames at the end.
constexpr auto farewell = std::chrono::milliseconds(500);
constexpr std::size_t names_at_once = 100;
// As the inbox tells of what is of no room.
constexpr std::string_view no_room = "0";

// "forum/room" or "room": the rooms are listed by forum where one is named.
std::string forum_of(const std::string& room) {
    const auto slash = room.find('/');
    return slash == std::string::npos ? "" : room.substr(0, slash);
}

// Entries of the inbox may be about no room, which is 0.
std::optional<std::uint64_t> room_number(const std::string& room, Verb verb) {
    return verb == Verb::seen && room == "0" ? std::optional<std::uint64_t>(0) : parse_id(room);
}

std::string slug_of(const std::string& room) { return room.substr(room.find('/') + 1); }

}  // namespace

Program::Program(const Environment& environment)
    : environment_(environment),
      limit_(io_),
      client_(io_, environment.client, *this),
      renderer_(environment.texts, members_, Output::colours(), terminal_columns()),
      news_(environment.texts) {}

Exit Program::run() {
    restart_time_limit();
    client_.start();
    io_.run();
    client_.stop();
    io_.restart();
    io_.run_for(farewell);
    return status_;
}

void Program::restart_time_limit() {
    const auto seconds = arguments().timeout_s ? arguments().timeout_s : default_time_limit();
    if (!seconds) return;
    limit_.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000)));
    limit_.async_wait([this](boost::system::error_code error) {
        if (!error && !finished_) on_time_limit();
    });
}

void Program::finish(Exit status) {
    if (finished_) return;
    finished_ = true;
    status_ = status;
    limit_.cancel();
    on_finish();
    io_.stop();
}

void Program::on_welcome(const foorumi::v1::Welcome& welcome, bool again) {
    if (again) on_news(news_.on_back());
    connected_ = true;
    welcome_ = welcome;
    renderer_.set_self(welcome.self().id());
    members_.put(welcome.self());
    // Also where somebody else has asked for it.
    if (!again && welcome.erase_at_ms() != 0)
        note(text("account.erase_at", {{"time", time_text(welcome.erase_at_ms())}}));
    if (!again) find_rooms();
}

void Program::on_lost(const ConnectionEnd& why, std::int64_t retry_in_ms) {
    using namespace std::chrono;
    const auto now = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    connected_ = false;
    if (const auto news = news_.on_lost(words_of(why, texts()), retry_in_ms, now)) on_news(*news);
}

void Program::on_notice(const foorumi::v1::Notice& notice) { news_.on_notice(notice); }

void Program::on_failed(const std::optional<foorumi::v1::Error>& refusal, const ConnectionEnd& why) {
    connected_ = false;
    if (refusal) return refuse(*refusal);
    note(text("connection.none",
              {{"server", visible(arguments().server, Lines::one)}, {"why", words_of(why, texts())}}));
    finish(tell_changes_under_way() ? Exit::outcome_unknown : Exit::no_connection);
}

void Program::on_time_limit() {
    bool refused = false;
    for (const auto& pending : client_.pending()) {
        if (RequestQueue::fate(pending) == RequestQueue::Fate::unknown) {
            note(text("outcome.unknown", {{"id", to_hex(pending.request.change_id())}}));
            return finish(Exit::outcome_unknown);
        }
        if (pending.last_refusal && connected_ && !refused) {
            note(renderer_.error(*pending.last_refusal));
            refused = true;
        }
    }
    if (refused) return finish(Exit::refused);
    note(text("connection.timeout", {{"server", visible(arguments().server, Lines::one)}}));
    finish(Exit::no_connection);
}

void Program::on_refused(const Answer& answer) {
    if (!answer.outcome_unknown) return refuse(answer.response.error());
    note(text("outcome.unknown", {{"id", to_hex(answer.request.change_id())}}));
    note(renderer_.error(answer.response.error()));
    finish(Exit::outcome_unknown);
}

void Program::ask(Request request, std::function<void(const Response&)> then) {
    client_.request(std::move(request), [this, then = std::move(then)](const Answer& answer) {
        if (finished_) return;
        if (answer.response.has_error()) return on_refused(answer);
        then(answer.response);
    });
}

void Program::change(Request request, std::function<void(const Response&)> then) {
    request.set_change_id(arguments().change_id.empty() ? new_change_id() : arguments().change_id);
    ask(std::move(request), std::move(then));
}

void Program::ask_rooms(Request request, std::function<void(const foorumi::v1::Rooms&)> then,
                        foorumi::v1::Rooms so_far) {
    auto page = request;
    ask(std::move(page), [this, request = std::move(request), then = std::move(then),
                          so_far = std::move(so_far)](const Response& response) mutable {
        so_far.mutable_rooms()->MergeFrom(response.rooms().rooms());
        if (!response.rooms().more() || response.rooms().rooms_size() == 0) return then(so_far);
        request.mutable_list_rooms()->set_after(response.rooms().rooms().rbegin()->id());
        ask_rooms(std::move(request), std::move(then), std::move(so_far));
    });
}

// `follow` looks for these itself.
bool Program::is_followed_queue(const std::string& room) const {
    return arguments().verb == Verb::follow && followed_queue(room);
}

void Program::find_rooms() {
    for (const auto& room : arguments().rooms) {
        const std::string forum = forum_of(room);
        if (room == no_room || is_followed_queue(room) || room_number(room, arguments().verb) || found_.contains(forum))
            continue;
        Request request;
        auto& list = *request.mutable_list_rooms();
        if (const auto id = parse_id(forum)) {
            list.set_forum(*id);
        } else {
            list.set_forum_slug(forum);
        }
        ask_rooms(std::move(request), [this, forum](const foorumi::v1::Rooms& rooms) {
            found_[forum] = rooms;
            find_rooms();
        });
        return;
    }
    use_rooms(found_);
}

void Program::use_rooms(const std::map<std::string, foorumi::v1::Rooms>& found) {
    for (const auto& room : arguments().rooms) {
        std::vector<std::uint64_t> matches;
        if (is_followed_queue(room)) continue;
        if (const auto id = room_number(room, arguments().verb)) {
            matches.push_back(*id);
        } else if (room == no_room) {
            matches.push_back(0);
        } else {
            for (const auto& candidate : found.at(forum_of(room)).rooms()) {
                if (candidate.slug() == slug_of(room)) matches.push_back(candidate.id());
            }
        }
        if (matches.size() != 1) {
            foorumi::v1::Error error;
            error.set_code(matches.empty() ? foorumi::v1::Error::CODE_NOT_FOUND : foorumi::v1::Error::CODE_INVALID);
            error.set_reason(matches.empty() ? "room_not_found" : "room_ambiguous");
            error.set_field("room");
            return refuse(error);
        }
        rooms_.push_back(matches.front());
    }
    begin();
}

void Program::with_names(std::vector<std::uint64_t> members, std::function<void()> then) {
    naming_.push_back({.members = std::move(members), .then = std::move(then)});
    if (!naming_under_way_) next_naming();
}

void Program::next_naming() {
    while (!naming_.empty() && !finished_) {
        std::vector<std::uint64_t> missing = members_.missing(naming_.front().members);
        if (missing.empty()) {
            const auto then = std::move(naming_.front().then);
            naming_.pop_front();
            then();
            continue;
        }
        if (missing.size() > names_at_once) missing.resize(names_at_once);
        Request request;
        request.mutable_read_members()->mutable_members()->Assign(missing.begin(), missing.end());
        naming_under_way_ = true;
        client_.request(std::move(request), [this, missing](const Answer& answer) {
            if (answer.response.has_members()) {
                members_.put_answer(missing, answer.response.members());
            } else {
                members_.put_unanswered(missing);
            }
            naming_under_way_ = false;
            next_naming();
        });
        return;
    }
}

bool Program::is_sure(const std::string& question) {
    Prompt prompt;
    if (!prompt.possible()) {
        note(text("usage.no_terminal", {{"question", question}}));
    } else if (const auto typed = prompt.ask(question + ' ', false)) {
        if (trimmed(typed->view()) == text("mod.yes")) return true;
        note(text("mod.not_done"));
    }
    finish(Exit::usage);
    return false;
}

void Program::refuse(const foorumi::v1::Error& error) {
    note(renderer_.error(error));
    finish(tell_changes_under_way() ? Exit::outcome_unknown : Exit::refused);
}

void Program::refuse_invalid(const std::string& reason, const std::string& field) {
    foorumi::v1::Error error;
    error.set_code(foorumi::v1::Error::CODE_INVALID);
    error.set_reason(reason);
    error.set_field(field);
    refuse(error);
}

void Program::print(const std::string& line) {
    if (!output_.line(line) && !finished_) on_output_end();
}

void Program::print_outcome(const std::string& line) {
    if (output_.line(line)) return;
    note(line);
    if (!finished_) on_output_end();
}

bool Program::tell_changes_under_way() {
    bool unknown = false;
    for (const auto& pending : client_.pending()) {
        if (pending.request.change_id().empty()) continue;
        const bool doubt = RequestQueue::fate(pending) == RequestQueue::Fate::unknown;
        unknown |= doubt;
        note(text(doubt ? "outcome.unknown" : "outcome.not_applied", {{"id", to_hex(pending.request.change_id())}}));
    }
    return unknown;
}

Exit Program::tell_output_end() {
    if (output_.state() != Output::State::failed) return Exit::done;
    foorumi::v1::Error error;
    error.set_code(foorumi::v1::Error::CODE_UNAVAILABLE);
    error.set_reason("output_failed");
    error.set_text(text("refusal.output_failed", {{"why", output_.why()}}));
    note(renderer_.error(error));
    return Exit::refused;
}

void Program::on_output_end() {
    const Exit status = tell_output_end();
    finish(tell_changes_under_way() ? Exit::outcome_unknown : status);
}

}  // namespace foorumi::client
