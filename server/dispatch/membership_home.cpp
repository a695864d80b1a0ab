// Home's part for acts of membership: deciding on the directory's channel, fencing what takes away.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "codec/effects_codec.hpp"
#include "dispatch/audit.hpp"
#include "dispatch/directory_marks.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/home.hpp"
#include "dispatch/membership_job.hpp"
#include "dispatch/worker.hpp"
#include "observability/logging.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// A directory in memory that is behind what the store tells is asked again after this.
constexpr std::chrono::milliseconds behind_retry{20};

class StoredView final : public membership::View {
   public:
    explicit StoredView(const store::View& view) : view_(view) {}
    [[nodiscard]] std::string_view at(std::string_view key) const override { return view_.at(key).bytes; }
    [[nodiscard]] bool has(std::string_view key) const override { return view_.has(key); }

   private:
    const store::View& view_;
};

bool may_act(const directory::Snapshot& directory, const MembershipJob& job, const Worker& worker) {
    if (job.token_hash.empty()) return job.member == 0 || directory.member(job.member) != nullptr;
    const auto* session = worker.good_session(directory, job.token_hash);
    return session != nullptr && session->member == job.member && (job.pending || !session->pending);
}

// Whom the act is about; 0: nobody that it names.
forum::Id target_of(const MembershipCommand& command) {
    return std::visit(
        [](const auto& act) -> forum::Id {
            if constexpr (requires { act.member; }) return act.member;
            return 0;
        },
        command);
}

// What members do to members stands in the log; what only time does, at debug level.
void tell(const MembershipJob& job, std::string_view refused) {
    const bool by_time = std::holds_alternative<membership::TouchSessions>(job.command) ||
                         std::holds_alternative<membership::ExpireAll>(job.command);
    observability::log(
        by_time ? observability::Level::debug : observability::Level::info,
        refused.empty() ? "act of membership" : "act of membership refused",
        {{"act", name_of(job.command)}, {"by", job.member}, {"member", target_of(job.command)}, {"reason", refused}});
}

// What one try has found, besides what it commits.
struct Tried {
    Refusal refusal;
    bool behind = false;
    bool takes_away = false;
};

}  // namespace

class Home::MembershipTry {
   public:
    MembershipTry(Worker& worker, const MembershipJob& job) : worker_(worker), job_(job) {}

    // Reads nothing where it is refused outright.
    forum::Result<std::vector<std::string>> needs() const { return needs_on(*worker_.shared().directory.current()); }

    // Where needs() has refused: once more, on the directory of now, whose version the store looks at. Where that one
    // does not refuse, everything begins anew.
    std::optional<store::Commit> refuse_outright(store::Version& directory_version, Tried& tried) const {
        const auto directory = worker_.shared().directory.current();
        directory_version = directory->version();
        const auto needs = needs_on(*directory);
        tried.behind = needs.has_value();
        return refuse(tried, needs.has_error() ? needs.error() : Refusal{});
    }

    std::optional<store::Commit> decide(const store::View& view, const std::vector<std::string>& needs,
                                        store::Version& directory_version, Tried& tried) const {
        const auto directory = worker_.shared().directory.current();
        directory_version = directory->version();
        tried.behind = view.at(membership::fence_key).version > directory->fence();
        if (tried.behind) return std::nullopt;
        if (!allowed(*directory)) return refuse(tried, token_invalid());
        const auto actor = actor_on(*directory);
        auto decided = std::visit(
            [&](const auto& command) { return membership::decide(actor, command, StoredView(view)); }, job_.command);
        if (decided.has_error()) return refuse(tried, decided.error());
        tried.takes_away = decided->takes_away;
        auto commit = commit_of(*decided, needs, view);
        if (!commit.puts.empty())
            commit.audit = audit_record(job_.command, job_.member, job_.now, decided->sanction, decided->filter);
        return commit;
    }

   private:
    [[nodiscard]] forum::Result<std::vector<std::string>> needs_on(const directory::Snapshot& directory) const {
        if (!allowed(directory)) return token_invalid();
        const auto actor = actor_on(directory);
        auto keys = std::visit([&](const auto& command) { return membership::needs(actor, command); }, job_.command);
        if (keys.has_value()) keys->emplace_back(membership::fence_key);
        return keys;
    }

    static Refusal token_invalid() { return {ErrorCode::unauthenticated, "token_invalid", "", 0}; }
    static std::optional<store::Commit> refuse(Tried& tried, Refusal refusal) {
        tried.refusal = std::move(refusal);
        return std::nullopt;
    }

    [[nodiscard]] bool allowed(const directory::Snapshot& directory) const { return may_act(directory, job_, worker_); }
    [[nodiscard]] membership::Actor actor_on(const directory::Snapshot& directory) const {
        const auto& settings = worker_.settings();
        return {job_.member, job_.token_hash, directory, job_.now, settings.membership, settings.installation};
    }

    static store::Commit commit_of(const membership::Decision& decision, const std::vector<std::string>& needs,
                                   const store::View& view) {
        store::Commit commit;
        for (const auto& key : needs) commit.expectations.push_back({key, view.at(key).version});
        for (const auto& put : decision.puts) {
            // Nobody needs to know that there was such a thing.
            const bool emptied = put.value.empty() && put.self_field.empty();
            commit.puts.push_back({put.key, put.value, put.self_field, emptied});
        }
        put_marks(commit.puts, decision.takes_away && !decision.puts.empty());
        if (!decision.effects.empty()) commit.effects = codec::encode_effects(decision.effects);
        return commit;
    }

    Worker& worker_;
    const MembershipJob& job_;
};

void Home::change_membership(std::shared_ptr<MembershipJob> job) {
    if (job->now == 0) job->now = worker_.shared().clock.wall_ms();
    job->deadline = worker_.shared().clock.steady() + worker_.settings().change_deadline;
    try_membership(std::move(job));
}

void Home::try_membership(std::shared_ptr<MembershipJob> job) {
    auto needs = MembershipTry(worker_, *job).needs();
    store::ChangeRequest request;
    request.channel = forum::directory_channel;
    request.author = job->member;
    request.change_id = job->change_id;
    request.fingerprint = job->fingerprint;
    request.made_at_ms = job->made_at_ms;
    if (needs.has_value()) request.needs = *needs;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(job->deadline - worker_.shared().clock.steady());
    request.deadline = std::max(left, std::chrono::milliseconds(1));
    auto tried = std::make_shared<Tried>();
    worker_.store().change(
        std::move(request),
        [this, job, needs = std::move(needs), tried](
            const store::View& view, store::Version& directory_version) -> std::optional<store::Commit> {
            try {
                const MembershipTry attempt(worker_, *job);
                // Behind a look for the change id: what was done keeps its answer.
                if (needs.has_error()) return attempt.refuse_outright(directory_version, *tried);
                return attempt.decide(view, *needs, directory_version, *tried);
            } catch (const std::exception& error) {
                spdlog::error("deciding an act of membership: {}", error.what());
                tried->refusal = Refusal{ErrorCode::internal, "internal", "", 0};
            }
            return std::nullopt;
        },
        [this, job, tried](store::ChangeOutcome outcome) {
            if (!outcome.failure) return membership_committed(job, outcome.committed, tried->takes_away);
            if (*outcome.failure != store::Failure::refused) return job->answer(refusal_of(*outcome.failure));
            if (!tried->behind) {
                tell(*job, tried->refusal.reason);
                return job->answer(tried->refusal);
            }
            if (worker_.shared().clock.steady() + behind_retry >= job->deadline)
                return job->answer(refusal_of(store::Failure::contended));
            worker_.after(behind_retry, [this, job] { try_membership(job); });
        });
}

// What took away is done when no node can act, or deliver, on what was before. Of a repeated change it is not known
// whether it did.
void Home::membership_committed(const std::shared_ptr<MembershipJob>& job, const store::Committed& committed,
                                bool took_away) {
    if (!committed.repeated) tell(*job, {});
    if (!took_away && !committed.repeated) return job->answer(committed);
    fence_all(committed.version, [job, committed](bool stands) {
        stands ? job->answer(committed) : job->answer(refusal_of(store::Failure::outcome_unknown));
    });
}

}  // namespace foorumi::dispatch
