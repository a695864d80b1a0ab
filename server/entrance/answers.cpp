#include "entrance/answers.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "foorumi/v1/entities.pb.h"

namespace foorumi::entrance {
namespace {

namespace json = boost::json;
using forum::ErrorCode;

std::string_view word_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::unknown_request:
            return "unknown_request";
        case ErrorCode::unauthenticated:
            return "unauthenticated";
        case ErrorCode::invalid:
            return "invalid";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::forbidden:
            return "forbidden";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::expired:
            return "expired";
        case ErrorCode::limited:
            return "limited";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::outcome_unknown:
            return "outcome_unknown";
        case ErrorCode::internal:
            break;
    }
    return "internal";
}

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

// What the member may know of it: not by whom.
json::object told(const v1::SanctionRecord& sanction) {
    json::object out;
    out["number"] = sanction.number();
    out["kind"] = sanction.kind() == v1::SANCTION_KIND_SUSPEND ? "suspend" : "ban";
    out["until_ms"] = sanction.until_ms();
    out["reason"] = view(sanction.reason());
    out["appeal"] = view(sanction.appeal());
    return out;
}

}  // namespace

unsigned status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
        case ErrorCode::invalid:
            return 400;
        case ErrorCode::unauthenticated:
            return 401;
        case ErrorCode::forbidden:
            return 403;
        case ErrorCode::unknown_request:
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::expired:
            return 410;
        case ErrorCode::limited:
            return 429;
        case ErrorCode::unavailable:
        case ErrorCode::outcome_unknown:
            return 503;
        case ErrorCode::internal:
            break;
    }
    return 500;
}

net::HttpAnswer refusal_answer(const forum::Refusal& refusal, const config::Catalogue& catalogue,
                               std::string_view language, const v1::SanctionRecord* sanction) {
    json::object error;
    error["code"] = view(word_of(refusal.code));
    error["reason"] = view(refusal.reason);
    error["field"] = view(refusal.field);
    error["text"] = view(catalogue.text(language, "error." + refusal.reason));
    error["retry_after_ms"] = refusal.retry_after_ms;
    if (sanction != nullptr) error["sanction"] = told(*sanction);
    net::HttpAnswer answer;
    answer.status = status_of(refusal.code);
    answer.body = json::serialize(json::object{{"error", std::move(error)}});
    answer.retry_after_s = refusal.retry_after_ms / 1000 + (refusal.retry_after_ms % 1000 == 0 ? 0 : 1);
    return answer;
}

}  // namespace foorumi::entrance
