// The forum's entities as plain values. Thread-safe to share when const; no IO, no wire format.
// The meaning of each field stands in protocol/foorumi/v1/entities.proto; the codec translates between the two.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace foorumi::forum {

// A channel's version: the number of commits it has seen. 0 means "never".
using Version = std::uint64_t;
// Ids are the version of the commit that created the thing, so they are ordered within a channel. 0 means "none".
using Id = std::uint64_t;
// Milliseconds since 1970-01-01 UTC.
using Millis = std::int64_t;

enum class Role : std::uint8_t { councillor = 1, office_holder, expert, moderator, administrator };
inline constexpr std::array all_roles{Role::councillor, Role::office_holder, Role::expert, Role::moderator,
                                      Role::administrator};

// A set of roles.
class Roles {
   public:
    constexpr Roles() = default;
    constexpr Roles(std::initializer_list<Role> roles) {
        for (Role role : roles) add(role);
    }
    constexpr void add(Role role) { bits_ |= bit(role); }
    [[nodiscard]] constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
    [[nodiscard]] constexpr bool intersects(Roles other) const { return (bits_ & other.bits_) != 0; }
    [[nodiscard]] constexpr bool includes(Roles other) const { return (other.bits_ & ~bits_) == 0; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    friend constexpr bool operator==(Roles, Roles) = default;

   private:
    static constexpr std::uint8_t bit(Role role) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
    }
    std::uint8_t bits_ = 0;
};

// What kinds of offices there are; the numbers of the protocol's Position.Kind.
enum class PositionKind : std::uint8_t {
    council_chair = 1,
    council_vice_chair,
    council_member,
    council_deputy,
    board_chair,
    board_vice_chair,
    board_member,
    committee_chair,
    committee_member,
    group_chair,
    mayor,
    municipal_manager,
    office_holder,
};

// An office in a municipality or a body of it.
struct Position {
    PositionKind kind = PositionKind::council_member;
    std::string body;  // the committee, the group or the office, where the kind does not tell
    Id term = 0;       // council term that it is held for; 0: until it is taken away
    friend bool operator==(const Position&, const Position&) = default;
};

struct Badge {
    Roles roles;
    std::string municipality;
    std::vector<Position> positions;  // without their terms
    friend bool operator==(const Badge&, const Badge&) = default;
};

struct Room {
    Id forum = 0;
    std::string slug;
    std::string title;
    std::string description;
    bool archived = false;
    std::string archive_reason{};
    Version as_of = 0;                 // version of the directory by which it was last changed
    std::uint32_t retention_days = 0;  // 0: for ever
    friend bool operator==(const Room&, const Room&) = default;
};

enum class ThreadState : std::uint8_t { none = 0, open = 1, helped = 2, solved = 3, practice = 4 };

// Why a thread is locked, by whom and since when. All empty: it is not, or nothing is known.
struct Lock {
    std::string reason;
    Id by = 0;
    Millis at = 0;
    friend bool operator==(const Lock&, const Lock&) = default;
};

// Who looks when it is over takes the thread for one that is not pinned.
struct Pin {
    Millis until = 0;  // 0: there is no end
    bool announcement = false;
    [[nodiscard]] bool over(Millis now) const { return until != 0 && until <= now; }
    friend bool operator==(const Pin&, const Pin&) = default;
};

struct Thread {
    std::string title;
    Id author = 0;
    Badge badge;
    Millis created = 0;
    bool locked = false;
    Lock lock{};
    std::optional<Pin> pin{};
    ThreadState state = ThreadState::none;
    std::uint32_t slow_mode_s = 0;  // between two posts of one member who does not moderate; 0: any
    Roles write{};                  // who may post, beside moderators; empty: who may write in the room
    std::vector<std::string> tags{};
    Millis moving = 0;  // since when it is moved, split or merged; meanwhile nobody changes anything
    Id expired_to = 0;  // messages up to this one were deleted by the room's retention
    friend bool operator==(const Thread&, const Thread&) = default;
};

// A room's pinned threads, in the order of that; some maybe over.
struct Pins {
    struct Pinned {
        Id thread = 0;
        Millis until = 0;
        friend bool operator==(const Pinned&, const Pinned&) = default;
    };
    std::vector<Pinned> pinned;
    friend bool operator==(const Pins&, const Pins&) = default;
};

// When a member posted last to a thread with slow mode.
struct Pace {
    Id member = 0;
    Millis at = 0;
    friend bool operator==(const Pace&, const Pace&) = default;
};

// That a message may hold what has to be kept secret by law.
struct Secrecy {
    std::string ground;
    Millis at = 0;
    bool by_moderators = false;  // not by its author
    friend bool operator==(const Secrecy&, const Secrecy&) = default;
};

struct Message {
    Id thread = 0;  // 0 in a decision that starts a thread: the commit's own version
    Id author = 0;
    Badge badge;
    std::string text;
    Id reply_to = 0;
    std::vector<Id> mentions;
    Millis created = 0;
    Millis edited = 0;
    std::uint32_t edits = 0;
    Millis deleted = 0;
    Millis removed = 0;  // by moderators, when it was deleted
    std::string reason;
    Millis purged = 0;
    std::uint32_t removals = 0;
    Millis author_deleted = 0;  // what was removed already
    Millis moved = 0;           // here from another room
    std::optional<Secrecy> secrecy{};
    std::uint32_t expired_days = 0;  // of the retention by which it was deleted; 0: by none
    friend bool operator==(const Message&, const Message&) = default;
};

struct Reaction {
    std::string emoji;
    std::vector<Id> members;
    friend bool operator==(const Reaction&, const Reaction&) = default;
};

struct Reactions {
    std::vector<Reaction> reactions;
    friend bool operator==(const Reactions&, const Reactions&) = default;
};

struct ReadMark {
    Id to = 0;
    friend bool operator==(const ReadMark&, const ReadMark&) = default;
};

struct Draft {
    std::string text;
    std::string title;
    Millis saved = 0;
    friend bool operator==(const Draft&, const Draft&) = default;
};

enum class WatchLevel : std::uint8_t { normal = 0, follow = 1, mute = 2 };

struct Watch {
    WatchLevel level = WatchLevel::normal;
    friend bool operator==(const Watch&, const Watch&) = default;
};

// What is done to members who do not keep the rules.
enum class SanctionKind : std::uint8_t { warn = 1, mute, suspend, ban };

enum class InboxKind : std::uint8_t {
    mention = 1,
    reply = 2,
    removed = 3,
    restored = 4,
    report_resolved = 5,
    report_rejected = 6,
    reported = 7,
    appeal_accepted = 8,
    appeal_rejected = 9,
    sanctioned = 15,
    sanction_lifted = 16,
    held_approved = 20,
    held_rejected = 21,
    secrecy_marked = 30,
    secrecy_lifted = 31,
};

// What a member is told of a sanction of theirs.
struct Sanctioned {
    std::uint64_t number = 0;  // among the member's
    SanctionKind kind = SanctionKind::warn;
    Id forum = 0;      // 0: everywhere
    Millis until = 0;  // 0: until it is lifted
    std::string appeal{};
    friend bool operator==(const Sanctioned&, const Sanctioned&) = default;
};

struct InboxEntry {
    InboxKind kind = InboxKind::mention;
    Id room = 0;
    Id thread = 0;   // 0 in a decision that starts a thread: the commit's own version
    Id message = 0;  // 0 in a decision that creates the message: the commit's own version
    Id author = 0;
    Millis created = 0;
    bool seen = false;
    std::string reason{};
    Id member = 0;                         // of a report of a member
    std::optional<Sanctioned> sanction{};  // then the entry is of no room
    std::uint64_t held = 0;                // of what was held: its number
    friend bool operator==(const InboxEntry&, const InboxEntry&) = default;
};

struct EarlierText {
    Id room = 0;
    Id thread = 0;
    Id message = 0;
    Id author = 0;
    std::string text;
    Millis replaced = 0;
    bool removed = false;
    Millis keep_until = 0;
    std::vector<Id> mentions{};  // of a removal by moderators, like the following
    Id by = 0;
    std::string reason{};
    bool purged = false;  // nothing is left but that it was
    friend bool operator==(const EarlierText&, const EarlierText&) = default;
};

enum class ReportCategory : std::uint8_t {
    harassment = 1,
    off_topic,
    spam,
    confidential,
    unlawful,
    other,
    filter = 50
};

enum class ReportState : std::uint8_t { fresh = 1, assigned, resolved, rejected };

// One entry of a forum's queue, as all subscribers get it.
struct Report {
    Id room = 0;  // 0, like the two behind it: of a member
    Id thread = 0;
    Id message = 0;
    Id member = 0;  // whom it is about; of an appeal who appeals
    ReportState state = ReportState::fresh;
    std::vector<ReportCategory> categories{};
    std::uint32_t reporters = 0;
    std::uint32_t notes = 0;
    Millis created = 0;
    Millis changed = 0;
    Id assigned = 0;
    Millis closed = 0;
    Id closed_by = 0;
    Millis keep_until = 0;
    bool appeal = false;
    std::uint32_t removal = 0;  // of an appeal, like the following
    Id removed_by = 0;
    std::vector<std::string> filters{};  // that have found it
    [[nodiscard]] bool is_closed() const { return state == ReportState::resolved || state == ReportState::rejected; }
    friend bool operator==(const Report&, const Report&) = default;
};

// What a reporter, or who appeals, says.
struct ReportWords {
    Id reporter = 0;            // 0: was erased
    ReportCategory category{};  // 0: of an appeal
    std::string text;
    Millis at = 0;
    Id room = 0;  // what it is about, as in Report
    Id thread = 0;
    Id message = 0;
    Id member = 0;
    bool appeal = false;
    friend bool operator==(const ReportWords&, const ReportWords&) = default;
};

enum class NoteTo : std::uint8_t { moderators = 0, reporters = 1, author = 2 };

struct ReportNote {
    Id by = 0;
    Millis at = 0;
    std::string text;
    NoteTo to = NoteTo::moderators;
    friend bool operator==(const ReportNote&, const ReportNote&) = default;
};

// What the rules of reports have to know; which of it, says the key.
struct ReportBook {
    std::uint64_t last = 0;                // the queue's: the highest number
    Id member = 0;                         // a reporter's
    std::vector<std::uint64_t> reports{};  // open ones, in which they are
    std::vector<Millis> times{};           // of what they have reported lately
    std::uint64_t report = 0;              // a target's: the report about it; 0: none is open
    friend bool operator==(const ReportBook&, const ReportBook&) = default;
};

// What waits to be approved by a moderator.
struct HeldMessage {
    std::uint64_t number = 0;
    Id room = 0;
    Id thread = 0;  // 0: a new one, of this title
    std::string title{};
    std::string text{};
    Id reply_to = 0;
    Id author = 0;
    Millis created = 0;
    std::vector<std::string> filters{};  // that have found it
    std::string returned{};              // why it could not be posted when it was approved
    friend bool operator==(const HeldMessage&, const HeldMessage&) = default;
};

// What the rules of new members, of held messages and of flags have to count; which of it, says the key.
struct PostBook {
    std::uint32_t posts = 0;
    std::vector<Millis> times{};  // within the last day
    Id member = 0;
    std::vector<Version> versions{};
    friend bool operator==(const PostBook&, const PostBook&) = default;
};

// Where what was here has gone.
struct Redirect {
    Millis moved = 0;
    Id room = 0;
    Id thread = 0;
    Id message = 0;  // 0: in the place of a thread
    friend bool operator==(const Redirect&, const Redirect&) = default;
};

enum class MoveKind : std::uint8_t { move = 1, split, merge };

// A thread's move, split or merge that is under way.
struct Move {
    MoveKind kind = MoveKind::move;
    Id room = 0;
    Id thread = 0;
    Id to_room = 0;
    Id to_thread = 0;            // of a merge
    std::vector<Id> messages{};  // of a split, ascending
    std::string title{};         // of the new thread
    Id by = 0;
    Millis at = 0;  // Thread::moving of the threads that it holds
    friend bool operator==(const Move&, const Move&) = default;
};

// monostate: the entity is gone.
using Entity =
    std::variant<std::monostate, Room, Thread, Message, Reactions, Pins, Pace, ReadMark, Draft, Watch, InboxEntry,
                 EarlierText, Redirect, Move, Report, ReportWords, ReportNote, ReportBook, HeldMessage, PostBook>;

}  // namespace foorumi::forum
