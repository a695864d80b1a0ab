// Reports, as far as entity_codec.hpp leaves them to this. No IO; thread-safe.
#pragma once

#include <optional>

#include "foorumi/v1/entities.pb.h"
#include "forum/entities.hpp"

namespace foorumi::codec {

void report_to_proto(const forum::Report& report, v1::Report& out);
void report_to_proto(const forum::ReportWords& words, v1::ReportWords& out);
void report_to_proto(const forum::ReportNote& note, v1::ReportNote& out);
void report_to_proto(const forum::ReportBook& book, v1::ReportBook& out);

// Nothing: a state, a category or an addressee that this server does not know.
[[nodiscard]] std::optional<forum::Entity> report_from_proto(const v1::Report& report);
[[nodiscard]] std::optional<forum::Entity> report_from_proto(const v1::ReportWords& words);
[[nodiscard]] std::optional<forum::Entity> report_from_proto(const v1::ReportNote& note);
[[nodiscard]] forum::Entity report_from_proto(const v1::ReportBook& book);

}  // namespace foorumi::codec
