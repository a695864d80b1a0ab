#include "dispatch/failures.hpp"

namespace foorumi::dispatch {

forum::Refusal refusal_of(store::Failure failure) {
    using forum::ErrorCode;
    constexpr std::uint32_t soon_ms = 200;
    constexpr std::uint32_t later_ms = 1'000;
    switch (failure) {
        case store::Failure::conflict:
            return {ErrorCode::conflict, "change_id_reused", "change_id", 0};
        case store::Failure::expired:
            return {ErrorCode::expired, "change_expired", "made_at_ms", 0};
        case store::Failure::future:
            return {ErrorCode::invalid, "made_at_in_future", "made_at_ms", 0};
        case store::Failure::contended:
            return {ErrorCode::unavailable, "contended", "", soon_ms};
        case store::Failure::overloaded:
            return {ErrorCode::unavailable, "overloaded", "", later_ms};
        case store::Failure::unavailable:
            return {ErrorCode::unavailable, "store_unavailable", "", later_ms};
        case store::Failure::replicas_missing:
            return {ErrorCode::unavailable, "replicas_missing", "", later_ms};
        case store::Failure::outcome_unknown:
            return {ErrorCode::outcome_unknown, "outcome_unknown", "", later_ms};
        case store::Failure::stopping:
            return {ErrorCode::unavailable, "stopping", "", later_ms};
        case store::Failure::refused:
            break;
    }
    return {ErrorCode::internal, "internal", "", 0};
}

}  // namespace foorumi::dispatch
