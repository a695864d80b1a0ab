// To another room.
#include <algorithm>
#include <utility>

#include "base/crash_points.hpp"
#include "codec/entity_codec.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/moves.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

using forum::Decision;
using forum::Id;
using forum::MoveSteps;
using forum::Result;
using forum::Version;
using ForumView = forum::View;

void Moves::look_there(const WorkRef& work) {
    read_arrived(work, 0, [this, work] { copy_on(work); });
}

void Moves::copy_on(const WorkRef& work) {
    read_page(work, work->arrived.empty() ? 0 : work->arrived.back().first, [this, work] { copy(work, 0); });
}

// Messages that are redirects already are in no page: then all have arrived.
void Moves::copy(const WorkRef& work, std::size_t n) {
    if (n == work->page.size()) {
        if (work->more) return copy_on(work);
        if (work->arrived.empty()) return put_off("the thread has no messages");
        return bring_texts(work, 0);
    }
    step(
        work, work->to_room(), {forum::arrival_key(work->name)},
        [work, n](const MoveSteps& steps, const ForumView& view) {
            return steps.copy(work->arrived, work->thread, work->page[n], view);
        },
        [this, work, n](Version version) {
            work->arrived.emplace_back(work->page[n].id, version);
            work->to_thread = work->arrived.front().second;
            FOORUMI_CRASH_POINT(move_message_copied);
            copy(work, n + 1);
        });
}

void Moves::bring_texts(const WorkRef& work, Id after) {
    read_page(work, after, [this, work] { bring_texts_of(work, 0); });
}

void Moves::bring_texts_of(const WorkRef& work, std::size_t n) {
    const auto& move = work->move();
    if (n == work->page.size()) {
        if (!work->more) return show(work);
        return bring_texts(work, work->page.back().id);
    }
    const auto& leaving = work->page[n];
    const auto there = std::ranges::lower_bound(work->arrived, leaving.id, {}, &forum::Arrived::value_type::first);
    if (there == work->arrived.end() || there->first != leaving.id) return put_off("a message has not arrived");
    const auto directory = worker_.shared().directory.current();
    const auto* room = directory->room(move.to_room);
    auto old_keys = MoveSteps::text_keys(move.room, leaving.id, leaving.message);
    if (old_keys.empty() || room == nullptr) return bring_texts_of(work, n + 1);
    auto keys = MoveSteps::text_keys(move.to_room, there->second, leaving.message);
    worker_.read_entities(
        work->listed.channel, old_keys,
        [this, work, n, id = there->second, keys = std::move(keys), old_keys,
         channel = forum::moderation_channel(room->forum)](store::ReadOutcome<store::EntitiesResult> read) {
            if (read.failure) return put_off(refusal_of(*read.failure).reason);
            std::vector<forum::Entity> texts;
            for (const auto& text : read.result.entities) {
                auto value = codec::decode_value(text.bytes);
                if (!value) return put_off("an earlier text cannot be read");
                texts.push_back(std::move(*value));
            }
            step(
                work, channel, keys,
                [work, keys, texts, id](const MoveSteps& steps, const ForumView& view) -> Result<Decision> {
                    return steps.bring_texts(keys, texts, work->to_thread, id, view);
                },
                [this, work, n, old_keys](Version) {
                    FOORUMI_CRASH_POINT(move_texts_brought);
                    step(
                        work, work->listed.channel, old_keys,
                        [old_keys](const MoveSteps&, const ForumView& view) -> Result<Decision> {
                            return MoveSteps::take_texts(old_keys, view);
                        },
                        [this, work, n](Version) { bring_texts_of(work, n + 1); });
                });
        });
}

void Moves::show(const WorkRef& work) {
    step(
        work, work->to_room(), {forum::arrival_key(work->name), forum::thread_key(work->to_thread)},
        [work](const MoveSteps& steps, const ForumView& view) { return steps.show(work->arrived, view); },
        [this, work](Version) {
            FOORUMI_CRASH_POINT(move_thread_shown);
            redirect_on(work);
        });
}

// Nothing goes to where it is not, whatever Redis has lost since it was put there.
void Moves::check_arrived(const WorkRef& work, Then then) {
    worker_.read_entities(
        work->to_room(), {forum::arrival_key(work->name)},
        [this, work, then = std::move(then)](const store::ReadOutcome<store::EntitiesResult>& read) {
            if (read.failure) return put_off(refusal_of(*read.failure).reason);
            if (work->arrived.empty() || read.result.entities.front().version != work->arrived.back().second)
                return put_off("what had arrived is gone");
            then();
        });
}

void Moves::redirect_on(const WorkRef& work) {
    check_arrived(work, [this, work] { redirect_page(work); });
}

void Moves::redirect_page(const WorkRef& work) {
    read_page(work, 0, [this, work] {
        if (work->page.empty()) return close(work);
        forum::Arrived some;
        for (const auto& leaving : work->page) {
            const auto there =
                std::ranges::lower_bound(work->arrived, leaving.id, {}, &forum::Arrived::value_type::first);
            if (there == work->arrived.end() || there->first != leaving.id) return put_off("a message has not arrived");
            some.push_back(*there);
        }
        const MoveSteps named{work->move(), work->name, worker_.directory(), 0};
        step(
            work, work->room(), named.needs_to_redirect(some),
            [work, some](const MoveSteps& steps, const ForumView& view) {
                return steps.redirect(some, work->to_thread, view);
            },
            [this, work](Version) {
                FOORUMI_CRASH_POINT(move_messages_redirected);
                redirect_on(work);
            });
    });
}

void Moves::close(const WorkRef& work) {
    step(
        work, work->room(), {forum::thread_key(work->move().thread), std::string(forum::pins_key)},
        [work](const MoveSteps& steps, const ForumView& view) { return steps.close(work->to_thread, view); },
        [this, work](Version) {
            FOORUMI_CRASH_POINT(move_thread_released);
            move_own(work);
        });
}

}  // namespace foorumi::dispatch
