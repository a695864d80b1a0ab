#include "dispatch/dispatcher.hpp"

#include <google/protobuf/arena.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/crash_points.hpp"
#include "base/mutants.hpp"
#include "codec/frame_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/command_table.hpp"
#include "dispatch/worker.hpp"
#include "observability/logging.hpp"

namespace foorumi::dispatch {

using forum::ErrorCode;
using forum::Refusal;
using observability::Level;
using observability::log;

namespace {

// An expired sign-in can act no more at once; its connection ends within this.
constexpr std::chrono::seconds sessions_interval{10};

std::string_view word_of(net::EndReason reason) {
    switch (reason) {
        case net::EndReason::peer_closed:
            return "peer closed";
        case net::EndReason::closed_by_us:
            return "closed by us";
        case net::EndReason::idle_timeout:
            return "idle timeout";
        case net::EndReason::handshake_timeout:
            return "handshake timeout";
        case net::EndReason::frame_too_big:
            return "frame too big";
        case net::EndReason::error:
            return "error";
    }
    return "error";
}

// As the reasons of refusals are written.
std::string label_of(net::EndReason reason) {
    std::string label(word_of(reason));
    std::ranges::replace(label, ' ', '_');
    return label;
}

}  // namespace

Dispatcher::Dispatcher(Worker& worker) : worker_(worker), counts_(worker.shared().catalogue) {}

std::unique_ptr<net::ConnectionHandler> Dispatcher::open_session(net::Connection& connection) {
    // Unique in the process: each worker counts numbers of its own.
    const auto id = next_session_++ * worker_.settings().workers + worker_.index() + 1;
    auto session = std::make_unique<session::Session>(connection, *this, id);
    session->language = worker_.settings().language;
    session->opened = worker_.shared().clock.steady();
    session->set_waiting_limit(worker_.settings().outbox_bytes);
    sessions_[id] = session.get();
    log(Level::debug, "session opened", {{"session", id}, {"address", connection.remote_address()}});
    return session;
}

void Dispatcher::frame(session::Session& session, std::string_view bytes) {
    if (session.closing()) return;
    auto requests = codec::split_client_frame(bytes, worker_.settings().session.requests_per_frame);
    if (requests.has_error()) {
        if (requests.error().code == ErrorCode::malformed)
            return close(session, net::CloseCode::invalid_payload, requests.error());
        return refuse_frame(session, requests.error());
    }
    if (requests->empty() && charge(session, 1) > 0) return;  // nothing was asked, so nothing is answered
    // A request may end the session, and with it what `session` refers to lives on only until the frame is done.
    const auto anchor = session.anchor();
    for (auto request_bytes : *requests) {
        if (anchor->session == nullptr || session.closing()) return;
        if (session.holding())
            session.keep(request_bytes);
        else
            request(session, request_bytes);
    }
}

void Dispatcher::go_on(session::Session& session) {
    const auto anchor = session.anchor();
    for (const auto& held : session.release()) {
        if (anchor->session == nullptr || session.closing()) return;
        request(session, held);
    }
    if (anchor->session != nullptr) session.read_on();
}

// A whole frame that is not done: one answer, without a request's id.
void Dispatcher::refuse_frame(session::Session& session, const Refusal& refusal) {
    session.request_started(worker_.settings().session.in_flight);
    const auto wait = charge(session, 1);
    refuse({worker_.index(), session.anchor(), 0},
           wait > 0 ? Refusal{ErrorCode::limited, "rate_limited", "", wait} : refusal);
}

void Dispatcher::request(session::Session& session, std::string_view bytes) {
    // Most requests fit: no allocation for them.
    alignas(std::max_align_t) std::array<char, 4096> first_block;
    google::protobuf::ArenaOptions in_place;
    in_place.initial_block = first_block.data();
    in_place.initial_block_size = first_block.size();
    google::protobuf::Arena arena(in_place);
    const auto decoded = codec::decode_request(bytes, arena);
    FOORUMI_CRASH_POINT(request_decoded);
    const auto& settings = worker_.settings();
    const Origin origin{worker_.index(), session.anchor(), decoded.id};
    session.request_started(settings.session.in_flight);
    const auto* row = decoded.request.has_value() ? find_command((*decoded.request)->command_case()) : nullptr;
    count_request(row);
    const auto cost = row != nullptr ? cost_of(*row, **decoded.request, settings.session) : 1;
    if (const auto wait = charge(session, cost); wait > 0)
        return refuse(origin, {ErrorCode::limited, "rate_limited", "", wait});
    if (decoded.request.has_error()) return bad_request(session, origin, decoded.request.error());
    if (row == nullptr) return refuse(origin, {ErrorCode::unknown_request, "request_unknown", "", 0});
    if (row->needs == Needs::hello && session.member == 0)
        return refuse(origin, {ErrorCode::unauthenticated, "hello_required", "", 0});
    const v1::Request& request = **decoded.request;
    const auto name = [&] { return observability::request_name(session.id(), decoded.id); };
    if (spdlog::should_log(spdlog::level::debug))
        log(Level::debug, "request", {{"request", name()}, {"command", row->name}});
    try {
        row->handle({worker_, session, request, origin});
    } catch (const std::exception& error) {
        log(Level::error, "request failed", {{"request", name()}, {"command", row->name}, {"error", error.what()}});
        refuse(origin, {ErrorCode::internal, "internal", "", 0});
    }
}

void Dispatcher::bad_request(session::Session& session, const Origin& origin, const Refusal& refusal) {
    refuse(origin, refusal);
    if (refusal.code == ErrorCode::malformed && ++session.bad_requests >= worker_.settings().session.bad_requests)
        close(session, net::CloseCode::policy, {ErrorCode::limited, "too_many_bad_requests", "", 0});
}

std::uint32_t Dispatcher::charge(session::Session& session, std::uint32_t cost) {
    const auto& limits = worker_.settings().session;
    const auto now = now_ns();
    // What costs more than a burst needs a whole one: it must not be refused for ever.
    auto wait = session::take(session.own_arrival, {limits.requests_per_second, limits.request_burst},
                              std::min(cost, limits.request_burst), now);
    if (wait == 0 && session.member_rate)
        wait = session.member_rate->take({limits.member_requests_per_second, limits.member_request_burst},
                                         std::min(cost, limits.member_request_burst), now);
    session.limited_in_a_row = wait == 0 ? 0 : session.limited_in_a_row + 1;
    if (session.limited_in_a_row >= limits.limited_requests)
        close(session, net::CloseCode::policy, {ErrorCode::limited, "rate_limited", "", wait});
    return wait;
}

std::int64_t Dispatcher::now_ns() const {
    const auto now = worker_.shared().clock.steady().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

void Dispatcher::text_frame(session::Session& session) {
    close(session, net::CloseCode::unsupported_data, {ErrorCode::malformed, "text_frame", "", 0});
}

void Dispatcher::frame_too_big(session::Session& session) {
    close(session, net::CloseCode::too_big, {ErrorCode::limited, "frame_too_big", "", 0});
}

void Dispatcher::overflow(session::Session& session) {
    log(Level::info, "session reads too slowly and is ended", {{"session", session.id()}});
    close(session, net::CloseCode::policy, {ErrorCode::limited, "slow_reader", "", 0});
}

void Dispatcher::ended(session::Session& session, net::EndReason reason) {
    std::vector<std::string> channels;
    for (const auto& [channel, subscription] : session.subscriptions) channels.push_back(channel);
    for (const auto& channel : channels) unsubscribe(session, channel);
    sessions_.erase(session.id());
    count_end(session, label_of(reason));
    log(Level::debug, "session ended", {{"session", session.id()}, {"reason", word_of(reason)}});
}

void Dispatcher::answer(const Origin& origin, v1::Response& response) {
    if (origin.anchor->session == nullptr) return;
    response.set_id(origin.request);
    v1::Item item;
    *item.mutable_response() = std::move(response);
    answer(origin, encode_ref(item));
}

void Dispatcher::answer(const Origin& origin, ItemRef response) {
    auto* session = origin.anchor->session;
    if (session == nullptr) return;
    session->request_finished(worker_.settings().session.in_flight);
    session->send(std::move(response));
}

void Dispatcher::refuse(const Origin& origin, const Refusal& refusal) {
    auto* session = origin.anchor->session;
    if (session == nullptr) return;
    count_refusal(refusal);
    v1::Response response;
    fill_error(*response.mutable_error(), refusal, worker_.shared().catalogue, session->language);
    answer(origin, response);
}

void Dispatcher::close(session::Session& session, net::CloseCode code, const Refusal& refusal) {
    v1::Item item;
    fill_error(*item.mutable_notice()->mutable_closing()->mutable_error(), refusal, worker_.shared().catalogue,
               session.language);
    count_end(session, refusal.reason);
    session.close(code, refusal.reason, encode_ref(item));
}

void Dispatcher::unsubscribe(session::Session& session, const std::string& channel) {
    auto found = session.subscriptions.find(channel);
    if (found == session.subscriptions.end()) return;
    const auto subscription = std::move(found->second);
    session.subscriptions.erase(found);
    if (!subscription->registered) return;  // its opening, when it comes, finds nobody and leaves again
    worker_.topics().remove(channel, *subscription);
    worker_.shared().post_home(channel, [channel = channel, worker = worker_.index(), member = session.member](
                                            Worker& home) { home.home().leave(channel, worker, member); });
}

void Dispatcher::revalidate() {
    const auto& directory = worker_.directory();
    const auto now = worker_.shared().clock.wall_ms();
    std::vector<session::Session*> sessions;
    for (const auto& [id, session] : sessions_)
        if (session->member != 0 && !session->closing()) sessions.push_back(session);
    for (auto* session : sessions) {
        const auto* member = directory.member(session->member);
        if (member == nullptr || directory.member_by_token(session->token_hash) != member) {
            if (FOORUMI_MUTANT(revocation_keeps) && member != nullptr) continue;
            sign_in_again(*session);
            continue;
        }
        std::vector<std::string> lost;
        if (FOORUMI_MUTANT(narrowing_keeps)) continue;
        for (const auto& [channel, subscription] : session->subscriptions)
            if (!forum::may_read(directory, *member, *forum::parse_channel(channel), now)) lost.push_back(channel);
        for (const auto& channel : lost) {
            unsubscribe(*session, channel);
            v1::Item item;
            item.mutable_notice()->mutable_access_changed()->set_channel(channel);
            session->send(encode_ref(item));
        }
    }
}

void Dispatcher::missed(const std::string& channel) {
    std::vector<session::Session*> subscribed;
    for (const auto& [id, session] : sessions_)
        if (session->subscriptions.contains(channel)) subscribed.push_back(session);
    for (auto* session : subscribed)
        close(*session, net::CloseCode::try_again_later, {ErrorCode::unavailable, "changes_missed", "", 1'000});
}

void Dispatcher::tick() {
    const auto timeout = std::chrono::milliseconds(worker_.settings().session.hello_timeout_ms);
    const auto now = worker_.shared().clock.steady();
    std::vector<session::Session*> late;
    for (const auto& [id, session] : sessions_)
        if (session->member == 0 && !session->closing() && now - session->opened > timeout) late.push_back(session);
    for (auto* session : late)
        close(*session, net::CloseCode::policy, {ErrorCode::unauthenticated, "hello_required", "", 0});
    if (now < next_look_) return;
    next_look_ = now + sessions_interval;
    look_at_sign_ins();
}

// Those that have expired end; of the others it is noted that they are in use.
void Dispatcher::look_at_sign_ins() {
    std::vector<session::Session*> expired;
    for (const auto& [id, session] : sessions_) {
        if (session->member == 0 || session->closing()) continue;
        if (worker_.good_session(worker_.directory(), session->token_hash) != nullptr)
            worker_.note_use(session->token_hash);
        else
            expired.push_back(session);
    }
    for (auto* session : expired) sign_in_again(*session);
}

void Dispatcher::sign_in_again(session::Session& session) {
    v1::Item item;
    item.mutable_notice()->mutable_sign_in_again();
    count_end(session, "sign_in_again");
    session.close(net::CloseCode::policy, "sign_in_again", encode_ref(item));
}

}  // namespace foorumi::dispatch
