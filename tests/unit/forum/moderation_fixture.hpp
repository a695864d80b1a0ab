// A thread and the commands that moderate it.
#pragma once

#include "forum/moderation.hpp"

#include "rules_fixture.hpp"

namespace foorumi::forum::test {

// Aino's thread in a room of the forum that Johtaja moderates.
class Moderating : public ThreadTest {
   protected:
    static constexpr Id author = Town::aino, moderator = Town::johtaja, other = Town::veikko;

    [[nodiscard]] LockThread locking(std::string reason = "Asia on käsitelty.") const {
        return {Town::square, thread, true, std::move(reason)};
    }
    [[nodiscard]] LockThread unlocking(std::string reason = "") const {
        return {Town::square, thread, false, std::move(reason)};
    }
    [[nodiscard]] PinThread pinning(Millis until = 0, bool announcement = false) const {
        return {Town::square, thread, until, announcement, false};
    }
    [[nodiscard]] PinThread unpinning() const { return {Town::square, thread, 0, false, true}; }
    [[nodiscard]] RestrictThread restricting(std::uint32_t slow_mode_s, Roles write = {}) const {
        return {Town::square, thread, slow_mode_s, write};
    }
    [[nodiscard]] SetThreadState state(ThreadState state) const { return {Town::square, thread, state}; }
    [[nodiscard]] TagThread tagging(std::vector<std::string> tags) const {
        return {Town::square, thread, std::move(tags)};
    }
    [[nodiscard]] RenameThread renaming(std::string title = "Uusi otsikko") const {
        return {Town::square, thread, std::move(title)};
    }
    [[nodiscard]] PostMessage post(std::string text = "Meillä juna kulkee tunnin välein.") const {
        return {Town::square, thread, std::move(text), 0};
    }
    [[nodiscard]] Act act_here(std::string_view name = {}, std::string reason = "") const {
        Act here;
        here.name = name;
        here.forum = Town::strategy;
        here.room = Town::square;
        here.thread = thread;
        here.member = author;
        here.reason = std::move(reason);
        return here;
    }
    [[nodiscard]] const Thread& it() const { return thread_of(thread); }
    [[nodiscard]] Id another_thread() { return run(author, StartThread{Town::square, "Toinen", "aihe"}); }
    [[nodiscard]] std::vector<Id> pinned() const {
        std::vector<Id> ids;
        if (const auto* pins = channel.find<Pins>(pins_key))
            for (const auto& one : pins->pinned) ids.push_back(one.thread);
        return ids;
    }

    // Calls f with one command of each kind that is the moderators' alone, and of each that is the author's as well.
    template <class F>
    void each_of_moderators(F f) const {
        f(locking()), f(unlocking()), f(pinning()), f(unpinning()), f(restricting(60));
    }
    template <class F>
    void each_of_authors(F f) const {
        f(state(ThreadState::solved)), f(tagging({"sote"})), f(renaming());
    }
    template <class F>
    void each(F f) const {
        each_of_moderators(f), each_of_authors(f);
    }

    const Refusal moderators_of_room = refusal_of(ErrorCode::forbidden, "moderators_only", "room");
    const Refusal moderators_of_thread = refusal_of(ErrorCode::forbidden, "moderators_only", "thread");
    const Refusal locked = refusal_of(ErrorCode::forbidden, "thread_locked", "thread");
};

}  // namespace foorumi::forum::test
