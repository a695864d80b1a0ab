#include "dispatch/answers.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {

void handle_typing(const Call& call) {
    auto& [worker, session, request, origin] = call;
    const auto& asked = request.typing();
    auto room = readable_room(worker, session, asked.room());
    if (room.has_error()) return worker.dispatcher().refuse(origin, room.error());
    const auto& member = *member_of(worker, session);
    const auto wall = worker.shared().clock.wall_ms();
    if (!forum::may_write(worker.directory(), member, **room, wall)) {
        const std::string why(forum::why_not_write(member, **room, wall));
        return worker.dispatcher().refuse(origin, {forum::ErrorCode::forbidden, why, "room", 0});
    }
    // Coalesced: what comes sooner after the last one is dropped, and that is no error.
    const auto now = worker.shared().clock.steady();
    if (now - session.last_typing >= std::chrono::milliseconds(worker.settings().session.typing_interval_ms)) {
        session.last_typing = now;
        worker.shared().post_home(forum::room_channel(asked.room()),
                                  [room = asked.room(), thread = asked.thread(), member = session.member](
                                      Worker& home) { home.home().publish_typing(room, thread, member); });
    }
    v1::Response response;
    response.mutable_done();
    worker.dispatcher().answer(origin, response);
}

}  // namespace foorumi::dispatch
