// Signing in and out, accepting an invitation, one's own password and second factor, and asking to be erased: commands
// that call the server's entrance instead of talking over the WebSocket.
//
// Thread: one; blocks.
#pragma once

#include <optional>
#include <string>

#include "answers.hpp"
#include "client/arguments.hpp"
#include "client/auth_call.hpp"
#include "client/client.hpp"
#include "client/kept_sign_ins.hpp"
#include "output.hpp"

namespace foorumi::client {

// Made by main; outlives the command.
struct AccountEnvironment {
    const Arguments& arguments;
    const Catalogue& texts;
    AuthServer server;
    const KeptSignIns* kept;  // null: there is no place for it
    Client::Settings client;  // for what only the WebSocket tells
};

[[nodiscard]] bool is_account_verb(Verb verb);
// Needs the token of a sign-in beforehand.
[[nodiscard]] bool needs_token(Verb verb);

class Account {
   public:
    explicit Account(const AccountEnvironment& environment)
        : environment_(environment), answers_(environment.texts, output_) {}

    [[nodiscard]] Exit run();

   private:
    [[nodiscard]] Exit login();
    [[nodiscard]] Exit logout();
    [[nodiscard]] Exit accept();
    [[nodiscard]] Exit change_password();
    [[nodiscard]] Exit set_totp();
    [[nodiscard]] Exit remove_totp();
    [[nodiscard]] Exit erase();

    [[nodiscard]] Exit sign_in(const std::string& name, const auth::Secret& password);
    // From the right password to a whole sign-in, which is kept.
    [[nodiscard]] Exit go_on(AuthAnswer answer, const auth::Secret& password);
    [[nodiscard]] AuthResult give_code(const std::string& token);
    // Sets the second factor up. Exit::done: it is; `whole` has the sign-in that takes the place of one that waited.
    [[nodiscard]] Exit set_up(const std::string& token, const auth::Secret& password, AuthAnswer& whole);
    // Calls with the password, and once more with a code of the second factor where that is wanted. Nothing: there was
    // no code to read.
    [[nodiscard]] std::optional<AuthResult> call_confirmed(std::string_view path, const auth::Secret& password);
    // The handle of whoever signed in is typed. False: it is not, and why was told.
    [[nodiscard]] bool is_sure(const std::string& handle);
    // A code of the second factor that is there. False: there was none to read.
    [[nodiscard]] bool ask_current(std::string& current);
    [[nodiscard]] AuthResult confirm(const std::string& token, const auth::Secret& password, const std::string& sealed);
    [[nodiscard]] Exit keep(const AuthAnswer& answer);
    // Where it is the one that is kept.
    [[nodiscard]] Exit forget(const std::string& token);
    // The place is there and fit, before anything is done; the token that is kept already, empty: none.
    [[nodiscard]] std::optional<std::string> look_for_kept();

    void show_seed(const AuthAnswer& made);
    void show_recovery(const AuthAnswer& set);
    void tell_done(const std::string& text);
    void print(const std::string& line);
    // Tells why. `changes`: what was asked for changes more than the number of sign-ins.
    [[nodiscard]] Exit fail(const AuthFailure& failure, bool changes);
    void tell(const foorumi::v1::Error& refusal);
    [[nodiscard]] Exit refuse_unlike_text(std::string_view field);

    [[nodiscard]] AuthResult call(std::string_view path, const AuthBody& body, const std::string& token = {}) const {
        return auth_call(environment_.server, path, body, token);
    }
    [[nodiscard]] const Arguments& arguments() const { return environment_.arguments; }
    [[nodiscard]] std::string text(std::string_view key, Catalogue::Values values = {}) const {
        return environment_.texts.text(key, values);
    }

    const AccountEnvironment& environment_;
    Output output_;
    Answers answers_;
    std::string replaced_;  // the token that was kept before
};

}  // namespace foorumi::client
