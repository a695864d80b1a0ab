// Random rooms, and the steps of a move tried by two nodes at once, each of which begins anew from what stands there:
// everything is in one place in the end, once, and what was known by old ids leads to it.
#include "forum/move_steps.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "forum/moves.hpp"
#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

constexpr Id chair = 18;  // moderates both forums
constexpr std::size_t batch = 3;

// Two rooms with a thread in the first one that several members have talked in, as the numbers say.
class Rooms {
   public:
    explicit Rooms(const std::vector<std::uint16_t>& steps) {
        town.add({chair, "molempien", "Molempien vetäjä", "", {Role::moderator}, {Town::strategy, Town::leadership}});
        from.put("room", Room{Town::strategy, "tori", "Tori", "", false});
        to.put("room", Room{Town::leadership, "virasto", "Virasto", "", false});
        to.put("other", Pace{1, 1});  // so that ids differ
        thread = run(Town::aino, StartThread{Town::square, "Aihe", "@veikko ja @virkamies"});
        other = run(Town::aino, StartThread{Town::square, "Toinen", "teksti"});
        messages = {thread};
        for (const auto step : steps) talk(step);
        before = from.entities();
    }

    template <class Command>
    Id run(Id member, Command command) {
        if constexpr (requires { command.thread, command.message; }) {
            const auto* found = from.find<Message>(message_key(command.message));
            if (found != nullptr) command.thread = found->thread;
        }
        const Actor actor{town.card(member), town, now++, limits};
        if (check(actor, command).has_error()) return 0;
        auto keys = needs(actor, command);
        auto decision = decide_on(actor, command, from.entities(), keys);
        if (!decision || decision->writes.empty()) return 0;
        if (!decision->effects.empty())
            if (const auto* begun = std::get_if<Move>(&decision->effects.front().value)) move = *begun;
        return from.apply(*decision);
    }

    void talk(std::uint16_t step) {
        const Id members[] = {Town::aino, Town::veikko, Town::biret};
        const Id member = members[step % 3];
        const Id some = messages[step / 3 % messages.size()];
        switch (step / 64 % 6) {
            case 0:
                run(member, React{Town::square, some, "👍", false});
                break;
            case 1:
                run(member, DeleteMessage{Town::square, some});
                break;
            case 2:
                run(Town::johtaja, RemoveMessage{Town::square, some, "syy"});
                break;
            case 3:
                run(member, PostMessage{Town::square, other, "muualla"});
                break;
            case 4:
                run(Town::johtaja, PinThread{Town::square, thread});
                break;
            default:
                if (const auto id = run(member, PostMessage{Town::square, thread, std::to_string(step), some}))
                    messages.push_back(id);
        }
    }

    [[nodiscard]] MoveSteps steps() const { return {move, "nimi", town, now}; }

    [[nodiscard]] static std::vector<Id> listed(const ModelChannel& channel, Id thread) {
        std::vector<Id> ids;
        for (const auto& [member, score] : channel.index(thread_index(thread))) {
            ids.push_back(score);
            RC_ASSERT(parse_thread_index_member(member)->message == score);
        }
        std::ranges::sort(ids);
        return ids;
    }

    [[nodiscard]] Arrived arrived() const {
        Arrived all;
        for (const auto& [member, score] : to.index(arrivals_index("nimi")))
            all.emplace_back(std::stoull(member), score);
        std::ranges::sort(all);
        return all;
    }

    // Two nodes decide on the same; the second one's commit does not land, and is decided anew.
    template <class Decide>
    void twice(ModelChannel& channel, const std::vector<std::string>& keys, Decide decide) {
        const auto seen = channel.entities();
        const Result<Decision> first = decide(NeedsView(seen, keys));
        const Result<Decision> second = decide(NeedsView(seen, keys));
        RC_ASSERT(first.has_value());
        channel.apply(*first);
        if (second->writes.empty() || !channel.stale(*second).empty()) {
            const Result<Decision> again = decide(NeedsView(channel.entities(), keys));
            if (again.has_error()) {
                RC_ASSERT(again.error().reason == "contended");
                return;
            }
            RC_ASSERT(channel.stale(*again).empty());
            const auto stands = channel.entities();
            channel.apply(*again);
            for (const auto& [key, entity] : stands) RC_ASSERT(channel.entities().at(key).value == entity.value);
            return;
        }
        RC_FAIL("two commits of the same step");
    }

    // One step from what stands there. False: there is none left.
    bool step_away() {
        const auto* held = from.find<Thread>(thread_key(thread));
        if (held == nullptr) return false;
        const auto there = arrived();
        const auto left = listed(from, thread);
        const auto* shown = there.empty() ? nullptr : to.find<Thread>(thread_key(there.front().second));
        for (const auto id : left) {
            if (!there.empty() && id <= there.back().first) continue;
            const auto* reactions = from.find<Reactions>(reactions_key(id));
            const Leaving leaving{id, *from.find<Message>(message_key(id)), reactions ? *reactions : Reactions{}};
            twice(to, steps().needs_to_copy(),
                  [&](const View& view) { return steps().copy(there, *held, leaving, view); });
            return true;
        }
        if (shown->moving != 0) {
            twice(to, steps().needs_to_show(there), [&](const View& view) { return steps().show(there, view); });
            return true;
        }
        if (left.empty()) {
            twice(from, steps().needs_to_close(),
                  [&](const View& view) { return steps().close(there.front().second, view); });
            return true;
        }
        Arrived some;
        for (const auto& one : there)
            if (some.size() < batch && std::ranges::binary_search(left, one.first)) some.push_back(one);
        twice(from, steps().needs_to_redirect(some),
              [&](const View& view) { return steps().redirect(some, there.front().second, view); });
        return true;
    }

    bool step_split() {
        const auto* held = from.find<Thread>(thread_key(thread));
        if (held->moving == 0) return false;
        std::vector<Id> some;
        for (const auto id : listed(from, thread))
            if (some.size() < batch && std::ranges::binary_search(move.messages, id)) some.push_back(id);
        if (!some.empty()) {
            twice(from, steps().needs_to_split(some), [&](const View& view) { return steps().split(some, view); });
            return true;
        }
        const auto made = from.entities().at(arrival_key("nimi")).version;
        const auto left = listed(from, thread).back();
        twice(from, steps().needs_to_end_split(made),
              [&](const View& view) { return steps().end_split(made, left, view); });
        return true;
    }

    bool step_merge() {
        if (from.find<Thread>(thread_key(thread)) == nullptr) return false;
        auto some = listed(from, thread);
        if (some.size() > batch) some.resize(batch);
        if (!some.empty()) {
            twice(from, steps().needs_to_merge(some), [&](const View& view) { return steps().merge(some, view); });
            return true;
        }
        const auto last = listed(from, other).back();
        twice(from, steps().needs_to_end_merge(), [&](const View& view) { return steps().end_merge(last, view); });
        return true;
    }

    [[nodiscard]] const Message& was(Id id) const { return std::get<Message>(before.at(message_key(id)).value); }

    Town town;
    ContentLimits limits;
    Millis now = 1;
    ModelChannel from, to;
    Id thread = 0, other = 0;
    std::vector<Id> messages;
    Entities before;
    Move move;
};

RC_GTEST_PROP(MovingAway, EverythingIsThereOnceAndInOrder, (const std::vector<std::uint16_t>& numbers)) {
    Rooms rooms(numbers);
    const auto seconds = Rooms::listed(rooms.from, rooms.other);
    rooms.run(chair, MoveThread{Town::square, rooms.thread, Town::officers, true});
    while (rooms.step_away()) continue;
    const auto there = rooms.arrived();
    const auto ids = Rooms::listed(rooms.to, there.front().second);
    RC_ASSERT(there.size() == rooms.messages.size());
    RC_ASSERT(ids.size() == there.size());
    const auto new_of = [&](Id old) { return std::ranges::find(there, old, &Arrived::value_type::first)->second; };
    const Id thread = there.front().second;
    for (std::size_t n = 0; n < there.size(); ++n) {
        const auto& [old, id] = there[n];
        RC_ASSERT(old == rooms.messages[n]);
        RC_ASSERT(id == ids[n]);
        const auto& was = rooms.was(old);
        const auto* is = rooms.to.find<Message>(message_key(id));
        RC_ASSERT(is->thread == thread);
        RC_ASSERT(is->text == was.text && is->author == was.author && is->created == was.created);
        RC_ASSERT(is->deleted == was.deleted && is->removed == was.removed && is->edits == was.edits);
        RC_ASSERT(is->reply_to == (was.reply_to == 0 ? 0 : new_of(was.reply_to)));
        RC_ASSERT(is->moved != 0);
        for (const auto member : is->mentions)
            RC_ASSERT(may_read(rooms.town, rooms.town.card(member), {ChannelKind::room, Town::officers}, 0));
        const auto counted = rooms.to.index(thread_index(thread));
        RC_ASSERT(counted.contains(thread_index_member(id, was.deleted != 0 ? 0 : was.author)));
        const auto* redirect = rooms.from.find<Redirect>(message_key(old));
        RC_ASSERT(redirect != nullptr);
        RC_ASSERT(redirect->room == Town::officers && redirect->thread == thread);
        RC_ASSERT(redirect->message == id);
        RC_ASSERT(rooms.from.find<Reactions>(reactions_key(old)) == nullptr);
        const auto reactions = rooms.before.find(reactions_key(old));
        const bool had = reactions != rooms.before.end() && std::holds_alternative<Reactions>(reactions->second.value);
        const auto* has = rooms.to.find<Reactions>(reactions_key(id));
        RC_ASSERT((has != nullptr) == had);
        if (had) RC_ASSERT(*has == std::get<Reactions>(reactions->second.value));
    }
    const auto* now = rooms.to.find<Thread>(thread_key(thread));
    RC_ASSERT(now->moving == 0 && now->title == "Aihe" && !now->pin);
    RC_ASSERT(rooms.to.index(std::string(threads_index)) == (Index{{std::to_string(thread), ids.back()}}));
    RC_ASSERT(rooms.from.index(thread_index(rooms.thread)).empty());
    RC_ASSERT(!rooms.from.index(std::string(threads_index)).contains(std::to_string(rooms.thread)));
    const auto* left = rooms.from.find<Redirect>(thread_key(rooms.thread));
    RC_ASSERT(left != nullptr);
    RC_ASSERT(left->thread == thread && left->message == 0);
    const auto* pins = rooms.from.find<Pins>(pins_key);
    const bool pinned = pins != nullptr &&
                        std::ranges::any_of(pins->pinned, [&](const auto& one) { return one.thread == rooms.thread; });
    RC_ASSERT(!pinned);
    RC_ASSERT(Rooms::listed(rooms.from, rooms.other) == seconds);
    for (const auto id : seconds)
        RC_ASSERT(rooms.from.entities().at(message_key(id)).value == rooms.before.at(message_key(id)).value);
}

RC_GTEST_PROP(Splitting, ChosenMessagesAreInTheNewThreadAndTheRestWhereItWas,
              (const std::vector<std::uint16_t>& numbers, std::uint32_t choice)) {
    Rooms rooms(numbers);
    std::vector<Id> chosen;
    for (std::size_t n = 1; n < rooms.messages.size(); ++n)
        if ((choice >> (n % 32) & 1U) != 0) chosen.push_back(rooms.messages[n]);
    if (chosen.empty()) return;
    rooms.run(chair, SplitThread{Town::square, rooms.thread, chosen, "Uusi"});
    while (rooms.step_split()) continue;
    const auto made = rooms.from.entities().at(arrival_key("nimi")).version;
    RC_ASSERT(Rooms::listed(rooms.from, made) == chosen);
    std::vector<Id> rest;
    std::ranges::set_difference(rooms.messages, chosen, std::back_inserter(rest));
    RC_ASSERT(Rooms::listed(rooms.from, rooms.thread) == rest);
    for (const auto id : rooms.messages) {
        auto expected = rooms.was(id);
        if (std::ranges::binary_search(chosen, id)) expected.thread = made;
        RC_ASSERT(*rooms.from.find<Message>(message_key(id)) == expected);
    }
    const auto* thread = rooms.from.find<Thread>(thread_key(made));
    RC_ASSERT(thread->title == "Uusi" && thread->moving == 0 && thread->author == rooms.was(chosen.front()).author);
    const auto activity = rooms.from.index(std::string(threads_index));
    RC_ASSERT(activity.at(std::to_string(made)) == chosen.back());
    RC_ASSERT(activity.at(std::to_string(rooms.thread)) == rest.back());
}

RC_GTEST_PROP(Merging, AllMessagesAreInOneThreadByTheirIds, (const std::vector<std::uint16_t>& numbers)) {
    Rooms rooms(numbers);
    auto all = Rooms::listed(rooms.from, rooms.other);
    all.insert(all.end(), rooms.messages.begin(), rooms.messages.end());
    std::ranges::sort(all);
    rooms.run(chair, MergeThreads{Town::square, rooms.thread, rooms.other});
    while (rooms.step_merge()) continue;
    RC_ASSERT(Rooms::listed(rooms.from, rooms.other) == all);
    RC_ASSERT(Rooms::listed(rooms.from, rooms.thread).empty());
    for (const auto id : rooms.messages) {
        auto expected = rooms.was(id);
        expected.thread = rooms.other;
        RC_ASSERT(*rooms.from.find<Message>(message_key(id)) == expected);
    }
    RC_ASSERT(rooms.from.find<Thread>(thread_key(rooms.other))->moving == 0);
    const auto* left = rooms.from.find<Redirect>(thread_key(rooms.thread));
    RC_ASSERT(left != nullptr);
    RC_ASSERT(left->room == Town::square && left->thread == rooms.other);
    const auto activity = rooms.from.index(std::string(threads_index));
    RC_ASSERT(activity == (Index{{std::to_string(rooms.other), all.back()}}));
}

}  // namespace
}  // namespace foorumi::forum::test
