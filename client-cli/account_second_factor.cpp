// The account's second factor: giving it, setting it up, taking it away.
#include "client/second_factor.hpp"

#include "account.hpp"
#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

constexpr int most_codes = 3;

AuthFailure nothing_typed() {
    foorumi::v1::Error refusal;
    refusal.set_code(foorumi::v1::Error::CODE_INVALID);
    refusal.set_reason("field_missing");
    refusal.set_field("code");
    return {.refusal = refusal, .why = {}, .sent = false};
}

bool is_refused_for(const AuthResult& result, std::string_view reason) {
    return result.has_error() && result.error().refusal && result.error().refusal->reason() == reason;
}

// The second factor that is there is wanted, or was wrong.
bool wants_current(const AuthResult& result) {
    return is_refused_for(result, "credentials_invalid") && result.error().refusal->field() == "current";
}

}  // namespace

AuthResult Account::give_code(const std::string& token) {
    for (int tries = 1;; ++tries) {
        const auto typed = answers_.word(text("account.code"));
        if (!typed || !is_utf8(*typed)) return nothing_typed();
        AuthBody body;
        body.add(is_totp_code(*typed) ? "code" : "recovery", *typed);
        auto answer = call("/auth/second-factor", body, token);
        if (!is_refused_for(answer, "credentials_invalid") || tries == most_codes || !answers_.asks()) return answer;
        tell(*answer.error().refusal);
    }
}

Exit Account::set_up(const std::string& token, const auth::Secret& password, AuthAnswer& whole) {
    AuthBody body;
    body.add("password", password.view());
    const auto made = call("/auth/totp", body, token);
    if (made.has_error()) return fail(made.error(), false);
    show_seed(*made);
    auto set = confirm(token, password, made->sealed);
    if (set.has_error()) return fail(set.error(), true);
    show_recovery(*set);
    whole = std::move(*set);
    return Exit::done;
}

AuthResult Account::confirm(const std::string& token, const auth::Secret& password, const std::string& sealed) {
    std::string current;
    for (int tries = 1;; ++tries) {
        const auto code = answers_.word(text("totp.code"));
        if (!code || !is_utf8(*code)) return nothing_typed();
        AuthBody body;
        body.add("password", password.view()).add("sealed", sealed).add("code", *code).add("current", current);
        auto answer = call("/auth/totp/confirm", body, token);
        const bool asks = wants_current(answer) || is_refused_for(answer, "code_invalid");
        if (!asks || tries == most_codes) return answer;
        if (!answers_.asks() && !(wants_current(answer) && current.empty())) return answer;
        if (!wants_current(answer) || !current.empty()) tell(*answer.error().refusal);
        if (wants_current(answer) && !ask_current(current)) return nothing_typed();
    }
}

bool Account::ask_current(std::string& current) {
    auto typed = answers_.word(text("totp.current"));
    if (!typed || !is_utf8(*typed)) return false;
    current = std::move(*typed);
    return true;
}

std::optional<AuthResult> Account::call_confirmed(std::string_view path, const auth::Secret& password) {
    const auto call_with = [&](const std::string& current) {
        AuthBody body;
        body.add("password", password.view()).add("current", current);
        return call(path, body, arguments().token);
    };
    auto answer = call_with("");
    if (!wants_current(answer)) return answer;
    std::string current;
    if (!ask_current(current)) return std::nullopt;
    return call_with(current);
}

void Account::show_seed(const AuthAnswer& made) {
    if (arguments().json)
        return print("{\"secret\":" + json_string(made.secret) + ",\"uri\":" + json_string(made.uri) + '}');
    print(text("totp.secret"));
    print("\n    " + visible(in_fours(made.secret), Lines::one) + "\n\n    " + visible(made.uri, Lines::one) + '\n');
}

void Account::show_recovery(const AuthAnswer& set) {
    std::string lines;
    std::string list;
    for (const auto& code : set.recovery) {
        lines += "\n    " + visible(code, Lines::one);
        list += (list.empty() ? "" : ",") + json_string(code);
    }
    if (arguments().json) return print("{\"recovery\":[" + list + "]}");
    print(text("totp.recovery"));
    print(lines + '\n');
}

Exit Account::set_totp() {
    const auto password = answers_.secret(arguments().account.password_file, text("account.present_password"));
    if (!password) return Exit::usage;
    if (!is_utf8(password->view())) return refuse_unlike_text("password");
    AuthAnswer set;
    return set_up(arguments().token, *password, set);
}

Exit Account::remove_totp() {
    const auto password = answers_.secret(arguments().account.password_file, text("account.present_password"));
    if (!password) return Exit::usage;
    if (!is_utf8(password->view())) return refuse_unlike_text("password");
    const auto removed = call_confirmed("/auth/totp/remove", *password);
    if (!removed) return Exit::usage;
    if (removed->has_error()) return fail(removed->error(), true);
    tell_done(text("totp.removed"));
    return Exit::done;
}

}  // namespace foorumi::client
