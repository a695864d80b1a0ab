// Where threads and messages are that were somewhere else once. Thread: the worker that asks.
#pragma once

#include <functional>
#include <string_view>

#include "dispatch/dispatcher.hpp"
#include "forum/decision.hpp"

namespace foorumi::dispatch {

class Worker;

// From a place on, one redirect behind the other, through rooms that nobody needs to see for that, and no more of them
// than content.redirects. Refused as thread_not_found, message_not_found, or `moved` where there are more of them.
// Whether the asker may see the place is not looked at.
void follow_redirects(Worker& worker, const forum::Located& from,
                      std::function<void(forum::Result<forum::Located>)> done);

// Refuses as `moved`, and tells where to, if the session may read that. `stored`: the redirect's bytes.
void refuse_moved(Worker& worker, const Origin& origin, std::string_view stored);

}  // namespace foorumi::dispatch
