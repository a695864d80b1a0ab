#include "admin_program.hpp"

#include "auth/token.hpp"
#include "client/entity_key.hpp"
#include "client/json_lines.hpp"
#include "client/table.hpp"

namespace foorumi::client {

InvitationToken new_invitation_token() {
    InvitationToken made;
    do {
        made.token = auth::make_token();
    } while (made.token.front() == '-');
    made.hash = auth::hash_token(made.token);
    return made;
}

void AdminProgram::with_registers(std::function<void()> then) {
    Request terms;
    terms.mutable_list_terms();
    ask(std::move(terms), [this, then = std::move(then)](const Response& told) mutable {
        registers_.add(told.terms());
        Request forums;
        forums.mutable_list_forums();
        ask(std::move(forums), [this, then = std::move(then)](const Response& response) mutable {
            registers_.add(response.forums());
            read_municipalities("", std::move(then));
        });
    });
}

void AdminProgram::read_municipalities(std::string after, std::function<void()> then) {
    Request request;
    request.mutable_list_municipalities()->set_after(after);
    request.mutable_list_municipalities()->set_limit(page());
    ask(std::move(request), [this, then = std::move(then)](const Response& response) mutable {
        const auto& got = response.municipalities();
        registers_.add(got);
        if (!got.more() || got.municipalities_size() == 0) return then();
        read_municipalities(got.municipalities().rbegin()->code(), std::move(then));
    });
}

void AdminProgram::with_member(const std::string& who, std::function<void(std::uint64_t)> then) {
    if (const auto id = parse_id(who)) return then(*id);
    Request request;
    request.mutable_read_members()->add_handles(who.substr(who.starts_with('@') ? 1 : 0));
    ask(std::move(request), [this, then = std::move(then)](const Response& response) {
        if (response.members().members_size() == 0) return refuse(Unknown("member_not_found", "member").error());
        then(response.members().members(0).id());
    });
}

void AdminProgram::commit(Request request) {
    change(std::move(request), [this](const Response& response) {
        const auto& committed = response.committed();
        const std::string version = std::to_string(committed.version());
        const auto verb = arguments().verb;
        const bool created =
            verb == Verb::admin_terms_add || verb == Verb::admin_forum_create || verb == Verb::mod_room_create;
        print_outcome(arguments().json ? to_json(committed)
                      : created        ? version
                                       : text("change.done", {{"version", version}}));
        finish(Exit::done);
    });
}

void AdminProgram::show(const google::protobuf::Message& message, const std::vector<std::vector<std::string>>& rows) {
    if (arguments().json) {
        print(to_json(message));
    } else {
        for (const auto& line : table_lines(rows)) print(line);
    }
    finish(Exit::done);
}

}  // namespace foorumi::client
