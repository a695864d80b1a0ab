#include "entrance/attempt.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/recovery_codes.hpp"
#include "auth/token.hpp"
#include "auth/totp.hpp"
#include "dispatch/failures.hpp"
#include "entrance/answers.hpp"
#include "forum/text.hpp"
#include "observability/logging.hpp"

namespace foorumi::entrance {
namespace {

using forum::ErrorCode;
using forum::Refusal;
using observability::Level;
using observability::log;

// From a thread that hashes back to the worker.
auth::Hasher::Post way_home(dispatch::Worker& home) {
    return [&shared = home.shared(), index = home.index()](std::function<void()> task) {
        shared.post(index, [task = std::move(task)](dispatch::Worker&) { task(); });
    };
}

// Those who were refused together must not all come again at once: that would hold up who posts.
Refusal spread(Refusal refusal) {
    refusal.retry_after_ms += randombytes_uniform(2 * refusal.retry_after_ms + 1);
    return refusal;
}

struct Endpoint {
    std::string_view path;
    Begin begin;
};

constexpr std::array endpoints = std::to_array<Endpoint>({
    {"/auth/sign-in", begin_sign_in},
    {"/auth/second-factor", begin_second_factor},
    {"/auth/sign-out", begin_sign_out},
    {"/auth/invitation", begin_invitation},
    {"/auth/accept", begin_accept},
    {"/auth/password", begin_password},
    {"/auth/totp", begin_totp},
    {"/auth/totp/confirm", begin_totp_confirm},
    {"/auth/totp/remove", begin_totp_remove},
    {"/auth/erase", begin_erase},
});

}  // namespace

Begin find_endpoint(std::string_view path) {
    for (const auto& endpoint : endpoints)
        if (endpoint.path == path) return endpoint.begin;
    return nullptr;
}

void Attempt::start() {
    go_on([this] {
        auto body = Body::parse(call_.body);
        auth::wipe(call_.body);
        if (body.has_error()) return refuse(body.error());
        if (wants_sign_in() && is_unknown_sign_in()) return look_up_sign_in(std::move(*body));
        run(*body);
    });
}

bool Attempt::is_unknown_sign_in() const {
    if (!call_.session_token) return false;
    home_.refresh_directory();
    return home_.directory().session(auth::hash_token(*call_.session_token)) == nullptr;
}

void Attempt::look_up_sign_in(Body body) {
    home_.home().sign_in_lookups().look_up(
        auth::hash_token(*call_.session_token), call_.remote_address,
        [this, keep = shared_from_this(),
         kept = std::make_shared<Body>(std::move(body))](const std::optional<Refusal>& refusal) {
            if (refusal) return refuse(*refusal);
            go_on([&] { run(*kept); });
        });
}

void Attempt::go_on(const std::function<void()>& step) {
    try {
        step();
    } catch (const std::exception& error) {
        spdlog::error("a call of {} failed: {}", call_.path, error.what());
        refuse({ErrorCode::internal, "internal", "", 0});
    }
}

void Attempt::answer(net::HttpAnswer answer) {
    place_.reset();
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(answer));
}

void Attempt::refuse(const Refusal& refusal, const v1::SanctionRecord* sanction) {
    if (done_) desk_.counts.refused.count(refusal.reason);
    // What was typed as a name is not told: people type their password there. Of what nobody has counted there may be
    // any amount.
    if (done_)
        log(attempt_ ? Level::info : Level::debug, "call refused",
            {{"call", call_.path},
             {"reason", refusal.reason},
             {"member", told_member()},
             {"address", call_.remote_address}});
    const auto& shared = home_.shared();
    const auto& language = call_.language.empty() ? shared.settings.language : call_.language;
    answer(refusal_answer(refusal, shared.catalogue, language, sanction));
}

void Attempt::answer_signed_in(const std::string& token, std::string_view further, boost::json::object told) {
    const auto& limits = home_.settings().membership;
    const auto lasts_ms = further == "done" ? limits.session_ms : limits.pending_ms;
    auto& counts = desk_.counts;
    ++(further == "done" ? counts.signed_in : further == "code" ? counts.pending_code : counts.pending_setup);
    log(Level::info, "signed in",
        {{"member", told_member()},
         {"second_factor", further},
         {"address", call_.remote_address},
         {"browser", call_.browser ? "yes" : "no"}});
    told["expires_ms"] = acted_at_ms_ + lasts_ms;
    told["second_factor"] = boost::json::string_view(further.data(), further.size());
    net::HttpAnswer signed_in;
    // A script of the page must not get hold of it.
    if (call_.browser)
        signed_in.cookie = net::SetCookie{token, static_cast<std::uint32_t>(lasts_ms / 1000)};
    else
        told["token"] = token;
    signed_in.body = boost::json::serialize(told);
    answer(std::move(signed_in));
}

void Attempt::read(std::vector<std::string> keys, std::function<void(std::vector<v1::DirectoryEntity>)> then) {
    home_.store().read_entities(
        std::string(forum::directory_channel), std::move(keys),
        [this, keep = shared_from_this(), then = std::move(then)](store::ReadOutcome<store::EntitiesResult> outcome) {
            if (outcome.failure) return refuse(dispatch::refusal_of(*outcome.failure));
            std::vector<v1::DirectoryEntity> entities(outcome.result.entities.size());
            for (std::size_t n = 0; n < entities.size(); ++n)
                if (!entities[n].ParseFromString(outcome.result.entities[n].bytes)) {
                    spdlog::error("directory entity {} cannot be read", outcome.result.entities[n].key);
                    return refuse({ErrorCode::internal, "internal", "", 0});
                }
            go_on([&] { then(std::move(entities)); });
        });
}

bool Attempt::reserve() {
    if (place_) return true;
    auto place = desk_.hasher.reserve();
    if (place.has_error()) {
        if (attempt_ && !settled_) desk_.throttle.abandoned(*attempt_, now());
        refuse(spread(place.error()));
        return false;
    }
    place_ = std::move(*place);
    return true;
}

void Attempt::verify(std::string stored, auth::Secret password, std::function<void(auth::Verification)> then) {
    if (!reserve()) return;
    const auto asked = desk_.hasher.verify_or_dummy(
        std::exchange(place_, nullptr), stored.empty() ? std::nullopt : std::optional(std::move(stored)),
        std::move(password), way_home(home_),
        [this, keep = shared_from_this(), then = std::move(then)](forum::Result<auth::Verification> verified) {
            if (verified.has_error()) return refuse(verified.error());
            go_on([&] { then(std::move(*verified)); });
        });
    if (asked.has_error()) refuse(asked.error());
}

void Attempt::hash(auth::Secret password, std::function<void(std::string)> then) {
    if (!reserve()) return;
    const auto asked =
        desk_.hasher.hash(std::exchange(place_, nullptr), std::move(password), way_home(home_),
                          [this, keep = shared_from_this(), then = std::move(then)](forum::Result<std::string> hashed) {
                              if (hashed.has_error()) return refuse(hashed.error());
                              go_on([&] { then(std::move(*hashed)); });
                          });
    if (asked.has_error()) refuse(asked.error());
}

void Attempt::commit(dispatch::MembershipCommand command, std::function<void(store::Committed)> then) {
    auto job = dispatch::own_job(std::move(command));
    acted_at_ms_ = wall_ms();
    job->now = acted_at_ms_;
    job->member = member_;
    job->token_hash = session_hash_;
    job->pending = pending_;
    job->done = [this, keep = shared_from_this(), then = std::move(then)](const dispatch::ChangeResult& result) {
        if (result.has_error()) return refused_by_rule(result.error());
        then(*result);
    };
    home_.home().change_membership(std::move(job));
}

bool Attempt::admit(std::string_view account) {
    auto admitted = desk_.throttle.admit(account, call_.remote_address, now());
    if (admitted.has_error()) {
        refuse(admitted.error());
        return false;
    }
    attempt_ = *admitted;
    return true;
}

bool Attempt::charge(forum::Id member) {
    constexpr std::uint32_t cost = 50;  // of requests
    const auto& limits = home_.settings().session;
    const auto rate = home_.shared().rates.of(member, home_.dispatcher().now_ns());
    const auto wait = rate->take({limits.member_requests_per_second, limits.member_request_burst},
                                 std::min(cost, limits.member_request_burst), home_.dispatcher().now_ns());
    if (wait > 0) refuse({ErrorCode::limited, "rate_limited", "", wait});
    return wait == 0;
}

std::optional<std::uint64_t> Attempt::step_of(std::string_view code, const v1::StoredSecret& secret) const {
    if (secret.totp().empty()) return std::nullopt;
    const auto seed = desk_.sealer.open({member_, "totp"}, secret.totp());
    if (seed.has_error()) {
        spdlog::error("the second factor of member {} cannot be opened: {}", member_, seed.error().message());
        return std::nullopt;
    }
    return auth::verified_step(seed->text.view(), code, wall_ms(), desk_.options.second_factor.window,
                               secret.totp_step());
}

std::optional<std::string> Attempt::recovery_of(std::string_view typed, const v1::StoredSecret& secret) const {
    auto hash = auth::recovery_code_hash(member_, typed);
    if (!hash || std::ranges::find(secret.recovery(), *hash) == secret.recovery().end()) return std::nullopt;
    return hash;
}

std::optional<Attempt::Session> Attempt::session(bool pending) {
    home_.refresh_directory();
    const auto& directory = home_.directory();
    auto hash = call_.session_token ? auth::hash_token(*call_.session_token) : std::string();
    const auto* found = home_.good_session(directory, hash);
    if (found != nullptr && (pending || !found->pending)) {
        member_ = found->member;
        session_hash_ = hash;
        pending_ = found->pending;
        return Session{std::move(hash), directory.member(member_), pending_};
    }
    refuse({ErrorCode::unauthenticated, "token_invalid", "", 0});
    return std::nullopt;
}

std::string Attempt::device_of(const Body& body, forum::Result<void>& result) const {
    const auto device = body.optional_text("device");
    if (device.has_error()) {
        result = device.error();
        return {};
    }
    // A browser names itself; what it says is cut to what may be kept.
    if (device->empty()) {
        std::string agent = call_.user_agent.substr(0, home_.settings().membership.device_bytes);
        return forum::check_draft_title(agent, agent.size() + 1, "device").has_value() ? agent : std::string();
    }
    const auto limit = home_.settings().membership.device_bytes;
    if (device->size() > limit)
        result = Refusal{ErrorCode::invalid, "device_too_long", "device", 0};
    else
        result = forum::check_title(*device, limit, "device");
    return *device;
}

membership::Actor Attempt::nobody() const {
    const auto& settings = home_.settings();
    return {0, {}, home_.directory(), wall_ms(), settings.membership, settings.installation};
}

}  // namespace foorumi::entrance
