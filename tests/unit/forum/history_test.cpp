// Properties that hold for every history of a room: random commands of random members, applied to a model channel.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "rules_fixture.hpp"

namespace foorumi::forum::test {
namespace {

// One step of a history, chosen by RapidCheck as plain numbers, so that it shrinks; `aim` picks an existing thing.
struct Step {
    unsigned command;
    unsigned member;
    unsigned aim;
    unsigned content;
};

void showValue(const Step& step, std::ostream& out) {
    out << '{' << step.command << ' ' << step.member << ' ' << step.aim << ' ' << step.content << '}';
}

rc::Gen<std::vector<Step>> histories() {
    const auto number = rc::gen::inRange(0U, 1000U);
    return rc::gen::container<std::vector<Step>>(rc::gen::construct<Step>(number, number, number, number));
}

// What the fixture offers, outside a GoogleTest fixture; keeps every state it went through.
class History {
   public:
    History() {
        limits_.edits = 3;
        limits_.reactions = 2;
        channel_.put("room", Room{Town::strategy, "tori", "Tori", "", false});
        states_.push_back(channel_.entities());
    }

    void take(const Step& step) {
        const Id member = members_[step.member % members_.size()];
        const std::string text = texts_[step.content % texts_.size()];
        const Id thread = pick(threads_, step.aim);
        const Id message = pick(messages_, step.aim);
        switch (step.command % 10) {
            case 0:
                return run(member, StartThread{Town::square, "Aihe " + std::to_string(step.content), text});
            case 1:
            case 2:
                return run(member, PostMessage{Town::square, thread, text, 0});
            case 3:
                return run(member, PostMessage{Town::square, thread, text, message});
            case 4:
                return run(member, EditMessage{Town::square, message, text, thread_of(message)});
            case 5:
                return run(member, DeleteMessage{Town::square, message, thread_of(message)});
            case 6:
                return run(member, React{Town::square, message, emoji_[step.content % emoji_.size()], false,
                                         thread_of(message)});
            case 7:
                return run(Town::johtaja, RemoveMessage{Town::square, message, text, thread_of(message)});
            case 8:
                return run(Town::johtaja, restoration(message));
            default:
                return run(member, React{Town::square, message, emoji_[step.content % emoji_.size()], true,
                                         thread_of(message)});
        }
    }

    [[nodiscard]] const ModelChannel& channel() const { return channel_; }
    // The entities at each version from 1.
    [[nodiscard]] const std::vector<Entities>& states() const { return states_; }
    [[nodiscard]] const std::vector<Effect>& effects() const { return effects_; }

   private:
    static Id pick(const std::vector<Id>& ids, unsigned aim) { return ids.empty() ? 0 : ids[aim % ids.size()]; }
    [[nodiscard]] Id thread_of(Id message) const {
        const auto* found = channel_.find<Message>(message_key(message));
        return found == nullptr ? 0 : found->thread;
    }

    [[nodiscard]] RestoreMessage restoration(Id message) const {
        RestoreMessage command{Town::square, message, thread_of(message)};
        if (const auto* found = channel_.find<Message>(message_key(message))) command.removal = found->removals;
        const auto key = removed_key(Town::square, message, command.removal);
        for (const auto& effect : effects_)
            if (effect.key == key) command.removed = {1, effect.value};
        return command;
    }

    template <class Command>
    void run(Id member, const Command& command) {
        const Actor actor{town_.card(member), town_, now_++, limits_};
        RC_ASSERT(check(actor, command).has_value());
        auto keys = needs(actor, command);
        const auto decision = decide_on(actor, command, channel_.entities(), keys);
        if (!decision) return;
        writes_only_what_it_expects(*decision, keys);
        const Version before = channel_.version();
        const Version version = channel_.apply(*decision);
        if (version == before) return;
        RC_ASSERT(version == before + 1);
        states_.push_back(channel_.entities());
        effects_.insert(effects_.end(), decision->effects.begin(), decision->effects.end());
        if (channel_.find<Thread>(thread_key(version)) != nullptr) threads_.push_back(version);
        if (channel_.find<Message>(message_key(version)) != nullptr) messages_.push_back(version);
    }

    // No write is blind: what exists is expected at the version that was seen.
    static void writes_only_what_it_expects(const Decision& decision, const std::vector<std::string>& keys) {
        std::set<std::string> expected;
        for (const auto& expectation : decision.expectations) {
            RC_ASSERT(std::find(keys.begin(), keys.end(), expectation.key) != keys.end());
            expected.insert(expectation.key);
        }
        for (const auto& write : decision.writes) {
            RC_ASSERT(write.key.find('@') != std::string::npos || expected.contains(write.key));
        }
        if (decision.writes.empty()) RC_ASSERT(decision.indexes.empty() && decision.effects.empty());
    }

    Town town_;
    ContentLimits limits_;
    Millis now_ = 1;
    ModelChannel channel_;
    std::vector<Entities> states_;
    std::vector<Effect> effects_;
    std::vector<Id> threads_;
    std::vector<Id> messages_;
    const std::vector<Id> members_{Town::aino, Town::veikko, Town::biret, Town::virkamies, Town::johtaja};
    const std::vector<std::string> texts_{"Hyvää huomenta!", "@veikko, mitä mieltä?",
                                          "Buorre beaivi, @biret-ahkku ja @aino.korhonen", "Näin meillä: `@veikko`",
                                          "Tack så mycket, @virkamies"};
    const std::vector<std::string> emoji_{"👍", "❤️", "🎉"};
};

History after(const std::vector<Step>& steps) {
    History history;
    for (const auto& step : steps) history.take(step);
    return history;
}

RC_GTEST_PROP(HistoriesOfARoom, GiveEachMessageTheIdOfItsCommit, ()) {
    const auto history = after(*histories());
    for (Version version = 2; version <= history.channel().version(); ++version) {
        for (const auto& [key, entity] : history.states()[version - 1]) {
            RC_ASSERT(entity.version >= 1 && entity.version <= version);
            const bool is_new = !history.states()[version - 2].contains(key);
            if (is_new && std::holds_alternative<Message>(entity.value)) RC_ASSERT(key == message_key(version));
            if (is_new && std::holds_alternative<Thread>(entity.value)) RC_ASSERT(key == thread_key(version));
        }
    }
}

RC_GTEST_PROP(HistoriesOfARoom, KeepTheIndexesInStepWithTheEntities, ()) {
    const auto history = after(*histories());
    const ModelChannel& channel = history.channel();
    std::map<std::string, Index> expected;
    for (const auto& [key, entity] : channel.entities()) {
        const auto* message = std::get_if<Message>(&entity.value);
        if (message == nullptr) continue;
        const Id id = std::stoull(key.substr(key.find(':') + 1));
        expected[thread_index(message->thread)][thread_index_member(id, message->deleted == 0 ? message->author : 0)] =
            id;
        auto& activity = expected["threads"][std::to_string(message->thread)];
        activity = std::max(activity, id);
        RC_ASSERT(channel.find<Thread>(thread_key(message->thread)) != nullptr);
        if (message->reply_to != 0) {
            RC_ASSERT(message->reply_to < id);
            RC_ASSERT(channel.find<Message>(message_key(message->reply_to))->thread == message->thread);
        }
    }
    RC_ASSERT(channel.indexes() == expected);
}

RC_GTEST_PROP(HistoriesOfARoom, LeaveNothingInTombstones, ()) {
    const auto history = after(*histories());
    for (const auto& [key, entity] : history.channel().entities()) {
        const auto* message = std::get_if<Message>(&entity.value);
        if (message == nullptr) continue;
        RC_ASSERT(message->text.empty() == (message->deleted != 0));
        if (message->deleted == 0) continue;
        RC_ASSERT(message->mentions.empty());
        const auto id = key.substr(key.find(':') + 1);
        RC_ASSERT(history.channel().find<Reactions>("reactions:" + id) == nullptr);
    }
}

RC_GTEST_PROP(HistoriesOfARoom, KeepReactionsWithinTheirBounds, ()) {
    const auto history = after(*histories());
    for (const auto& [key, entity] : history.channel().entities()) {
        const auto* all = std::get_if<Reactions>(&entity.value);
        if (all == nullptr) continue;
        RC_ASSERT(!all->reactions.empty() && all->reactions.size() <= 2u);
        for (const auto& reaction : all->reactions) {
            const std::set<Id> members(reaction.members.begin(), reaction.members.end());
            RC_ASSERT(!members.empty() && members.size() == reaction.members.size());
        }
    }
}

RC_GTEST_PROP(HistoriesOfARoom, KeepEachEarlierTextUnderItsOwnKey, ()) {
    const auto history = after(*histories());
    std::set<std::string> keys;
    std::size_t texts = 0;
    for (const auto& effect : history.effects()) {
        if (!std::holds_alternative<EarlierText>(effect.value)) continue;
        keys.insert(effect.key);
        ++texts;
    }
    RC_ASSERT(keys.size() == texts);
    std::size_t changes = 0;
    for (const auto& [key, entity] : history.channel().entities()) {
        if (const auto* message = std::get_if<Message>(&entity.value))
            changes += message->edits + message->removals + (message->deleted != 0 && message->removed == 0 ? 1 : 0);
    }
    RC_ASSERT(changes == texts);
}

RC_GTEST_PROP(SyncOfARoom, AfterAnyCutGivesTheFreshSnapshot, ()) {
    const auto history = after(*histories());
    const ModelChannel& channel = history.channel();
    const Version cut = *rc::gen::inRange<Version>(0, channel.version() + 1);
    Entities copy = cut == 0 ? Entities{} : history.states()[cut - 1];
    for (const auto& [key, entity] : channel.sync(cut)) {
        RC_ASSERT(entity.version > cut);
        copy[key] = entity;
    }
    RC_ASSERT(same(copy, channel.entities()));
}

RC_GTEST_PROP(SyncOfARoom, InSeveralStepsGivesTheFreshSnapshot, ()) {
    const auto history = after(*histories());
    Entities copy;
    Version at = 0;
    for (Version version = 1; version <= history.channel().version(); ++version) {
        if (*rc::gen::inRange(0, 3) != 0 && version != history.channel().version()) continue;
        // A sync at this version: what the state then held that is newer than the copy.
        for (const auto& [key, entity] : history.states()[version - 1]) {
            if (entity.version > at) copy[key] = entity;
        }
        at = version;
    }
    RC_ASSERT(same(copy, history.channel().entities()));
}

// Two devices of one member, deciding on what they last saw: whatever the interleaving, nothing lands on a state it did
// not see, and a decision made again lands.
RC_GTEST_PROP(MarksOfTwoDevices, NeverOverwriteUnseen, (const std::vector<std::pair<bool, std::uint8_t>>& writes)) {
    const Town town;
    const ContentLimits limits;
    const Actor actor{town.card(Town::aino), town, 1, limits};
    ModelChannel channel;
    Entities seen[2];
    for (const auto& [device, to] : writes) {
        const MarkRead command{Town::square, 5, to};
        const auto keys = needs(actor, command);
        const auto stale = decide(actor, command, NeedsView(seen[device], keys));
        const auto fresh = decide(actor, command, NeedsView(channel.entities(), keys));
        RC_ASSERT(stale.has_value() && fresh.has_value());
        const bool is_current = same(seen[device], channel.entities());
        if (!is_current && !stale->writes.empty()) RC_ASSERT(!channel.stale(*stale).empty());
        RC_ASSERT(channel.stale(*fresh).empty());
        channel.apply(*fresh);
        seen[device] = channel.entities();
        const auto* mark = channel.find<ReadMark>(keys[0]);
        RC_ASSERT((mark == nullptr ? 0 : mark->to) == to);
    }
}

}  // namespace
}  // namespace foorumi::forum::test
