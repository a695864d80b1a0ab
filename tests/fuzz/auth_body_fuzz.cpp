// The body of a call to sign in: whatever is read from it is text, and what is told of it is JSON.
#include <boost/json/parse.hpp>

#include "entrance/account_name.hpp"
#include "entrance/answers.hpp"
#include "entrance/body.hpp"
#include "forum/text.hpp"
#include "fuzz.hpp"

using namespace foorumi;

namespace {

void check_told(const forum::Refusal& refusal) {
    static const config::Catalogue catalogue;
    const auto answer = entrance::refusal_answer(refusal, catalogue, "fi");
    FUZZ_REQUIRE(answer.status == 400);
    FUZZ_REQUIRE(boost::json::parse(answer.body).is_object());
}

std::string with_other_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter) c = static_cast<char>(c ^ 0x20);
    }
    return out;
}

void check_name(std::string_view typed) {
    const auto account = entrance::account_name(typed);
    const auto same = entrance::account_name(" " + with_other_case(typed) + "\n");
    FUZZ_REQUIRE(account.kind == same.kind && account.text == same.text);
    FUZZ_REQUIRE(account.text.size() <= typed.size());
    const bool address = account.text.find('@') != std::string::npos;
    FUZZ_REQUIRE(address == (account.kind == membership::NameKind::email));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = input(data, size);
    check_name(bytes);
    const auto body = entrance::Body::parse(bytes);
    if (body.has_error()) {
        FUZZ_REQUIRE(body.error().reason == "body_malformed");
        check_told(body.error());
        return 0;
    }
    for (const auto* field : {"name", "password", "device", "code", "recovery", "invitation", "sealed", "current"}) {
        const auto text = body->text(field);
        const auto optional = body->optional_text(field);
        const auto secret = body->secret(field);
        FUZZ_REQUIRE(text.has_value() == secret.has_value());
        if (text.has_error()) {
            FUZZ_REQUIRE(text.error().field == field && secret.error() == text.error());
            FUZZ_REQUIRE(optional.has_value() ? optional->empty() : optional.error() == text.error());
            check_told(text.error());
            continue;
        }
        FUZZ_REQUIRE(forum::is_utf8(*text) && *optional == *text && secret->view() == *text);
        if (std::string_view(field) == "name") check_name(*text);
    }
    return 0;
}
