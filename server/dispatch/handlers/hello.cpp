#include <optional>
#include <string>
#include <utility>

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
    fill_erasure(out, member);
}

// A Hello on its way: its token is looked at here, or first looked for in the store.
struct Greeting {
    Worker& worker;
    Origin origin;
    std::string token_hash;

    [[nodiscard]] session::Session& session() const { return *origin.anchor->session; }
};

// Without a good Hello there is no conversation.
void refuse_greeting(const Greeting& greeting, const Refusal& refusal) {
    auto& dispatcher = greeting.worker.dispatcher();
    const bool later = refusal.code == ErrorCode::unavailable;
    dispatcher.refuse(greeting.origin, refusal);
    dispatcher.close(greeting.session(), later ? net::CloseCode::try_again_later : net::CloseCode::policy, refusal);
}

void log_greeting(const Greeting& greeting, std::string_view what, forum::Id member = 0) {
    log(Level::info, what,
        {{"request", observability::request_name(greeting.session().id(), greeting.origin.request)},
         {"member", member},
         {"address", greeting.session().remote_address()}});
}

void greet(Greeting greeting) {
    auto& [worker, origin, hash] = greeting;
    auto& session = greeting.session();
    const auto* sign_in = worker.good_session(worker.directory(), hash);
    if (sign_in == nullptr || sign_in->pending) {
        log_greeting(greeting, "hello with a token that is not valid");
        return refuse_greeting(greeting, {ErrorCode::unauthenticated, "token_invalid", "token", 0});
    }
    const auto* member = worker.directory().member(sign_in->member);
    auto place = worker.shared().connections.take(member->id, worker.settings().session.connections_per_member);
    if (!place) {
        log_greeting(greeting, "hello of a member with too many connections", member->id);
        return refuse_greeting(greeting, {ErrorCode::limited, "too_many_own_connections", "", place_retry_ms});
    }
    session.place = std::move(place);
    session.member = member->id;
    session.token_hash = std::move(hash);
    session.member_rate = worker.shared().rates.of(member->id, worker.dispatcher().now_ns());
    worker.note_use(session.token_hash);
    log(Level::debug, "hello", {{"session", session.id()}, {"member", member->id}});
    v1::Response response;
    fill_welcome(*response.mutable_welcome(), worker, session, *member);
    worker.dispatcher().answer(origin, response);
    if (origin.anchor->session != nullptr) worker.dispatcher().tell_whether_reads_only(session);
}

void greet_looked_up(Greeting greeting, const std::optional<Refusal>& refusal) {
    const auto anchor = greeting.origin.anchor;
    if (anchor->session == nullptr || anchor->session->closing()) return;
    auto& dispatcher = greeting.worker.dispatcher();
    greeting.worker.refresh_directory();
    if (refusal) {
        log_greeting(greeting, "hello with a token that cannot be looked up");
        return refuse_greeting(greeting, *refusal);
    }
    greet(std::move(greeting));
    if (anchor->session != nullptr && !anchor->session->closing()) dispatcher.go_on(*anchor->session);
}

// What comes behind this Hello waits for it.
void look_up_greeting(Greeting greeting) {
    auto& shared = greeting.worker.shared();
    auto& session = greeting.session();
    session.hold();
    shared.post_home(forum::directory_channel, [&shared, hash = greeting.token_hash, origin = greeting.origin,
                                                address = std::string(session.remote_address())](Worker& home) {
        home.home().sign_in_lookups().look_up(hash, address,
                                              [&shared, hash, origin](const std::optional<Refusal>& refusal) {
                                                  shared.post(origin.worker, [hash, origin, refusal](Worker& worker) {
                                                      greet_looked_up({worker, origin, hash}, refusal);
                                                  });
                                              });
    });
}

}  // namespace

void handle_hello(const Call& call) {
    auto& [worker, session, request, origin] = call;
    const auto& hello = request.hello();
    if (session.member != 0) return worker.dispatcher().refuse(origin, {ErrorCode::invalid, "hello_twice", "", 0});
    if (hello.language() == "fi" || hello.language() == "sv" || hello.language() == "en")
        session.language = hello.language();
    // A browser's token is in its cookie, where its page's scripts do not get hold of it.
    const auto cookie = session.connection().take_cookie_token();
    const auto& token = hello.token().empty() ? cookie : hello.token();
    Greeting greeting{worker, origin, auth::hash_token(token)};
    if (hello.protocol_min() > protocol_version || hello.protocol_max() < protocol_version)
        return refuse_greeting(greeting, {ErrorCode::invalid, "protocol_unsupported", "protocol_max", 0});
    worker.refresh_directory();
    const bool unknown = !token.empty() && worker.directory().session(greeting.token_hash) == nullptr;
    return unknown ? look_up_greeting(std::move(greeting)) : greet(std::move(greeting));
}

}  // namespace foorumi::dispatch
