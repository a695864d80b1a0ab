// The steps of a Move, each the decision of one commit. Pure. Each expects what it was decided on, so that it may be
// tried by several nodes at once, and again after a crash: it is done once, whoever does it, and where it is done
// already it decides nothing or refuses as `contended`, which means that one looks anew what is left.
//
// To another room: copy() each message in order, bring_texts() and take_texts() of those that have earlier ones,
// show(), redirect() all messages, close(). Within a room: split() or merge() all messages, then end_split() or
// end_merge(). Last of all move_own() in the channel of each member who may read where it has gone.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "forum/access.hpp"
#include "forum/decision.hpp"
#include "forum/rules.hpp"

namespace foorumi::forum {

// Old and new ids of the messages that have arrived, ascending.
using Arrived = std::vector<std::pair<Id, Id>>;

// A message as it stands in the room that it leaves.
struct Leaving {
    Id id = 0;
    Message message;
    Reactions reactions;
};

// What goes along with a thread does so for who may read it there, a sanction that has an end aside.
inline constexpr Millis behind_all_ends = std::numeric_limits<Millis>::max();

struct MoveSteps {
    const Move& move;
    std::string_view name;  // tells it from every other
    const Directory& directory;
    Millis now = 0;

    // Decides on the room that it goes to, all of `arrived` being there. The first one brings the thread, whose id is
    // then arrived.front().second.
    [[nodiscard]] std::vector<std::string> needs_to_copy() const;
    [[nodiscard]] Result<Decision> copy(const Arrived& arrived, const Thread& thread, const Leaving& leaving,
                                        const View& view) const;
    [[nodiscard]] std::vector<std::string> needs_to_show(const Arrived& arrived) const;
    [[nodiscard]] Result<Decision> show(const Arrived& arrived, const View& view) const;

    // On the moderation channel of the forum that it goes to, and then on that of the one it leaves, of one message.
    // `texts`: what that one has under text_keys(). A mark that it was purged is copied, and not taken.
    [[nodiscard]] static std::vector<std::string> text_keys(Id room, Id id, const Message& message);
    [[nodiscard]] Decision bring_texts(const std::vector<std::string>& keys, const std::vector<Entity>& texts,
                                       Id thread, Id id, const View& view) const;
    [[nodiscard]] static Decision take_texts(const std::vector<std::string>& keys, const View& view);

    // On the room that it leaves. `some`: of those that have arrived.
    [[nodiscard]] std::vector<std::string> needs_to_redirect(const Arrived& some) const;
    [[nodiscard]] Result<Decision> redirect(const Arrived& some, Id thread, const View& view) const;
    [[nodiscard]] std::vector<std::string> needs_to_close() const;
    [[nodiscard]] Result<Decision> close(Id thread, const View& view) const;

    // Within the room. The version of the entity arrival_key(name) is the new thread's id; 0: there is none yet.
    [[nodiscard]] std::vector<std::string> needs_to_split(const std::vector<Id>& some) const;
    [[nodiscard]] Result<Decision> split(const std::vector<Id>& some, const View& view) const;
    // `left`: the last message that stays.
    [[nodiscard]] std::vector<std::string> needs_to_end_split(Id thread) const;
    [[nodiscard]] Result<Decision> end_split(Id thread, Id left, const View& view) const;
    [[nodiscard]] std::vector<std::string> needs_to_merge(const std::vector<Id>& some) const;
    [[nodiscard]] Result<Decision> merge(const std::vector<Id>& some, const View& view) const;
    // `last`: the last message of the thread that it was merged into.
    [[nodiscard]] std::vector<std::string> needs_to_end_merge() const;
    [[nodiscard]] Result<Decision> end_merge(Id last, const View& view) const;

    // On a member's own channel: read mark, watch and draft. What they have at the new place already stays.
    [[nodiscard]] std::vector<std::string> needs_to_move_own(Id thread) const;
    [[nodiscard]] Decision move_own(const Arrived& arrived, Id thread, const View& view) const;
};

}  // namespace foorumi::forum
