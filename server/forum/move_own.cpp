// What members keep of a thread for themselves, when it goes elsewhere.
#include <algorithm>

#include "forum/keys.hpp"
#include "forum/move_steps.hpp"
#include "forum/rule_parts.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

// Reads the same messages, by their new ids; 0: none of them.
Id mark_there(const Move& move, const Arrived& arrived, Id mark) {
    if (move.kind != MoveKind::move) return mark;  // ids stay
    const auto behind = std::ranges::upper_bound(arrived, mark, {}, &Arrived::value_type::first);
    return behind == arrived.begin() ? 0 : std::prev(behind)->second;
}

struct OwnMove {
    const Move& move;
    Decision decision{};

    // From the old key to the new one, where nothing has ever been there. A split leaves what the old thread has.
    template <class T>
    void carry(const Seen<T>& old, const Seen<T>& there, std::optional<T> value) {
        if (old.value() == nullptr) return;
        if (value && there.seen.version == 0) {
            decision.expectations.push_back(there.expectation());
            decision.writes.push_back({there.key, std::move(*value)});
        }
        if (move.kind != MoveKind::split) drop(old);
    }

    template <class T>
    void drop(const Seen<T>& old) {
        decision.expectations.push_back(old.expectation());
        decision.writes.push_back({old.key, std::monostate{}});
    }

    // Nothing unread is hidden: the mark of both is the earlier one.
    void merge_marks(const Seen<ReadMark>& old, const Seen<ReadMark>& there) {
        if (old.value() == nullptr) return;
        if (there.value() != nullptr && old.value()->to < there.value()->to) {
            decision.expectations.push_back(there.expectation());
            decision.writes.push_back({there.key, *old.value()});
        }
        drop(old);
    }
};

}  // namespace

std::vector<std::string> MoveSteps::needs_to_move_own(Id thread) const {
    return {read_key(move.room, move.thread), read_key(move.to_room, thread),    watch_key(move.room, move.thread),
            watch_key(move.to_room, thread),  draft_key(move.room, move.thread), draft_key(move.to_room, thread)};
}

Decision MoveSteps::move_own(const Arrived& arrived, Id thread, const View& view) const {
    const Seen<ReadMark> mark(view, read_key(move.room, move.thread));
    const Seen<ReadMark> mark_at(view, read_key(move.to_room, thread));
    const Seen<Watch> watch(view, watch_key(move.room, move.thread));
    const Seen<Watch> watch_at(view, watch_key(move.to_room, thread));
    const Seen<Draft> draft(view, draft_key(move.room, move.thread));
    const Seen<Draft> draft_at(view, draft_key(move.to_room, thread));
    OwnMove own{move};
    if (move.kind == MoveKind::merge) {
        own.merge_marks(mark, mark_at);
    } else if (mark.value() != nullptr) {
        const auto to = mark_there(move, arrived, mark.value()->to);
        own.carry(mark, mark_at, to == 0 ? std::nullopt : std::optional(ReadMark{to}));
    }
    // Who mutes a thread does not mean the one that it is merged into.
    if (watch.value() != nullptr) {
        const bool meant = move.kind != MoveKind::merge || watch.value()->level != WatchLevel::mute;
        own.carry(watch, watch_at, meant ? std::optional(*watch.value()) : std::nullopt);
    }
    const bool free = draft_at.seen.version == 0;
    if (draft.value() != nullptr && move.kind != MoveKind::split && free)
        own.carry(draft, draft_at, std::optional(*draft.value()));
    return std::move(own.decision);
}

}  // namespace foorumi::forum
