// `admin`, its lists and its changes one at a time.
#pragma once

#include "admin_program.hpp"

namespace foorumi::client {

class Admin final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;
    void begin_change();
    void on_refused(const Answer& answer) override;
    void on_finish() override;

    void list_members(std::uint64_t after);
    void show_members();
    void list_invitations(const std::string& after);
    void show_municipalities();
    void list_terms();
    void show_roles();

    void set_roles();
    void set_audience();
    void put_term();
    void end_sessions();
    void invite();
    void reset();
    void erase();
    void keep();
    // Sends an invitation, or a link for a new password, and tells its token, which exists nowhere else.
    void issue(Request request, InvitationToken made);
    void tell_issued(const foorumi::v1::Committed& committed);

    [[nodiscard]] std::string grants_text(const foorumi::v1::Standing& standing) const;
    [[nodiscard]] std::string positions_text(const foorumi::v1::Standing& standing) const;
    [[nodiscard]] std::string further_text(const foorumi::v1::MemberRecords::Record& record) const;

    foorumi::v1::MemberRecords records_;
    foorumi::v1::Invitations invitations_;
    InvitationToken issued_;
    bool told_ = false;
    bool in_doubt_ = false;
};

}  // namespace foorumi::client
