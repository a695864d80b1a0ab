#include "account.hpp"

#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/member_cache.hpp"
#include "client/render.hpp"
#include "client/second_factor.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {

bool is_account_verb(Verb verb) {
    return verb == Verb::login || verb == Verb::accept || verb == Verb::logout || verb == Verb::password ||
           verb == Verb::totp || verb == Verb::totp_remove || verb == Verb::me_erase;
}

bool needs_token(Verb verb) { return verb != Verb::login && verb != Verb::accept; }

Exit Account::run() {
    switch (arguments().verb) {
        case Verb::login:
            return login();
        case Verb::accept:
            return accept();
        case Verb::logout:
            return logout();
        case Verb::password:
            return change_password();
        case Verb::totp:
            return set_totp();
        case Verb::me_erase:
            return erase();
        default:
            return remove_totp();
    }
}

std::optional<std::string> Account::look_for_kept() {
    if (environment_.kept == nullptr) {
        output_.error(text("account.no_directory"));
        return std::nullopt;
    }
    auto found = environment_.kept->find(environment_.server.url);
    if (found.has_value()) return found->value_or("");
    output_.error(words_of(found.error(), environment_.texts));
    return std::nullopt;
}

Exit Account::login() {
    const auto kept = look_for_kept();
    if (!kept) return Exit::usage;
    replaced_ = *kept;
    auto name = arguments().account.name.empty() ? answers_.word(text("account.name"))
                                                 : std::optional(arguments().account.name);
    if (!name) return Exit::usage;
    const auto password = answers_.secret(arguments().account.password_file, text("account.password"));
    if (!password) return Exit::usage;
    if (!is_utf8(*name)) return refuse_unlike_text("name");
    return sign_in(*name, *password);
}

Exit Account::sign_in(const std::string& name, const auth::Secret& password) {
    if (!is_utf8(password.view())) return refuse_unlike_text("password");
    AuthBody body;
    body.add("name", name).add("password", password.view());
    auto answer = call("/auth/sign-in", body);
    if (answer.has_error()) return fail(answer.error(), false);
    return go_on(std::move(*answer), password);
}

Exit Account::go_on(AuthAnswer answer, const auth::Secret& password) {
    if (answer.second_factor == "code") {
        auto whole = give_code(answer.token);
        if (whole.has_error()) return fail(whole.error(), false);
        return keep(*whole);
    }
    if (answer.second_factor == "setup") {
        output_.error(text("totp.required"));
        AuthAnswer whole;
        if (const Exit status = set_up(answer.token, password, whole); status != Exit::done) return status;
        return keep(whole);
    }
    return keep(answer);
}

Exit Account::keep(const AuthAnswer& answer) {
    if (answer.token.empty())
        return fail({.refusal = {}, .why = {.fault = Fault::other, .detail = "no token"}, .sent = true}, false);
    const auto kept = environment_.kept->keep(environment_.server.url, answer.token);
    if (kept.has_error()) {
        output_.error(words_of(kept.error(), environment_.texts));
        // Nobody can use it.
        static_cast<void>(call("/auth/sign-out", {}, answer.token));
        return Exit::refused;
    }
    // Its end is not worth a word: it ends by itself.
    if (!replaced_.empty()) static_cast<void>(call("/auth/sign-out", {}, replaced_));
    const std::string server = visible(arguments().server, Lines::one);
    if (arguments().json) {
        print("{\"server\":" + json_string(arguments().server) + ",\"expiresMs\":\"" +
              std::to_string(answer.expires_ms) + "\"}");
    } else if (answer.expires_ms == 0) {
        print(text("account.signed_in", {{"server", server}}));
    } else {
        print(text("account.signed_in_until", {{"server", server}, {"time", time_text(answer.expires_ms)}}));
    }
    return Exit::done;
}

Exit Account::logout() {
    const auto answer = call("/auth/sign-out", {}, arguments().token);
    const bool ended =
        answer.has_error() && answer.error().refusal && answer.error().refusal->reason() == "token_invalid";
    if (answer.has_error() && !ended) return fail(answer.error(), true);
    if (const Exit status = forget(arguments().token); status != Exit::done) return status;
    tell_done(text(ended ? "account.ended_before" : "account.signed_out"));
    return Exit::done;
}

// A token that came from elsewhere is whoever made it's to remove.
Exit Account::forget(const std::string& token) {
    if (environment_.kept == nullptr) return Exit::done;
    const auto& url = environment_.server.url;
    const auto kept = environment_.kept->find(url);
    if (kept.has_error() || *kept != token) return Exit::done;
    const auto forgotten = environment_.kept->forget(url);
    if (forgotten.has_value()) return Exit::done;
    output_.error(words_of(forgotten.error(), environment_.texts));
    return Exit::refused;
}

Exit Account::accept() {
    const auto kept = look_for_kept();
    if (!kept) return Exit::usage;
    replaced_ = *kept;
    const auto token = answers_.secret(arguments().account.invitation_file, text("account.invitation"));
    if (!token) return Exit::usage;
    if (!is_utf8(token->view())) return refuse_unlike_text("invitation");
    AuthBody asked;
    asked.add("invitation", trimmed(token->view()));
    const auto invited = call("/auth/invitation", asked);
    if (invited.has_error()) return fail(invited.error(), false);
    output_.error(
        text(invited->resets ? "account.reset_for" : "account.invitation_for",
             {{"name", visible(invited->name, Lines::one)}, {"handle", visible(invited->handle, Lines::one)}}));
    const auto password = answers_.new_secret(arguments().account.password_file, text("account.new_password"),
                                              text("account.password_again"));
    if (!password) return Exit::usage;
    if (!is_utf8(password->view())) return refuse_unlike_text("password");
    AuthBody body;
    body.add("invitation", trimmed(token->view())).add("password", password->view());
    auto accepted = call("/auth/accept", body);
    if (accepted.has_error()) return fail(accepted.error(), true);
    if (!invited->resets) return go_on(std::move(*accepted), *password);
    output_.error(text("account.password_set"));
    return sign_in(invited->handle, *password);
}

Exit Account::change_password() {
    const auto& files = arguments().account;
    const auto password = answers_.secret(files.password_file, text("account.present_password"));
    if (!password) return Exit::usage;
    if (!is_utf8(password->view())) return refuse_unlike_text("password");
    const auto next =
        answers_.new_secret(files.new_password_file, text("account.new_password"), text("account.password_again"));
    if (!next) return Exit::usage;
    if (!is_utf8(next->view())) return refuse_unlike_text("new_password");
    AuthBody body;
    body.add("password", password->view()).add("new_password", next->view());
    const auto changed = call("/auth/password", body, arguments().token);
    if (changed.has_error()) return fail(changed.error(), true);
    tell_done(text("account.password_changed"));
    return Exit::done;
}

Exit Account::refuse_unlike_text(std::string_view field) {
    foorumi::v1::Error refusal;
    refusal.set_code(foorumi::v1::Error::CODE_INVALID);
    refusal.set_reason("text_not_utf8");
    refusal.set_field(std::string(field));
    tell(refusal);
    return Exit::refused;
}

void Account::tell(const foorumi::v1::Error& refusal) {
    const MemberCache nobody;
    output_.error(Renderer(environment_.texts, nobody, false).error(refusal));
    if (refusal.retry_after_ms() == 0) return;
    const auto seconds = (std::uint64_t{refusal.retry_after_ms()} + 999) / 1000;
    output_.error(text("account.try_again", {{"seconds", std::to_string(seconds)}}));
}

Exit Account::fail(const AuthFailure& failure, bool changes) {
    if (failure.refusal) {
        tell(*failure.refusal);
        const MemberCache nobody;
        if (failure.sanction)
            output_.error(Renderer(environment_.texts, nobody, false).sanction(*failure.sanction, {}));
        return failure.refusal->code() == foorumi::v1::Error::CODE_OUTCOME_UNKNOWN ? Exit::outcome_unknown
                                                                                   : Exit::refused;
    }
    output_.error(text("connection.none", {{"server", visible(arguments().server, Lines::one)},
                                           {"why", words_of(failure.why, environment_.texts)}}));
    if (!failure.sent || !changes) return Exit::no_connection;
    output_.error(text(arguments().verb == Verb::me_erase ? "account.erase_unknown" : "account.outcome_unknown"));
    return Exit::outcome_unknown;
}

void Account::tell_done(const std::string& told) { print(arguments().json ? "{}" : told); }

// What was done is told, and its secrets are shown, whatever has become of standard output.
void Account::print(const std::string& line) {
    if (!output_.line(line)) output_.error(line);
}

}  // namespace foorumi::client
