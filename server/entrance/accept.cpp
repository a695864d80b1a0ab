// Invitations, and links for a new password: what they are for, and accepting one.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/token.hpp"
#include "directory/codec.hpp"
#include "entrance/attempt.hpp"
#include "membership/rules.hpp"

namespace foorumi::entrance {
namespace {

using forum::ErrorCode;
using forum::Refusal;

const Refusal no_invitation{ErrorCode::not_found, "invitation_not_found", "invitation", 0};

// What both calls begin with: the invitation that the body's token opens.
class InvitationAttempt : public Attempt {
   public:
    using Attempt::Attempt;

   protected:
    void open(const Body& body) {
        const auto token = body.text("invitation");
        if (token.has_error()) return refuse(token.error());
        hash_ = auth::hash_token(*token);
        // Nobody guesses 256 bits; what is slowed down is asking for nothing but work.
        if (!admit("invitation " + hash_)) return;
        read({membership::invitation_key(hash_)}, [this](std::vector<v1::DirectoryEntity> found) {
            home_.refresh_directory();
            if (!found.front().has_invitation() || !membership::is_meant(nobody(), found.front().invitation()))
                return refuse(no_invitation);
            stored_ = found.front().SerializeAsString();
            opened(found.front().invitation());
        });
    }
    virtual void opened(const v1::StoredInvitation& invitation) = 0;

    std::string hash_;
    std::string stored_;
};

class LookAttempt final : public InvitationAttempt {
   public:
    using InvitationAttempt::InvitationAttempt;

   private:
    void run(const Body& body) override { open(body); }

    void opened(const v1::StoredInvitation& invitation) override {
        const auto* resets = home_.directory().member(invitation.resets());
        const auto& name = resets != nullptr ? resets->name : invitation.member().name();
        const auto& handle = resets != nullptr ? resets->handle : invitation.member().handle();
        net::HttpAnswer told;
        succeeded();
        told.body = boost::json::serialize(boost::json::object{{"name", name},
                                                               {"handle", handle},
                                                               {"resets", invitation.resets() != 0},
                                                               {"expires_ms", invitation.expires_ms()}});
        answer(std::move(told));
    }
};

class AcceptAttempt final : public InvitationAttempt {
   public:
    using InvitationAttempt::InvitationAttempt;

   private:
    void run(const Body& body) override {
        auto password = body.secret("password");
        if (password.has_error()) return refuse(password.error());
        password_ = std::move(*password);
        forum::Result<void> good;
        device_ = device_of(body, good);
        if (good.has_error()) return refuse(good.error());
        open(body);
    }

    void opened(const v1::StoredInvitation& invitation) override {
        const auto& member = invitation.member();
        const auto* resets = home_.directory().member(invitation.resets());
        const auto checked = desk_.rules.check(password_.view(), {resets != nullptr ? resets->handle : member.handle(),
                                                                  invitation.email(), member.name()});
        if (checked.has_error()) return refuse(checked.error());
        if (invitation.resets() == 0)
            setup_ = membership::needs_second_factor(directory::member_card(0, member));
        else
            resets_ = true;
        hash(std::move(password_), [this](std::string hashed) { accept(std::move(hashed)); });
    }

    void accept(std::string hashed) {
        membership::Accept command;
        command.invitation = hash_;
        command.stored = stored_;
        command.password = std::move(hashed);
        command.device = device_;
        const auto token = auth::make_token();
        // After a reset one signs in: a second factor is still asked for.
        if (!resets_) command.token = auth::hash_token(token);
        commit(std::move(command), [this, token](const store::Committed& committed) {
            succeeded();
            if (!resets_) told_member_ = committed.version;
            if (!resets_) return answer_signed_in(token, setup_ ? "setup" : "done");
            net::HttpAnswer done;
            done.body = "{}";
            answer(std::move(done));
        });
    }

    auth::Secret password_;
    std::string device_;
    bool setup_ = false;
    bool resets_ = false;
};

}  // namespace

std::shared_ptr<Attempt> begin_invitation(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<LookAttempt>(desk, home, std::move(call), std::move(done));
}
std::shared_ptr<Attempt> begin_accept(Entrance& desk, dispatch::Worker& home, net::HttpCall call, Done done) {
    return std::make_shared<AcceptAttempt>(desk, home, std::move(call), std::move(done));
}

}  // namespace foorumi::entrance
