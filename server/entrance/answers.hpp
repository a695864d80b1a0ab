// Answers of the entrance: JSON objects. Pure.
#pragma once

#include <string>
#include <string_view>

#include "config/catalogue.hpp"
#include "forum/decision.hpp"
#include "net/http_service.hpp"

namespace foorumi::v1 {
class SanctionRecord;
}

namespace foorumi::entrance {

// The HTTP status that tells of such an error.
[[nodiscard]] unsigned status_of(forum::ErrorCode code);

// {"error": {"code", "reason", "field", "text", "retry_after_ms"}}, as the protocol's Error; its code in lower case.
// `sanction`, where there is one, is why: {"number", "kind", "until_ms", "reason", "appeal"} in it.
[[nodiscard]] net::HttpAnswer refusal_answer(const forum::Refusal& refusal, const config::Catalogue& catalogue,
                                             std::string_view language, const v1::SanctionRecord* sanction = nullptr);

}  // namespace foorumi::entrance
