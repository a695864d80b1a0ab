// Of Dispatcher: what it counts for metrics.
#include "dispatch/counts.hpp"

#include <utility>

#include "dispatch/dispatcher.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

void Dispatcher::count_request(const CommandRow* row) {
    if (row == nullptr)
        ++counts_.requests_without_row;
    else
        ++counts_.requests[static_cast<std::size_t>(row - command_table().data())];
}

void Dispatcher::count_acknowledged(const store::Committed& committed, std::chrono::steady_clock::time_point received) {
    ++counts_.acknowledged;
    if (committed.repeated) ++counts_.repeated;
    counts_.acknowledgement.observe(worker_.shared().clock.steady() - received);
}

// Once for each, by what comes first: a session that is being closed ends later.
void Dispatcher::count_end(session::Session& session, std::string_view reason) {
    if (!std::exchange(session.end_counted, true)) counts_.ended.count(reason);
}

}  // namespace foorumi::dispatch
