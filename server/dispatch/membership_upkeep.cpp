#include "dispatch/membership_upkeep.hpp"

#include <spdlog/spdlog.h>

#include "dispatch/worker.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::chrono::seconds expiry_interval{60};
constexpr std::chrono::seconds notes_interval{5};
constexpr std::size_t expiry_batch = 200;
constexpr std::size_t notes_batch = 200;

membership::Actor operator_on(Worker& worker, const directory::Snapshot& directory) {
    const auto& settings = worker.settings();
    return {0, {}, directory, worker.shared().clock.wall_ms(), settings.membership, settings.installation};
}

}  // namespace

void MembershipUpkeep::note_use(const std::string& token_hash) {
    if (used_.size() < most_uses) used_.insert(token_hash);
}

void MembershipUpkeep::tick(std::chrono::steady_clock::time_point now) {
    turn_terms();
    if (now >= next_expiry_) {
        next_expiry_ = now + expiry_interval;
        expire();
        forget_sanctions();
    }
    if (now >= next_notes_) {
        next_notes_ = now + notes_interval;
        note_uses();
    }
}

void MembershipUpkeep::turn_terms() {
    const auto directory = worker_.shared().directory.current();
    const auto actor = operator_on(worker_, *directory);
    membership::TurnTerms command{membership::terms_to_turn(actor)};
    if (!command.terms.empty()) begin(std::move(command), turning_);
}

void MembershipUpkeep::expire() {
    const auto directory = worker_.shared().directory.current();
    const auto actor = operator_on(worker_, *directory);
    membership::ExpireAll command{membership::expired_keys(actor, expiry_batch)};
    if (command.keys.empty()) return;
    if (command.keys.size() == expiry_batch) next_expiry_ = {};  // there may be more
    begin(std::move(command), expiring_);
}

void MembershipUpkeep::forget_sanctions() {
    const auto directory = worker_.shared().directory.current();
    const auto actor = operator_on(worker_, *directory);
    membership::ForgetSanctions command{membership::sanctions_to_forget(actor, expiry_batch)};
    if (!command.members.empty()) begin(std::move(command), forgetting_);
}

void MembershipUpkeep::note_uses() {
    if (noting_ || used_.empty()) return;
    membership::TouchSessions command;
    while (!used_.empty() && command.tokens.size() < notes_batch)
        command.tokens.push_back(std::move(used_.extract(used_.begin()).value()));
    if (!used_.empty()) next_notes_ = {};
    begin(std::move(command), noting_);
}

void MembershipUpkeep::begin(MembershipCommand command, bool& under_way) {
    if (std::exchange(under_way, true)) return;
    auto job = own_job(std::move(command));
    job->done = [&under_way](const ChangeResult& result) {
        under_way = false;
        if (result.has_error()) spdlog::warn("upkeep of the directory is put off: {}", result.error().reason);
    };
    change_(std::move(job));
}

}  // namespace foorumi::dispatch
