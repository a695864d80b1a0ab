// Asking to be erased.
#include "account.hpp"
#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/render.hpp"
#include "client/second_factor.hpp"
#include "client/utf8.hpp"
#include "program.hpp"

namespace foorumi::client {
namespace {

// Who has signed in: no call of the entrance tells it.
class WhoIsErased final : public Program {
   public:
    using Program::Program;

    [[nodiscard]] const foorumi::v1::Member& self() const { return welcome().self(); }

   private:
    void begin() override { finish(Exit::done); }
};

}  // namespace

// Before the password: whoever has signed in as somebody else than they think does not come that far.
Exit Account::erase() {
    std::string handle;
    if (!arguments().account.yes) {
        const Environment environment{
            .arguments = arguments(), .texts = environment_.texts, .client = environment_.client};
        WhoIsErased who(environment);
        if (const Exit status = who.run(); status != Exit::done) return status;
        handle = who.self().handle();
        output_.error(text("account.erase_what", {{"name", visible(who.self().name(), Lines::one)},
                                                  {"handle", visible(handle, Lines::one)}}));
    }
    const auto password = answers_.secret(arguments().account.password_file, text("account.present_password"));
    if (!password) return Exit::usage;
    if (!is_utf8(password->view())) return refuse_unlike_text("password");
    if (!arguments().account.yes && !is_sure(handle)) return Exit::usage;
    const auto noted = call_confirmed("/auth/erase", *password);
    if (!noted) return Exit::usage;
    if (noted->has_error()) return fail(noted->error(), true);
    const auto at = (*noted)->erase_at_ms;
    if (at == 0) return fail({.refusal = {}, .why = {.fault = Fault::other, .detail = "no time"}, .sent = true}, true);
    print(arguments().json ? "{\"eraseAtMs\":\"" + std::to_string(at) + "\"}"
                           : text("account.erase_at", {{"time", time_text(at)}}));
    return Exit::done;
}

bool Account::is_sure(const std::string& handle) {
    const auto typed = answers_.word(text("account.erase_sure"));
    if (!typed) return false;
    const auto word = trimmed(*typed);
    if (word == handle || word == '@' + handle) return true;
    output_.error(text("account.erase_not_sure"));
    return false;
}

}  // namespace foorumi::client
