// What a rule answers: a decision to commit, or a refusal. Pure values.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forum/entities.hpp"

namespace foorumi::forum {

// The stable words of errors; the protocol's Error.Code has the same order and numbers.
enum class ErrorCode : std::uint8_t {
    malformed = 1,
    unknown_request,
    unauthenticated,
    invalid,
    not_found,
    forbidden,
    conflict,
    expired,
    limited,
    unavailable,
    outcome_unknown,
    internal,
};

// Where a thread or a message is.
struct Located {
    Id room = 0;
    Id thread = 0;
    Id message = 0;  // 0: it is a thread
    friend bool operator==(const Located&, const Located&) = default;
};

// Why a request is not done. `reason` is also the key of the text in the message catalogues ("error.<reason>").
struct Refusal {
    ErrorCode code = ErrorCode::internal;
    std::string reason;
    std::string field;                 // the request's field at fault, empty where none
    std::uint32_t retry_after_ms = 0;  // 0: no use in trying again
    std::optional<Located> moved{};    // of "moved": where to, for who may read that
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// boost::system::result wants to know how to throw an error type when value() is called on a refusal; that is a bug.
[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where);

// The commit lands only if `key` is still at `version`; 0: only if it has never existed.
struct Expectation {
    std::string key;
    Version version = 0;
    friend bool operator==(const Expectation&, const Expectation&) = default;
};

// Puts an entity. In `key`, '@' stands for the commit's version. With own_thread, Message::thread is the commit's
// version.
struct Write {
    std::string key;
    Entity value;
    bool own_thread = false;
    friend bool operator==(const Write&, const Write&) = default;
};

// Adds to, or removes from, an ordered index of the channel. In `index` and `member`, '@' stands for the commit's
// version.
struct IndexChange {
    std::string index;
    std::string member;
    Version score = 0;  // 0: the commit's version
    bool remove = false;
    friend bool operator==(const IndexChange&, const IndexChange&) = default;
};

// What follows in another channel: put the entity there unless its key exists already. In `key`, '@' stands for the
// version of the commit that this follows from; thread and message left 0 in an InboxEntry of a mention or a reply are
// filled with it.
struct Effect {
    std::string channel;
    std::string key;
    Entity value;
    std::string index;  // an index of that channel to add the key to, scored by its commit; empty: none
    // Keys of that channel that are emptied in the same step, and leave its index of earlier texts. So are those that
    // are not there yet: effects that come later find that they were.
    std::vector<std::string> takes{};
    // Instead of all this: this room's channel, with 0 that of the one that the commit created, is told of it as the
    // directory has it by then.
    std::optional<Id> room{};
    // Of a Report: the one about the same message is joined, or it is begun; `version` says of which commit.
    bool flag = false;
    // Of a HeldMessage that was approved: it is posted, once; or it is returned.
    bool post = false;
    Version version = 0;  // of the commit that this follows from, where it was read from a feed
    friend bool operator==(const Effect&, const Effect&) = default;
};

// What the audit log keeps of an act of power, beside who did it and when. Ids that do not apply are 0.
struct Act {
    std::string_view name{};  // where a command does one thing or its contrary; empty: the command's
    Id forum = 0;
    Id room = 0;
    Id thread = 0;
    Id message = 0;
    Id member = 0;       // whom it was done to
    std::string reason;  // the actor's words; the log keeps their digest, so that they can be erased
    // What was set, by the command that sets it.
    std::uint32_t slow_mode_s = 0;
    Roles write{};
    ThreadState state = ThreadState::none;
    Millis until = 0;
    bool announcement = false;
    std::uint64_t report = 0;
    Id to_room = 0;
    Id to_thread = 0;
    std::vector<Id> messages{};
    bool exposes_history = false;
    bool public_copy = false;
    std::uint64_t held = 0;
    friend bool operator==(const Act&, const Act&) = default;
};

struct Decision {
    std::vector<Expectation> expectations;
    std::vector<Write> writes;  // empty: nothing to change, answered with the channel's present version
    std::vector<IndexChange> indexes;
    std::vector<Effect> effects;
    std::optional<Act> act{};  // of a decision with writes: committed in the same step
    // Not empty: nothing is decided. These keys are to be read, beside those of needs(), and decide() called again.
    std::vector<std::string> further{};
    // Nothing is committed but that the change was set aside: this is to be held.
    std::optional<HeldMessage> hold{};
    // The same of a held message: it is to be returned, for this reason.
    std::string returned{};
};

template <class T>
using Result = boost::system::result<T, Refusal>;

}  // namespace foorumi::forum
