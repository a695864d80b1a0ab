#include "client/options.hpp"
#include "client/standing_words.hpp"

namespace foorumi::client {
namespace {

void add_standing(CLI::App* sub, const OptionMaker& make, const std::string& municipality_key) {
    auto& standing = make.arguments().admin.standing;
    make.add_texts(sub, "--role", standing.roles, "role", "ROLE[@TERM]",
                   [](std::string_view text) { return read_grant(text).has_value(); });
    make.add_text(sub, "--municipality", standing.municipality, municipality_key, "M");
    make.add_texts(sub, "--position", standing.positions, "position", "KIND[:BODY][@TERM]",
                   [](std::string_view text) { return read_position(text).has_value(); });
    make.add_texts(sub, "--moderates", standing.moderates, "moderates", "FORUM");
    make.add_text(sub, "--contact-for", standing.contact_for, "contact_for", "M");
}

void add_people(CLI::App& admin, const OptionMaker& make) {
    auto& asked = make.arguments().admin;
    make.add_text(make.command(admin, "members", "admin_members", Verb::admin_members), "--municipality",
                  asked.standing.municipality, "members_municipality", "M");
    auto* roles = make.command(admin, "roles", "admin_roles", Verb::admin_roles);
    make.add_text(roles, "MEMBER", asked.member, "member")->required();
    add_standing(roles, make, "municipality");
    roles->add_flag("--none", asked.standing.none, make.help("standing_none"));
    make.add_text(make.command(admin, "end-sessions", "admin_end_sessions", Verb::admin_end_sessions), "MEMBER",
                  asked.member, "member")
        ->required();
    auto* reset = make.command(admin, "reset", "admin_reset", Verb::admin_reset);
    make.add_text(reset, "MEMBER", asked.member, "member")->required();
    make.add_text(reset, "--out", asked.out, "out", "FILE");
    reset->add_flag("--clear-second-factor", asked.clears_second_factor, make.help("clears_second_factor"));
    auto* erase = make.command(admin, "erase", "admin_erase", Verb::admin_erase);
    make.add_text(erase, "MEMBER", asked.member, "member")->required();
    make.add_choice(erase, "--content", asked.content, "erased_content", {"keep", "remove"})->type_name("keep|remove");
    make.add_text(make.command(admin, "keep", "admin_keep", Verb::admin_keep), "MEMBER", asked.member, "member")
        ->required();
}

void add_invitations(CLI::App& admin, const OptionMaker& make) {
    auto& asked = make.arguments().admin;
    auto* invite = make.command(admin, "invite", "admin_invite", Verb::admin_invite);
    make.add_text(invite, "--name", asked.name, "name", "NAME")->required();
    make.add_text(invite, "--handle", asked.handle, "new_handle", "HANDLE")->required();
    make.add_text(invite, "--email", asked.email, "email", "ADDRESS")->required();
    add_standing(invite, make, "municipality");
    make.add_number(invite, "--valid-hours", asked.valid_hours, "valid_hours", std::uint32_t{1});
    make.add_text(invite, "--out", asked.out, "out", "FILE");
    auto* import = make.command(admin, "import", "admin_import", Verb::admin_import);
    make.add_text(import, "FILE", asked.file, "import_file")->required();
    import->add_flag("--dry-run", asked.dry_run, make.help("dry_run"));
    import->add_flag("--skip-bad", asked.skip_bad, make.help("skip_bad"));
    make.add_text(import, "--out", asked.out, "import_out", "FILE");
    make.command(admin, "invitations", "admin_invitations", Verb::admin_invitations);
    make.add_text(make.command(admin, "withdraw", "admin_withdraw", Verb::admin_withdraw), "ID", asked.invitation,
                  "invitation")
        ->required();
}

void add_registers(CLI::App& admin, const OptionMaker& make) {
    auto& asked = make.arguments().admin;
    make.command(admin, "municipalities", "admin_municipalities", Verb::admin_municipalities);
    auto* terms = make.command(admin, "terms", "admin_terms", Verb::admin_terms);
    terms->require_subcommand(0, 1);
    for (const auto& [name, verb] : {std::pair{"add", Verb::admin_terms_add}, {"set", Verb::admin_terms_set}}) {
        auto* sub = make.command(*terms, name, std::string("admin_terms_") + name, verb);
        if (verb == Verb::admin_terms_set) make.add_number(sub, "TERM", asked.term, "term")->required();
        make.add_text(sub, "NAME", asked.name, "term_name")->required();
        make.add_text(sub, "FIRST", asked.first_day, "first_day")->required();
        make.add_text(sub, "LAST", asked.last_day, "last_day")->required();
    }
}

void add_audience(CLI::App& admin, const OptionMaker& make) {
    auto& asked = make.arguments().admin.audience;
    auto* sub = make.command(admin, "audience", "admin_audience", Verb::admin_audience);
    auto* forum = make.add_text(sub, "--forum", asked.forum, "audience_forum", "FORUM");
    const std::function<void(const std::string&)> room = [&make](const std::string& text) {
        make.arguments().rooms = {text};
    };
    sub->add_option_function<std::string>("--room", room, make.help("audience_room"))
        ->type_name("ROOM")
        ->excludes(forum);
    add_audience_options(sub, make);
    sub->add_flag("--exposes-history", asked.exposes_history, make.help("exposes_history"));
}

}  // namespace

void add_audience_options(CLI::App* sub, const OptionMaker& make) {
    auto& asked = make.arguments().admin.audience;
    const auto is_role = [](std::string_view text) { return read_role(text).has_value(); };
    make.add_texts(sub, "--read", asked.read, "audience_read", "ROLE", is_role);
    make.add_texts(sub, "--write", asked.write, "audience_write", "ROLE", is_role);
    make.add_texts(sub, "--municipality", asked.municipalities, "audience_municipality", "M");
    make.add_texts(sub, "--size", asked.sizes, "audience_size", "SIZE",
                   [](std::string_view text) { return read_size_class(text).has_value(); });
    make.add_texts(sub, "--term", asked.terms, "audience_term", "TERM");
    sub->add_flag("--none", asked.none, make.help("audience_none"));
}

void add_account_commands(CLI::App& app, const OptionMaker& make) {
    auto& account = make.arguments().account;
    const auto password_file = [&](CLI::App* sub) {
        make.add_text(sub, "--password-file", account.password_file, "password_file", "FILE");
    };
    auto* login = make.command(app, "login", "login", Verb::login);
    make.add_text(login, "NAME", account.name, "login_name");
    password_file(login);
    make.command(app, "logout", "logout", Verb::logout);
    auto* accept = make.command(app, "accept", "accept", Verb::accept);
    make.add_text(accept, "--invitation-file", account.invitation_file, "invitation_file", "FILE");
    password_file(accept);
    auto* sessions = make.command(app, "sessions", "sessions", Verb::sessions);
    sessions->require_subcommand(0, 1);
    auto* revoke = make.command(*sessions, "revoke", "sessions_revoke", Verb::sessions_revoke);
    auto* others = revoke->add_flag("--others", account.others, make.help("others"));
    revoke->add_option("ID", account.sessions, make.help("session"))->type_name("")->excludes(others);
    auto* password = make.command(app, "password", "password", Verb::password);
    password_file(password);
    make.add_text(password, "--new-password-file", account.new_password_file, "new_password_file", "FILE");
    auto* totp = make.command(app, "totp", "totp", Verb::totp);
    totp->require_subcommand(0, 1);
    password_file(totp);
    make.command(*totp, "remove", "totp_remove", Verb::totp_remove);
    auto* me = make.command(app, "me", "me", Verb::me_export);
    me->require_subcommand(1);
    auto* own = make.command(*me, "export", "me_export", Verb::me_export);
    make.add_text(own, "--out", account.out, "export_out", "FILE");
    auto* erase = make.command(*me, "erase", "me_erase", Verb::me_erase);
    password_file(erase);
    erase->add_flag("--yes", account.yes, make.help("erase_yes"));
    make.command(*me, "keep", "me_keep", Verb::me_keep);
    make.command(*me, "sanctions", "me_sanctions", Verb::me_sanctions);
    add_own_held_command(*me, make);
}

void add_audit_commands(CLI::App& app, const OptionMaker& make) {
    auto* audit = make.command(app, "audit", "audit", Verb::audit_list);
    audit->require_subcommand(1);
    make.command(*audit, "list", "audit_list", Verb::audit_list);
    auto* verify = make.command(*audit, "verify", "audit_verify", Verb::audit_verify);
    make.add_text(verify, "--heads", make.arguments().admin.file, "audit_heads", "FILE");
    make.command(*audit, "heads", "audit_heads", Verb::audit_heads);
}

void add_admin_commands(CLI::App& app, const OptionMaker& make) {
    auto* admin = make.command(app, "admin", "admin", Verb::admin_members);
    admin->require_subcommand(1);
    add_people(*admin, make);
    add_invitations(*admin, make);
    add_registers(*admin, make);
    add_audience(*admin, make);
    add_forum_commands(*admin, make);
}

}  // namespace foorumi::client
