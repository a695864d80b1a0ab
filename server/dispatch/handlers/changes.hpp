// What all handlers of changes have in common. Thread: the worker of the session.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "dispatch/change_job.hpp"
#include "dispatch/command_table.hpp"
#include "dispatch/dispatcher.hpp"

namespace foorumi::dispatch {

// The change's id, of a request that may carry one: INVALID change_id_missing, change_id_length (change_id),
// made_at_missing, made_at_negative (made_at_ms).
[[nodiscard]] forum::Result<store::ChangeId> change_of(const v1::Request& request);

// `channel`: empty where neither it nor the version is told. `received`: when the change was. `held`: it waits there
// instead.
void answer_change(Worker& worker, const Origin& origin, const std::string& channel, const ChangeResult& result,
                   std::chrono::steady_clock::time_point received, const std::optional<HeldPlace>& held = {});

// An act of membership. `answer`: once, on the worker of the session, in the place of answer_change().
using AnswerChange = std::function<void(Worker& worker, const Origin& origin, const ChangeResult& result,
                                        std::chrono::steady_clock::time_point received)>;
void act_on_membership(const Call& call, AnswerChange answer);

}  // namespace foorumi::dispatch
