// Members who are invited and come in, for the tests of both.
#pragma once

#include "register.hpp"

namespace foorumi::membership::test {

class InvitationTest : public MembershipTest {
   protected:
    static Invite invite_of(const std::string& invitation) {
        Invite command;
        command.invitation = hash_of_name(invitation);
        command.name = "Kaisa Niemi";
        command.handle = "kaisa.niemi";
        command.email = "kaisa@example.fi";
        command.standing = councillor_of("091", term);
        return command;
    }
    static Invite invite_of(const std::string& invitation, std::string name, std::string handle, std::string email) {
        auto command = invite_of(invitation);
        command.name = std::move(name);
        command.handle = std::move(handle);
        command.email = std::move(email);
        return command;
    }

    // By somebody who holds the token and has read what is stored.
    [[nodiscard]] Accept accept_of(const std::string& invitation, const std::string& token = "") const {
        Accept command;
        command.invitation = hash_of_name(invitation);
        const auto found = reg.stored().find(invitation_key(command.invitation));
        if (found != reg.stored().end()) command.stored = found->second;
        command.password = "$argon2id$uusi";
        if (!token.empty()) command.token = hash_of_name(token);
        command.device = "Firefox";
        return command;
    }
    // The id of the member who came in.
    Id come_in(const Invite& invite, const std::string& token = "") {
        run(admin, invite);
        auto accept = accept_of("", token);
        accept.invitation = invite.invitation;
        accept.stored = reg.stored().at(invitation_key(invite.invitation));
        run(the_operator, accept);
        return reg.version();
    }

    const Refusal no_invitation = refusal(ErrorCode::not_found, "invitation_not_found", "invitation");
};

}  // namespace foorumi::membership::test
