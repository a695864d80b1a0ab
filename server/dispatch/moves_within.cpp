// Splits and merges: messages keep their ids.
#include <algorithm>
#include <utility>

#include "base/crash_points.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/moves.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

using forum::Id;
using forum::MoveSteps;
using forum::Version;
using HungView = forum::View;

// Those that are not in the thread any more are passed over, so a batch may be done again. The texts of one fit into
// one answer, as a page does.
void Moves::split_on(const WorkRef& work) {
    const auto& chosen = work->move().messages;
    read_page(work, work->hung, [this, work, &chosen] {
        std::vector<Id> some;
        for (const auto& leaving : work->page) {
            work->hung = leaving.id;
            if (std::ranges::binary_search(chosen, leaving.id)) some.push_back(leaving.id);
        }
        const auto then = [this, work] {
            if (work->more) return split_on(work);
            end_split(work);
        };
        if (some.empty()) return then();
        const MoveSteps named{work->move(), work->name, worker_.directory(), 0};
        step(
            work, work->room(), named.needs_to_split(some),
            [some](const MoveSteps& steps, const HungView& view) { return steps.split(some, view); },
            [then](Version) {
                FOORUMI_CRASH_POINT(move_messages_hung);
                then();
            });
    });
}

void Moves::end_split(const WorkRef& work) {
    worker_.read_entities(work->room(), {forum::arrival_key(work->name)},
                          [this, work](store::ReadOutcome<store::EntitiesResult> read) {
                              if (read.failure) return put_off(refusal_of(*read.failure).reason);
                              work->to_thread = read.result.entities.front().version;
                              if (work->to_thread == 0) return put_off("no message of the split is there");
                              read_last(work, work->move().thread, [this, work](Id left) {
                                  const MoveSteps named{work->move(), work->name, worker_.directory(), 0};
                                  step(
                                      work, work->room(), named.needs_to_end_split(work->to_thread),
                                      [work, left](const MoveSteps& steps, const HungView& view) {
                                          return steps.end_split(work->to_thread, left, view);
                                      },
                                      [this, work](Version) {
                                          FOORUMI_CRASH_POINT(move_thread_released);
                                          move_own(work);
                                      });
                              });
                          });
}

void Moves::merge_on(const WorkRef& work) {
    read_page(work, 0, [this, work] {
        if (work->page.empty()) return end_merge(work);
        std::vector<Id> some;
        for (const auto& leaving : work->page) some.push_back(leaving.id);
        const MoveSteps named{work->move(), work->name, worker_.directory(), 0};
        step(
            work, work->room(), named.needs_to_merge(some),
            [some](const MoveSteps& steps, const HungView& view) { return steps.merge(some, view); },
            [this, work](Version) {
                FOORUMI_CRASH_POINT(move_messages_hung);
                merge_on(work);
            });
    });
}

void Moves::end_merge(const WorkRef& work) {
    work->to_thread = work->move().to_thread;
    read_last(work, work->to_thread, [this, work](Id last) {
        const MoveSteps named{work->move(), work->name, worker_.directory(), 0};
        step(
            work, work->room(), named.needs_to_end_merge(),
            [last](const MoveSteps& steps, const HungView& view) { return steps.end_merge(last, view); },
            [this, work](Version) {
                FOORUMI_CRASH_POINT(move_thread_released);
                move_own(work);
            });
    });
}

void Moves::read_last(const WorkRef& work, Id thread, std::function<void(Id)> then) {
    store::IndexRead read;
    read.index = forum::thread_index(thread);
    read.descending = true;
    read.limit = 1;
    worker_.read_index(work->room(), std::move(read),
                       [this, then = std::move(then)](const store::ReadOutcome<store::IndexResult>& page) {
                           if (page.failure) return put_off(refusal_of(*page.failure).reason);
                           if (page.result.rows.empty()) return put_off("the thread has no messages");
                           then(page.result.rows.front().score);
                       });
}

}  // namespace foorumi::dispatch
