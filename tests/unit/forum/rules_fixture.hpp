// A room and members to run commands in it, as the dispatcher does: check, needs, decide, apply.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_channel.hpp"
#include "town.hpp"

namespace foorumi::forum {

// For GoogleTest's messages.
inline void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << static_cast<int>(refusal.code) << ' ' << refusal.reason << " (" << refusal.field << ')';
}

}  // namespace foorumi::forum

namespace foorumi::forum::test {

class RulesTest : public testing::Test {
   protected:
    RulesTest() { channel.put("room", Room{Town::strategy, "tori", "Tori", "", false}); }

    [[nodiscard]] Actor actor(Id member) const { return {town.card(member), town, now, limits}; }

    template <class Command>
    Result<Decision> decided(Id member, Command command) {
        fill_thread(command);
        const Actor who = actor(member);
        if (auto checked = check(who, command); !checked) return checked.error();
        auto keys = needs(who, command);
        return decide_on(who, command, channel.entities(), keys);
    }

    // Runs the command and expects that it succeeds; the channel's version after it.
    template <class Command>
    Version run(Id member, const Command& command) {
        auto decision = decided(member, command);
        if (!decision) {
            ADD_FAILURE() << "refused: " << decision.error().reason;
            return 0;
        }
        effects = decision->effects;
        act = decision->act;
        return channel.apply(*decision);
    }

    template <class Command>
    Refusal refused(Id member, const Command& command) {
        auto decision = decided(member, command);
        if (decision) {
            ADD_FAILURE() << "not refused";
            return {};
        }
        return decision.error();
    }

    template <class Command>
    bool decides_nothing(Id member, const Command& command) {
        auto decision = decided(member, command);
        return decision && decision->writes.empty() && decision->indexes.empty() && decision->effects.empty() &&
               !decision->act;
    }

    // As an act of places does, and what follows from it.
    void archive() {
        town.room_card(Town::square).archived = true;
        channel.put("room", told_of(town, *town.room(Town::square)));
    }
    void lock(Id thread) {
        Thread locked = *channel.find<Thread>(thread_key(thread));
        locked.locked = true;
        channel.put(thread_key(thread), locked);
    }

    [[nodiscard]] const Thread& thread_of(Id id) const { return *channel.find<Thread>(thread_key(id)); }
    [[nodiscard]] const Message& message(Id id) const { return *channel.find<Message>(message_key(id)); }

    // As the dispatcher does: the thread of the message that is to be changed.
    template <class Command>
    void fill_thread(Command& command) const {
        if constexpr (requires { command.thread, command.message; }) {
            const auto* found = channel.find<Message>(message_key(command.message));
            if (found != nullptr && command.thread == 0) command.thread = found->thread;
        }
    }

    Town town;
    ContentLimits limits;
    Millis now = 1'700'000'000'000;
    ModelChannel channel;
    std::vector<Effect> effects;
    std::optional<Act> act;
};

// Most tests talk in a thread that is there already.
class ThreadTest : public RulesTest {
   protected:
    Id thread = run(Town::aino, StartThread{Town::square, "Lähijunien vuorovälit", "Miten teillä on järjestetty?"});
};

inline Refusal refusal_of(ErrorCode code, std::string reason, std::string field) {
    return {code, std::move(reason), std::move(field)};
}

}  // namespace foorumi::forum::test
