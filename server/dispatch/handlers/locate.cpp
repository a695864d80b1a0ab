#include "dispatch/answers.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/redirects.hpp"
#include "dispatch/worker.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::dispatch {
namespace {

// Who may not read where it has gone learns that it has.
forum::Refusal moved_away(const forum::Located& asked) {
    return {forum::ErrorCode::not_found, "moved", asked.message != 0 ? "message" : "thread", 0};
}

}  // namespace

void handle_locate(const Call& call) {
    auto& worker = call.worker;
    const auto& request = call.request.locate();
    const forum::Located asked{request.room(), request.thread(), request.message()};
    if ((asked.thread == 0) == (asked.message == 0))
        return worker.dispatcher().refuse(call.origin, {forum::ErrorCode::invalid, "thread_or_message", "thread", 0});
    const auto readable = readable_room(worker, call.session, asked.room);
    if (readable.has_error()) return worker.dispatcher().refuse(call.origin, readable.error());
    follow_redirects(worker, asked, [&worker, asked, origin = call.origin](const forum::Result<forum::Located>& found) {
        const auto* session = origin.anchor->session;
        if (session == nullptr) return;
        if (const auto still = readable_room(worker, *session, asked.room); still.has_error())
            return worker.dispatcher().refuse(origin, still.error());
        if (found.has_error()) return worker.dispatcher().refuse(origin, found.error());
        if (readable_room(worker, *session, found->room).has_error())
            return worker.dispatcher().refuse(origin, moved_away(asked));
        v1::Response response;
        fill_place(*response.mutable_located(), *found);
        worker.dispatcher().answer(origin, response);
    });
}

}  // namespace foorumi::dispatch
