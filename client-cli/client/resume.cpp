#include "client/resume.hpp"

#include <algorithm>
#include <utility>

namespace foorumi::client {
namespace {

using foorumi::v1::Error;
using foorumi::v1::Item;
using foorumi::v1::Notice;
using foorumi::v1::Request;

// Hello, and above it the Subscribes; the application's requests are counted from 1.
constexpr std::uint64_t hello_id = 1ULL << 62U;
// A connection that held so long was a good one: the next attempt starts with short delays again.
constexpr Millis good_connection_ms = 5'000;
constexpr Millis ask_again_ms = 500;
// Room for what a frame adds around its requests.
constexpr std::size_t frame_overhead = 16;

Error error_of(Error::Code code, std::string reason) {
    Error error;
    error.set_code(code);
    error.set_reason(std::move(reason));
    return error;
}

// Errors after which the same connection would be refused or ended again for the same reason.
bool is_final(const Error& error) {
    return error.code() == Error::CODE_UNAUTHENTICATED || error.code() == Error::CODE_MALFORMED ||
           error.code() == Error::CODE_INVALID || error.code() == Error::CODE_FORBIDDEN ||
           error.code() == Error::CODE_UNKNOWN_REQUEST;
}

}  // namespace

Resume::Resume(Settings settings, Random random)
    : settings_(std::move(settings)), backoff_(std::move(random)), requests_(settings_.window) {}

Actions Resume::start() {
    state_ = State::waiting;
    return {ConnectAfter{0}};
}

Actions Resume::request(Request request, Millis now, std::uint64_t& id) {
    Actions out;
    id = requests_.add(std::move(request));
    flush(now, out);
    return out;
}

Actions Resume::subscribe(const std::string& channel, std::uint64_t since, Millis now, std::uint64_t epoch) {
    Actions out;
    subscriptions_.add(channel, since, epoch);
    flush(now, out);
    return out;
}

Actions Resume::unsubscribe(const std::string& channel, Millis now) {
    Actions out;
    if (!subscriptions_.holds(channel)) return out;
    subscriptions_.remove(channel);
    Request request;
    request.mutable_unsubscribe()->add_channels(channel);
    requests_.add(std::move(request));
    flush(now, out);
    return out;
}

Actions Resume::on_connected(Millis now) {
    state_ = State::greeting;
    connected_at_ = now;
    last_words_.reset();
    SendFrame send;
    Request& hello = *send.frame.add_requests();
    hello.set_id(hello_id);
    *hello.mutable_hello() = settings_.hello;
    return {std::move(send)};
}

Actions Resume::on_frame(const foorumi::v1::ServerFrame& frame, Millis now) {
    Actions out;
    for (const Item& item : frame.items()) {
        if (state_ != State::greeting && state_ != State::live) break;
        on_item(item, now, out);
    }
    flush(now, out);
    return out;
}

void Resume::on_item(const Item& item, Millis now, Actions& out) {
    switch (item.item_case()) {
        case Item::kResponse:
            on_response(item.response(), now, out);
            break;
        case Item::kChange: {
            const Verdict verdict = subscriptions_.on_change(item.change());
            if (verdict == Verdict::deliver) out.emplace_back(Deliver{item});
            break;  // flush() asks for a channel that has a gap
        }
        case Item::kSynced:
            on_synced(item, now, out);
            break;
        case Item::kEphemeral:
            if (subscriptions_.holds(item.ephemeral().channel())) out.emplace_back(Deliver{item});
            break;
        case Item::kNotice:
            on_notice(item, now, out);
            break;
        case Item::ITEM_NOT_SET:
            break;  // of a later protocol
    }
}

void Resume::on_response(const foorumi::v1::Response& response, Millis now, Actions& out) {
    if (response.id() == hello_id) {
        on_hello_answer(response, now, out);
    } else if (response.id() > hello_id) {
        on_subscribe_answer(response, now, out);
    } else if (auto answer = requests_.on_response(response, now)) {
        out.emplace_back(Answered{std::move(*answer)});
    }
}

// Each channel was answered by its Synced already, unless the request was refused as a whole.
void Resume::on_subscribe_answer(const foorumi::v1::Response& response, Millis now, Actions& out) {
    if (!response.has_error()) return;
    const bool again = is_temporary(response.error());
    for (const auto& channel : subscriptions_.on_refused(response.id(), again)) {
        if (again) continue;
        Deliver refused;
        refused.item.mutable_synced()->set_channel(channel);
        *refused.item.mutable_synced()->mutable_error() = response.error();
        out.emplace_back(std::move(refused));
    }
    if (again) ask_at_ = now + std::max<Millis>(ask_again_ms, response.error().retry_after_ms());
}

void Resume::on_hello_answer(const foorumi::v1::Response& response, Millis now, Actions& out) {
    if (state_ != State::greeting) return;
    if (response.has_error() && is_temporary(response.error())) {
        retry_after_ms_ = response.error().retry_after_ms();
        out.emplace_back(Disconnect{});
        lose(now, out);
        return;
    }
    if (!response.has_welcome()) {
        fail(response.has_error() ? response.error() : error_of(Error::CODE_MALFORMED, "no_welcome"), out);
        return;
    }
    state_ = State::live;
    limits_ = response.welcome().limits();
    server_offset_ = response.welcome().now_ms() - now;
    requests_.set_pace(limits_.requests_per_second(), now);
    out.emplace_back(Welcomed{.welcome = response.welcome(), .again = std::exchange(welcomed_, true)});
}

void Resume::on_synced(const Item& item, Millis now, Actions& out) {
    const auto what = subscriptions_.on_synced(item.synced());
    if (what.verdict == Verdict::deliver) out.emplace_back(Deliver{item});
    if (what.ask_again && item.synced().has_error()) {
        ask_at_ = now + std::max<Millis>(ask_again_ms, item.synced().error().retry_after_ms());
    }
}

void Resume::on_notice(const Item& item, Millis now, Actions& out) {
    const Notice& notice = item.notice();
    switch (notice.notice_case()) {
        case Notice::kDraining:
            leave_at_ = now + backoff_.spread(notice.draining().within_ms());
            break;
        case Notice::kAccessChanged:
            subscriptions_.remove(notice.access_changed().channel());
            break;
        case Notice::kSignInAgain:
            fail(error_of(Error::CODE_UNAUTHENTICATED, "sign_in_again"), out);
            return;
        case Notice::kClosing:
            last_words_ = notice.closing().error();
            retry_after_ms_ = notice.closing().error().retry_after_ms();
            break;
        case Notice::kReadsOnly:
            break;
        case Notice::NOTICE_NOT_SET:
            return;
    }
    out.emplace_back(Deliver{item});
}

Actions Resume::on_disconnected(Millis now) {
    Actions out;
    if (state_ == State::failed) return out;
    if (last_words_ && is_final(*last_words_)) {
        fail(last_words_, out);
    } else if (!welcomed_ && state_ == State::waiting) {
        fail(std::nullopt, out);
    } else {
        lose(now, out);
    }
    return out;
}

Actions Resume::on_distrusted() {
    Actions out;
    if (state_ == State::waiting) fail(std::nullopt, out);
    return out;
}

void Resume::lose(Millis now, Actions& out) {
    if (state_ == State::live && now - connected_at_ >= good_connection_ms) backoff_.reset();
    state_ = State::waiting;
    requests_.on_disconnected();
    subscriptions_.on_disconnected();
    Millis delay = std::max(backoff_.next(), std::exchange(retry_after_ms_, 0));
    if (leave_at_) delay = std::max<Millis>(0, *std::exchange(leave_at_, std::nullopt) - now);
    ask_at_.reset();
    out.emplace_back(Lost{delay});
    out.emplace_back(ConnectAfter{delay});
}

void Resume::fail(std::optional<Error> refusal, Actions& out) {
    if (state_ == State::greeting || state_ == State::live) out.emplace_back(Disconnect{});
    state_ = State::failed;
    requests_.on_disconnected();
    subscriptions_.on_disconnected();
    out.emplace_back(Failed{std::move(refusal)});
}

Actions Resume::on_time(Millis now) {
    Actions out;
    const bool no_welcome = state_ == State::greeting && now >= connected_at_ + settings_.welcome_within_ms;
    const bool leaving = state_ == State::live && leave_at_ && now >= *leave_at_;
    if (no_welcome || leaving) {
        out.emplace_back(Disconnect{});
        lose(now, out);
    }
    if (ask_at_ && now >= *ask_at_) ask_at_.reset();
    flush(now, out);
    return out;
}

std::optional<Millis> Resume::wake_at(Millis now) const {
    if (state_ == State::greeting) return connected_at_ + settings_.welcome_within_ms;
    if (state_ != State::live) return std::nullopt;
    std::optional<Millis> first = requests_.next_turn(now);
    for (const auto& other : {leave_at_, ask_at_}) {
        if (other && (!first || *other < *first)) first = other;
    }
    return first;
}

void Resume::flush(Millis now, Actions& out) {
    if (state_ != State::live) return;
    std::vector<Request> requests;
    // While one channel waits to be asked for again, those that have a gap wait with it.
    if (!ask_at_) {
        if (auto cursors = subscriptions_.ask(hello_id + subscribes_ + 1); !cursors.empty()) {
            Request& request = requests.emplace_back();
            request.set_id(hello_id + ++subscribes_);
            for (auto& cursor : cursors) *request.mutable_subscribe()->add_cursors() = std::move(cursor);
        }
    }
    for (auto& request : requests_.take(now, now + server_offset_)) {
        if (limits_.frame_bytes() != 0 && request.ByteSizeLong() + frame_overhead > limits_.frame_bytes()) {
            refuse_oversized(std::move(request), out);
        } else {
            requests.push_back(std::move(request));
        }
    }
    send_in_frames(std::move(requests), out);
}

// The server would end the connection over such a frame, and every later one that repeats it.
void Resume::refuse_oversized(Request request, Actions& out) {
    foorumi::v1::Response response;
    response.set_id(request.id());
    *response.mutable_error() = error_of(Error::CODE_INVALID, "request_too_big");
    if (auto answer = requests_.on_response(response, 0)) out.emplace_back(Answered{std::move(*answer)});
}

void Resume::send_in_frames(std::vector<Request> requests, Actions& out) const {
    const std::size_t most = std::max(1U, limits_.requests_per_frame());
    const std::size_t bytes = limits_.frame_bytes() != 0 ? limits_.frame_bytes() : 32 * 1024;
    SendFrame send;
    std::size_t size = 0;
    for (Request& request : requests) {
        const std::size_t added = request.ByteSizeLong() + frame_overhead;
        const bool full = static_cast<std::size_t>(send.frame.requests_size()) >= most || size + added > bytes;
        if (full && send.frame.requests_size() > 0) {
            out.emplace_back(std::exchange(send, {}));
            size = 0;
        }
        size += added;
        *send.frame.add_requests() = std::move(request);
    }
    if (send.frame.requests_size() > 0) out.emplace_back(std::move(send));
}

}  // namespace foorumi::client
