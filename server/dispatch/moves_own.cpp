// What members keep of a thread for themselves follows it, where they may read it there.
#include <utility>

#include "base/crash_points.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/moves.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

using OwnView = forum::View;

void Moves::move_own(const WorkRef& work) {
    const auto directory = worker_.shared().directory.current();
    work->own.clear();
    directory->each_member(0, [&](const forum::MemberCard& card) {
        if (forum::may_read(*directory, card, {forum::ChannelKind::room, work->move().to_room}, forum::behind_all_ends))
            work->own.push_back(card.id);
        return true;
    });
    move_own_next(work);
}

void Moves::move_own_next(const WorkRef& work) {
    if (work->own.empty()) return end(work);
    const auto member = work->own.back();
    work->own.pop_back();
    const auto& move = work->move();
    const auto channel = forum::member_channel(member);
    worker_.read_entities(
        channel,
        {forum::read_key(move.room, move.thread), forum::watch_key(move.room, move.thread),
         forum::draft_key(move.room, move.thread)},
        [this, work, member, channel](const store::ReadOutcome<store::EntitiesResult>& read) {
            if (read.failure) return put_off(refusal_of(*read.failure).reason);
            bool has = false;
            for (const auto& entity : read.result.entities) has = has || !entity.bytes.empty();
            if (!has) return move_own_next(work);
            const forum::MoveSteps named{work->move(), work->name, worker_.directory(), 0};
            step(
                work, channel, named.needs_to_move_own(work->to_thread),
                [work, member](const forum::MoveSteps& steps, const OwnView& view) -> forum::Result<forum::Decision> {
                    // Of a member who was erased meanwhile nothing is written any more.
                    if (steps.directory.member(member) == nullptr) return forum::Decision{};
                    return steps.move_own(work->arrived, work->to_thread, view);
                },
                [this, work](forum::Version) {
                    FOORUMI_CRASH_POINT(move_marks_followed);
                    move_own_next(work);
                });
        });
}

}  // namespace foorumi::dispatch
