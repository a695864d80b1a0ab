// A member's own password and second factor, and the end of it all. Each call shows the password again: a session that
// was left open is not enough.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/recovery_codes.hpp"
#include "auth/token.hpp"
#include "auth/totp.hpp"
#include "entrance/attempt.hpp"
#include "membership/rules.hpp"

namespace foorumi::entrance {
namespace {

using forum::ErrorCode;
using forum::Refusal;

const Refusal password_wrong{ErrorCode::unauthenticated, "credentials_invalid", "password", 0};

class OwnAttempt : public Attempt {
   public:
    using Attempt::Attempt;

   protected:
    [[nodiscard]] bool wants_sign_in() const override { return true; }

    // Goes on in confirmed(), the password being right. With `pending`, also in a sign-in that waits for its second
    // factor to be set up; where there is one already, that one is asked for first.
    void confirm(const Body& body, bool pending) {
        auto password = body.secret("password");
        if (password.has_error()) return refuse(password.error());
        const auto own = session(pending);
        if (!own) return;
        if (!charge(own->member->id) || !admit("member " + std::to_string(own->member->id))) return;
        handle_ = own->member->handle;
        name_ = own->member->name;
        auto shown = std::make_shared<auth::Secret>(std::move(*password));
        read({membership::secret_key(own->member->id)}, [this, shown](std::vector<v1::DirectoryEntity> found) {
            secret_ = found.front().secret();
            if (pending_ && !secret_.totp().empty())
                return refuse({ErrorCode::unauthenticated, "token_invalid", "", 0});
            verify(secret_.password(), std::move(*shown), [this](const auth::Verification& verification) {
                if (!verification.matches) return refuse(password_wrong);
                succeeded();
                confirmed();
            });
        });
    }
    virtual void confirmed() = 0;

    // Where there is a second factor, it is shown once more. Nothing: refused.
    std::optional<membership::ShownFactor> shown_factor(const std::string& current) {
        membership::ShownFactor shown;
        if (secret_.totp().empty()) return shown;
        if (current.empty()) {
            refuse({ErrorCode::unauthenticated, "credentials_invalid", "current", 0});
            return std::nullopt;
        }
        if (!admit("code " + std::to_string(member_))) return std::nullopt;
        const auto step = step_of(current, secret_);
        const auto recovery = step ? std::nullopt : recovery_of(current, secret_);
        if (!step && !recovery) {
            refuse({ErrorCode::unauthenticated, "credentials_invalid", "current", 0});
            return std::nullopt;
        }
        succeeded();
        shown.totp_step = step.value_or(0);
        shown.totp = secret_.totp();
        shown.recovery = recovery.value_or("");
        return shown;
    }

    void answer_empty() {
        net::HttpAnswer done;
        done.body = "{}";
        answer(std::move(done));
    }

    v1::StoredSecret secret_;
    std::string handle_;
    std::string name_;
};

class PasswordAttempt final : public OwnAttempt {
   public:
    using OwnAttempt::OwnAttempt;

   private:
    void run(const Body& body) override {
        auto next = body.secret("new_password");
        if (next.has_error()) return refuse(next.error());
        next_ = std::move(*next);
        confirm(body, false);
    }

    void confirmed() override {
        const auto checked = desk_.rules.check(next_.view(), {handle_, secret_.email(), name_});
        if (checked.has_error()) {
            auto refusal = checked.error();
            refusal.field = "new_password";
            return refuse(refusal);
        }
        hash(std::move(next_), [this](std::string hashed) {
            commit(membership::ChangePassword{secret_.password(), std::move(hashed)},
                   [this](const store::Committed&) { answer_empty(); });
        });
    }

    auth::Secret next_;
};

// Makes a seed for the member's app. Nothing is stored: the sealed seed comes back with the code that confirms it.
class TotpAttempt final : public OwnAttempt {
   public:
    using OwnAttempt::OwnAttempt;

   private:
    void run(const Body& body) override { confirm(body, true); }

    void confirmed() override {
        auto seed = auth::make_totp_seed();
        net::HttpAnswer made;
        made.body = boost::json::serialize(
            boost::json::object{{"secret", auth::base32(seed)},
                                {"uri", auth::otpauth_uri(desk_.options.second_factor.issuer, handle_, seed)},
                                {"sealed", desk_.sealer.seal({member_, "totp"}, seed)}});
        auth::wipe(seed);
        answer(std::move(made));
    }
};

class ConfirmTotpAttempt final : public OwnAttempt {
   public:
    using OwnAttempt::OwnAttempt;

   private:
    void run(const Body& body) override {
        const auto sealed = body.text("sealed");
        if (sealed.has_error()) return refuse(sealed.error());
        const auto code = body.text("code");
        if (code.has_error()) return refuse(code.error());
        const auto current = body.optional_text("current");
        if (current.has_error()) return refuse(current.error());
        sealed_ = *sealed;
        code_ = *code;
        current_ = *current;
        confirm(body, true);
    }

    void confirmed() override {
        if (!shown_factor(current_)) return;
        const auto seed = desk_.sealer.open({member_, "totp"}, sealed_);
        if (seed.has_error()) return refuse({ErrorCode::invalid, "seed_invalid", "sealed", 0});
        const auto step =
            auth::verified_step(seed->text.view(), code_, wall_ms(), desk_.options.second_factor.window, std::nullopt);
        if (!step) return refuse({ErrorCode::invalid, "code_invalid", "code", 0});
        const auto codes = auth::make_recovery_codes(desk_.options.second_factor.recovery_codes);
        membership::SetSecondFactor command;
        command.verified = secret_.password();
        command.shown = secret_.totp();
        command.totp = sealed_;
        command.totp_step = *step;
        for (const auto& made : codes) command.recovery.push_back(*auth::recovery_code_hash(member_, made));
        boost::json::object told{{"recovery", boost::json::array(codes.begin(), codes.end())}};
        if (!pending_) {
            return commit(std::move(command), [this, told](const store::Committed&) {
                net::HttpAnswer set;
                set.body = boost::json::serialize(told);
                answer(std::move(set));
            });
        }
        const auto token = auth::make_token();
        command.token = auth::hash_token(token);
        commit(std::move(command),
               [this, told, token](const store::Committed&) { answer_signed_in(token, "done", told); });
    }

    std::string sealed_;
    std::string code_;
    std::string current_;
};

// Goes on in shown(), with what was shown of the second factor.
class ShownAttempt : public OwnAttempt {
   public:
    using OwnAttempt::OwnAttempt;

   protected:
    virtual void shown(membership::ShownFactor factor) = 0;

   private:
    void run(const Body& body) override {
        const auto current = body.optional_text("current");
        if (current.has_error()) return refuse(current.error());
        current_ = *current;
        confirm(body, false);
    }

    void confirmed() override {
        if (auto factor = shown_factor(current_)) shown(std::move(*factor));
    }

    std::string current_;
};

class RemoveTotpAttempt final : public ShownAttempt {
   public:
    using ShownAttempt::ShownAttempt;

   private:
    void shown(membership::ShownFactor /*factor*/) override {
        membership::SetSecondFactor command;
        command.verified = secret_.password();
        command.shown = secret_.totp();
        commit(std::move(command), [this](const store::Committed&) { answer_empty(); });
    }
};

// The wish to be erased. An administrator's session may ask for others; for oneself, the password is shown.
class EraseAttempt final : public ShownAttempt {
   public:
    using ShownAttempt::ShownAttempt;

   private:
    void shown(membership::ShownFactor factor) override {
        commit(membership::EraseMember{member_, {}, secret_.password(), std::move(factor)},
               [this](const store::Committed&) {
                   home_.refresh_directory();
                   const auto* member = home_.directory().member(member_);
                   net::HttpAnswer noted;
                   // Without a time of grace it may have been done by now.
                   noted.body = boost::json::serialize(boost::json::object{
                       {"erase_at_ms", member == nullptr ? wall_ms() : member->erase_at},
                   });
                   answer(std::move(noted));
               });
    }
};

}  // namespace

std::shared_ptr<Attempt> begin_password(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<PasswordAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_totp(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<TotpAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_totp_confirm(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<ConfirmTotpAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_erase(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<EraseAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_totp_remove(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<RemoveTotpAttempt>(desk, home, std::move(call), std::move(done));
}

}  // namespace foorumi::entrance
