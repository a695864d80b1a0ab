#include "auth/token.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "observability/logging.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;
using observability::Level;
using observability::log;

constexpr std::uint32_t protocol_version = 1;
// A connection that is gone without a word holds its place until the idle timeout.
constexpr std::uint32_t place_retry_ms = 10'000;

void fill_limits(v1::Limits& out, const Settings& settings) {
    out.set_frame_bytes(static_cast<std::uint32_t>(settings.frame_bytes));
    out.set_requests_per_frame(settings.session.requests_per_frame);
    out.set_text_bytes(static_cast<std::uint32_t>(settings.content.text_bytes));
    out.set_title_bytes(static_cast<std::uint32_t>(settings.content.title_bytes));
    out.set_subscriptions(settings.session.subscriptions);
    out.set_page(settings.session.page);
    out.set_requests_per_second(settings.session.requests_per_second);
    out.set_change_id_hours(settings.change_id_hours);
}

void fill_welcome(v1::Welcome& out, Worker& worker, const session::Session& session, const forum::MemberCard& member) {
    const auto& settings = worker.settings();
    out.set_protocol(protocol_version);
    out.set_server(settings.server);
    out.set_now_ms(worker.shared().clock.wall_ms());
    out.set_ping_interval_ms(settings.ping_interval_ms);
    fill_limits(*out.mutable_limits(), settings);
    fill_member(*out.mutable_self(), member, worker.directory(), session.language);
}

// Without a good Hello there is no conversation.
void end(const Call& call, const Refusal& refusal) {
    auto& dispatcher = call.worker.dispatcher();
    dispatcher.refuse(call.origin, refusal);
    dispatcher.close(call.session, net::CloseCode::policy, refusal);
}

}  // namespace

void handle_hello(const Call& call) {
    auto& [worker, session, request, origin] = call;
    auto& dispatcher = worker.dispatcher();
    const auto& hello = request.hello();
    if (session.member != 0) return dispatcher.refuse(origin, {ErrorCode::invalid, "hello_twice", "", 0});
    if (hello.language() == "fi" || hello.language() == "sv" || hello.language() == "en")
        session.language = hello.language();
    if (hello.protocol_min() > protocol_version || hello.protocol_max() < protocol_version)
        return end(call, {ErrorCode::invalid, "protocol_unsupported", "protocol_max", 0});
    worker.refresh_directory();
    // A browser's token is in its cookie, where its page's scripts do not get hold of it.
    const auto cookie = session.connection().take_cookie_token();
    auto hash = auth::hash_token(hello.token().empty() ? cookie : hello.token());
    const auto* sign_in = worker.good_session(worker.directory(), hash);
    if (sign_in == nullptr || sign_in->pending) {
        log(Level::info, "hello with a token that is not valid",
            {{"request", observability::request_name(session.id(), origin.request)},
             {"address", session.remote_address()}});
        return end(call, {ErrorCode::unauthenticated, "token_invalid", "token", 0});
    }
    const auto* member = worker.directory().member(sign_in->member);
    auto place = worker.shared().connections.take(member->id, worker.settings().session.connections_per_member);
    if (!place) {
        log(Level::info, "hello of a member with too many connections",
            {{"request", observability::request_name(session.id(), origin.request)},
             {"member", member->id},
             {"address", session.remote_address()}});
        return end(call, {ErrorCode::limited, "too_many_own_connections", "", place_retry_ms});
    }
    session.place = std::move(place);
    session.member = member->id;
    session.token_hash = std::move(hash);
    session.member_rate = worker.shared().rates.of(member->id, worker.dispatcher().now_ns());
    worker.note_use(session.token_hash);
    log(Level::debug, "hello", {{"session", session.id()}, {"member", member->id}});
    v1::Response response;
    fill_welcome(*response.mutable_welcome(), worker, session, *member);
    dispatcher.answer(origin, response);
}

}  // namespace foorumi::dispatch
