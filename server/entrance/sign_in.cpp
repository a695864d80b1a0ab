// Signing in by name and password, the second factor, signing out.
#include <algorithm>

#include "auth/token.hpp"
#include "entrance/account_name.hpp"
#include "entrance/attempt.hpp"
#include "membership/sanctions.hpp"

namespace foorumi::entrance {
namespace {

using forum::ErrorCode;
using forum::Refusal;

// Says nothing of which part was wrong, nor whether there is such an account.
const Refusal credentials_invalid{ErrorCode::unauthenticated, "credentials_invalid", "", 0};

class SignInAttempt final : public Attempt {
   public:
    using Attempt::Attempt;

   private:
    void run(const Body& body) override {
        const auto name = body.text("name");
        if (name.has_error()) return refuse(name.error());
        auto password = body.secret("password");
        if (password.has_error()) return refuse(password.error());
        forum::Result<void> good;
        device_ = device_of(body, good);
        if (good.has_error()) return refuse(good.error());
        password_ = std::move(*password);
        const auto account = account_name(*name);
        // Who has to come again is told so before Redis is asked for anything.
        if (!reserve() || !admit(account.text)) return;
        home_.refresh_directory();
        // The same reads for every name.
        read({membership::claim_key(nobody(), account.kind, account.text)},
             [this, account](std::vector<v1::DirectoryEntity> found) {
                 known(account, found.front().claim().member());
             });
    }

    void known(const AccountName& account, forum::Id id) {
        // Members of the demo content have a handle that nobody claimed.
        const auto* by_handle = home_.directory().member_by_handle(account.text);
        if (id == 0 && by_handle != nullptr) id = by_handle->id;
        read({membership::secret_key(id)}, [this, id](std::vector<v1::DirectoryEntity> found) {
            secret_ = found.front().secret();
            verify(secret_.password(), std::move(password_),
                   [this, id](auth::Verification verified) { this->verified(id, std::move(verified)); });
        });
    }

    void verified(forum::Id id, auth::Verification verification) {
        home_.refresh_directory();
        const auto* member = home_.directory().member(id);
        told_member_ = member == nullptr ? 0 : id;
        if (!verification.matches || member == nullptr) return refuse(credentials_invalid);
        // With a second factor, who has the password alone goes on being slowed down.
        const bool has_factor = !secret_.totp().empty();
        if (!has_factor) succeeded();
        if (!charge(id)) return;
        if (const auto refusal = membership::shut_out(*member, wall_ms())) return tell_why(*refusal);
        membership::SignIn command;
        command.member = id;
        command.device = device_;
        command.password = secret_.password();
        command.rehashed = std::move(verification.rehashed);
        command.pending = has_factor || membership::needs_second_factor(*member);
        const auto token = auth::make_token();
        command.token = auth::hash_token(token);
        const std::string_view further = !command.pending ? "done" : has_factor ? "code" : "setup";
        commit(std::move(command),
               [this, token, further](const store::Committed&) { answer_signed_in(token, further); });
    }

    // By a directory that is newer than the one here.
    void refused_by_rule(const Refusal& refusal) override {
        if (refusal.code == ErrorCode::forbidden) return tell_why(refusal);
        refuse(refusal);
    }

    // Who has the password learns why they are shut out, until when, and whom to appeal to.
    void tell_why(const Refusal& refusal) {
        read({membership::sanctions_key(told_member_)}, [this, refusal](std::vector<v1::DirectoryEntity> found) {
            const auto& records = found.front().sanctions().records();
            const auto why = std::ranges::find_if(records, [now = wall_ms()](const v1::SanctionRecord& record) {
                return membership::shuts_out_everywhere(record, now);
            });
            refuse(refusal, why == records.end() ? nullptr : &*why);
        });
    }

    auth::Secret password_;
    std::string device_;
    v1::StoredSecret secret_;
};

class SecondFactorAttempt final : public Attempt {
   public:
    using Attempt::Attempt;

   private:
    [[nodiscard]] bool wants_sign_in() const override { return true; }

    void run(const Body& body) override {
        const auto code = body.optional_text("code");
        if (code.has_error()) return refuse(code.error());
        const auto recovery = body.optional_text("recovery");
        if (recovery.has_error()) return refuse(recovery.error());
        if (code->empty() && recovery->empty()) return refuse({ErrorCode::invalid, "field_missing", "code", 0});
        const auto waiting = session(true);
        if (!waiting) return;
        if (!waiting->pending) return refuse({ErrorCode::conflict, "second_factor_done", "", 0});
        device_ = home_.directory().session(waiting->hash)->device;
        // Codes are short: whoever has the password must not try them all.
        if (!admit("code " + std::to_string(waiting->member->id))) return;
        read({membership::secret_key(waiting->member->id)},
             [this, code = *code, recovery = *recovery](std::vector<v1::DirectoryEntity> found) {
                 check(found.front().secret(), code, recovery);
             });
    }

    // The account's tries are over, and its address is known. Nothing is refused any more: the sign-in is made.
    void vouch_for(const std::string& name) {
        const auto tried = desk_.throttle.admit(account_name(name).text, call_.remote_address, now());
        if (tried.has_value()) desk_.throttle.succeeded(*tried, now());
    }

    void check(const v1::StoredSecret& secret, const std::string& code, const std::string& recovery) {
        email_ = secret.email();
        membership::SignIn command;
        if (!code.empty()) {
            const auto step = step_of(code, secret);
            if (!step) return refuse(credentials_invalid);
            command.totp_step = *step;
            command.totp = secret.totp();
        } else {
            const auto hash = recovery_of(recovery, secret);
            if (!hash) return refuse(credentials_invalid);
            command.recovery = *hash;
        }
        command.member = member_;
        command.device = device_;
        command.password = secret.password();
        command.second_factor = true;
        command.replaces = session_hash_;
        const auto token = auth::make_token();
        command.token = auth::hash_token(token);
        commit(std::move(command), [this, token](const store::Committed&) {
            succeeded();
            vouch_for(email_);
            if (const auto* member = home_.directory().member(member_)) vouch_for(member->handle);
            answer_signed_in(token, "done");
        });
    }

    std::string device_;
    std::string email_;
};

class SignOutAttempt final : public Attempt {
   public:
    using Attempt::Attempt;

   private:
    [[nodiscard]] bool wants_sign_in() const override { return true; }

    void run(const Body&) override {
        const auto open = session(true);
        if (!open) return;
        commit(membership::SignOut{open->hash}, [this](const store::Committed&) {
            net::HttpAnswer done;
            done.body = "{}";
            if (call_.browser) done.cookie = net::SetCookie{};
            answer(std::move(done));
        });
    }
};

}  // namespace

std::shared_ptr<Attempt> begin_sign_in(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<SignInAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_second_factor(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<SecondFactorAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_sign_out(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<SignOutAttempt>(desk, home, std::move(call), std::move(done));
}

}  // namespace foorumi::entrance
