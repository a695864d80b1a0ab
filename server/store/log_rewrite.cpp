#include "store/log_rewrite.hpp"

#include "store/info.hpp"

namespace foorumi::store {

LogState parse_log_state(std::string_view info) {
    LogState state;
    const auto enabled = info_field(info, "aof_enabled");
    state.known = !enabled.empty() && !info_field(info, "aof_rewrites").empty();
    state.kept = enabled == "1";
    state.under_way = info_field(info, "aof_rewrite_in_progress") == "1";
    state.scheduled = info_field(info, "aof_rewrite_scheduled") == "1";
    state.last_good = info_field(info, "aof_last_bgrewrite_status") == "ok";
    state.begun = info_number(info, "aof_rewrites");
    return state;
}

}  // namespace foorumi::store
