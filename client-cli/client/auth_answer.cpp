#include "client/auth_answer.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <stdexcept>

namespace foorumi::client {
namespace {

namespace json = boost::json;

constexpr std::size_t access_token_size = 43;
constexpr std::size_t deepest_answer = 8;

std::string text_at(const json::object& object, const char* field) {
    const auto* value = object.if_contains(field);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(text->data(), text->size()) : std::string();
}

std::int64_t number_at(const json::object& object, const char* field) {
    const auto* value = object.if_contains(field);
    if (value == nullptr) return 0;
    json::error_code error;
    const auto number = value->to_number<std::int64_t>(error);
    return error ? 0 : number;
}

bool flag_at(const json::object& object, const char* field) {
    const auto* value = object.if_contains(field);
    return value != nullptr && value->is_bool() && value->get_bool();
}

foorumi::v1::Error::Code code_of(std::string word) {
    for (char& c : word) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    auto code = foorumi::v1::Error::CODE_UNSPECIFIED;
    foorumi::v1::Error::Code_Parse("CODE_" + word, &code);
    return code;
}

foorumi::v1::Error refusal_of(const json::object& error) {
    constexpr auto longest_wait = std::int64_t{std::numeric_limits<std::uint32_t>::max()};
    foorumi::v1::Error out;
    out.set_code(code_of(text_at(error, "code")));
    out.set_reason(text_at(error, "reason"));
    out.set_field(text_at(error, "field"));
    out.set_text(text_at(error, "text"));
    const auto wait = std::clamp<std::int64_t>(number_at(error, "retry_after_ms"), 0, longest_wait);
    out.set_retry_after_ms(static_cast<std::uint32_t>(wait));
    return out;
}

std::optional<foorumi::v1::SanctionRecord> sanction_of(const json::object& error) {
    const auto* found = error.if_contains("sanction");
    if (found == nullptr || !found->is_object()) return std::nullopt;
    const auto& told = found->get_object();
    foorumi::v1::SanctionRecord out;
    out.set_number(static_cast<std::uint64_t>(std::max<std::int64_t>(number_at(told, "number"), 0)));
    out.set_kind(text_at(told, "kind") == "suspend" ? foorumi::v1::SANCTION_KIND_SUSPEND
                                                    : foorumi::v1::SANCTION_KIND_BAN);
    out.set_until_ms(number_at(told, "until_ms"));
    out.set_reason(text_at(told, "reason"));
    out.set_appeal(text_at(told, "appeal"));
    return out;
}

AuthAnswer answer_of(const json::object& object) {
    AuthAnswer answer;
    answer.token = text_at(object, "token");
    answer.second_factor = text_at(object, "second_factor");
    answer.expires_ms = number_at(object, "expires_ms");
    answer.name = text_at(object, "name");
    answer.handle = text_at(object, "handle");
    answer.resets = flag_at(object, "resets");
    answer.secret = text_at(object, "secret");
    answer.uri = text_at(object, "uri");
    answer.sealed = text_at(object, "sealed");
    answer.erase_at_ms = number_at(object, "erase_at_ms");
    const auto* recovery = object.if_contains("recovery");
    if (recovery == nullptr || !recovery->is_array()) return answer;
    for (const auto& code : recovery->get_array()) {
        if (const auto* text = code.if_string()) answer.recovery.emplace_back(text->data(), text->size());
    }
    return answer;
}

}  // namespace

void throw_exception_from_error(const AuthFailure& /*failure*/, const boost::source_location& /*where*/) {
    throw std::logic_error("the answer of a call that failed");
}

bool is_access_token(std::string_view text) {
    return text.size() == access_token_size && std::ranges::all_of(text, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_';
           });
}

AuthResult read_auth_answer(unsigned status, std::string_view body, bool with_tls) {
    const auto stranger = [&] {
        return AuthFailure{.refusal = {}, .sanction = {}, .why = http_end(status, body, with_tls), .sent = true};
    };
    json::parse_options options;
    options.max_depth = deepest_answer;
    json::error_code error;
    const auto value = json::parse({body.data(), body.size()}, error, {}, options);
    const auto* object = error ? nullptr : value.if_object();
    if (object == nullptr) return stranger();
    if (const auto* refusal = object->if_contains("error"); refusal != nullptr && refusal->is_object())
        return AuthFailure{.refusal = refusal_of(refusal->get_object()),
                           .sanction = sanction_of(refusal->get_object()),
                           .why = {},
                           .sent = true};
    if (status != 200) return stranger();
    auto answer = answer_of(*object);
    if (!answer.token.empty() && !is_access_token(answer.token)) return stranger();
    return answer;
}

}  // namespace foorumi::client
