// Moderators and authors at once: whatever comes when, what is decided holds.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <set>

#include "moderation_fixture.hpp"

namespace foorumi::forum::test {
namespace {

// What several members do in one thread, each deciding on what was there some steps ago, as nodes that race do. A step
// is a number: who, what, and how old what they have seen is. RapidCheck tells the seed of a run that fails.
RC_GTEST_PROP(RacingALock, NothingLandsInALockedThread, (const std::vector<std::uint16_t>& steps)) {
    Town town;
    const ContentLimits limits;
    ModelChannel channel;
    channel.put("room", Room{Town::strategy, "tori", "Tori", "", false});
    const std::vector<Id> members{Town::aino, Town::veikko, Town::johtaja};
    Millis now = 1;
    std::vector<Entities> seen;
    const auto take = [&](Id member, const auto& command, std::size_t age) {
        const Actor actor{town.card(member), town, now++, limits};
        const auto try_on = [&](const Entities& entities) {
            auto keys = needs(actor, command);
            return decide_on(actor, command, entities, keys);
        };
        auto decision = try_on(seen.size() > age ? seen[seen.size() - 1 - age] : channel.entities());
        if (!decision || !channel.stale(*decision).empty()) decision = try_on(channel.entities());
        if (!decision) return;
        RC_ASSERT(channel.stale(*decision).empty());
        const auto* before = channel.find<Thread>(thread_key(2));
        const bool locked = before != nullptr && before->locked;
        const bool lands_in_it = locked && !decision->writes.empty() && !decision->act;
        RC_ASSERT(!lands_in_it);
        channel.apply(*decision);
    };
    take(Town::aino, StartThread{Town::square, "Aihe", "teksti"}, 0);
    for (const auto step : steps) {
        const Id member = members[step % 3];
        const std::size_t age = step / 3 % 4;
        const std::string text = "teksti " + std::to_string(step);
        switch (step / 12 % 8) {
            case 0:
                take(Town::johtaja, LockThread{Town::square, 2, true, text}, age);
                break;
            case 1:
                take(Town::yllapito, LockThread{Town::square, 2, false, ""}, age);
                break;
            case 2:
                take(Town::johtaja, RestrictThread{Town::square, 2, step % 2U, {}}, age);
                break;
            case 3:
                take(Town::aino, EditMessage{Town::square, 2, text, 2}, age);
                break;
            case 4:
                take(member, React{Town::square, 2, "👍", step % 2 == 0, 2}, age);
                break;
            case 5:
                take(Town::aino, TagThread{Town::square, 2, {text}}, age);
                break;
            default:
                take(member, PostMessage{Town::square, 2, text, 0}, age);
        }
        seen.push_back(channel.entities());
    }
}

// Two nodes and one member: whatever the order, posts that land are as far apart as the thread wants.
RC_GTEST_PROP(RacingOneself, PostsThatLandAreApart, (const std::vector<std::pair<bool, std::uint8_t>>& posts)) {
    const Town town;
    const ContentLimits limits;
    ModelChannel channel;
    channel.put("room", Room{Town::strategy, "tori", "Tori", "", false});
    Thread slow;
    slow.slow_mode_s = 1;
    channel.put(thread_key(2), slow);
    Entities seen[2] = {channel.entities(), channel.entities()};
    Millis now = 1;
    std::optional<Millis> last;
    for (const auto& [node, later] : posts) {
        now += Millis{later} * 10;
        const Actor actor{town.card(Town::aino), town, now, limits};
        const PostMessage command{Town::square, 2, "hei", 0};
        const auto try_on = [&](const Entities& entities) {
            auto keys = needs(actor, command);
            return decide_on(actor, command, entities, keys);
        };
        auto decision = try_on(seen[node]);
        if (!decision || !channel.stale(*decision).empty()) decision = try_on(channel.entities());
        RC_ASSERT(decision.has_value() == (!last || now - *last >= 1000));
        if (decision) {
            channel.apply(*decision);
            last = now;
        }
        seen[node] = channel.entities();
    }
}

}  // namespace
}  // namespace foorumi::forum::test
