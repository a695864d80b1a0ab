// A member's change on its way through its channel's home. Thread: the channel's home worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "dispatch/commands.hpp"
#include "store/channel_store.hpp"

namespace foorumi::dispatch {

// How a change ended: committed, or refused.
using ChangeResult = forum::Result<store::Committed>;

// Where a post waits to be approved.
struct HeldPlace {
    forum::Id forum = 0;
    std::uint64_t number = 0;
};

struct ChangeJob {
    Command command;
    forum::Id member = 0;
    std::string token_hash;  // of the session that asks; empty: nobody's session, so none that could be revoked
    std::string channel;
    store::ChangeId change_id{};
    store::Fingerprint fingerprint{};
    std::int64_t made_at_ms = 0;
    std::function<void(ChangeResult)> done;  // called once, through answer()

    // Filled in before it is answered as done, where it was held instead. Null: nobody wants to know.
    std::shared_ptr<std::optional<HeldPlace>> held{};

    // What its home notes.
    std::chrono::steady_clock::time_point deadline;
    std::optional<forum::Refusal> lookup_refusal;  // what looking up its message or thread has found
    store::Version checked_on = 0;                 // version of the directory that it was last checked on
    std::optional<store::Version> texts_read_on;   // the directory's fence when an earlier text was looked up
    std::optional<forum::HeldMessage> hold;        // what it was decided to hold
    bool unread = false;  // refused outright at some time, so what deciding it needs was not read

    // The first answer counts.
    void answer(ChangeResult result) {
        if (const auto first = std::exchange(done, nullptr)) first(std::move(result));
    }
};

}  // namespace foorumi::dispatch
