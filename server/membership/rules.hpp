// The rules of membership: who comes in, what they are, and what ends it. A command and the present state of the
// directory channel in, a decision or a refusal out. Pure: no IO, no clock, no randomness.
//
// Whoever decides gives the directory in memory and, through the view, the stored entities that needs() named; the
// commit expects those as they were seen. Every decision needs `fence`, too, so that none is made beside an act that
// takes something away: of two administrators who dismiss each other at once, one stays.
//
// Secrets never come here: what a token, an invitation or a password is known by is its hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/snapshot.hpp"
#include "forum/decision.hpp"
#include "forum/filters.hpp"
#include "membership/sanction_limits.hpp"
#include "names/limits.hpp"

namespace foorumi::v1 {
class StoredInvitation;
}

namespace foorumi::membership {

// Of forums and rooms. Each has a name in the configuration.
struct PlaceLimits {
    std::uint32_t forums = 40;
    std::uint32_t rooms = 500;  // of one forum
    std::uint32_t slug_bytes = 60;
    std::uint32_t title_bytes = 100;
    std::uint32_t description_bytes = 400;
    std::uint32_t holds = 50;               // legal holds of one room
    std::uint32_t retention_days = 36'500;  // the longest that a room may have, but for ever
};

// Of filters. Each has a name in the configuration.
struct FilterLimits {
    std::uint32_t per_place = 200;  // of one forum, and of those that count everywhere
    std::uint32_t pattern_bytes = 100;
};

// Each has a name in the configuration.
struct Limits {
    forum::Millis session_ms = 90LL * 24 * 3600 * 1000;       // from the sign-in, however much it is used
    forum::Millis session_idle_ms = 30LL * 24 * 3600 * 1000;  // without use
    forum::Millis pending_ms = 10LL * 60 * 1000;              // from the password to the second factor
    forum::Millis session_touch_ms = 60LL * 60 * 1000;        // between two notes of a use
    std::uint32_t sessions = 20;                              // of one member; the least recently used goes
    std::uint32_t device_bytes = 100;
    forum::Millis invitation_ms = 14LL * 24 * 3600 * 1000;  // from its making
    forum::Millis reset_ms = 24LL * 60 * 60 * 1000;         // a link for a new password
    std::uint32_t invitations = 10'000;                     // open at once
    std::uint32_t contact_invitations = 200;                // of those, made by one contact person
    std::uint32_t grants = 10;                              // roles of one member
    std::uint32_t moderated_forums = 100;                   // of one member
    std::uint32_t terms = 100;
    std::uint32_t term_name_bytes = 80;
    std::uint32_t audience_entries = 400;                      // municipalities, or terms, of one audience
    forum::Millis erasure_grace_ms = 14LL * 24 * 3600 * 1000;  // from the wish to be erased
    bool erasure_removes_content = false;                      // where nobody says otherwise
    names::NameLimits names;
    SanctionLimits sanctions;
    PlaceLimits places;
    FilterLimits filters;
    std::size_t reason_bytes = 1000;  // as of content
};

// A stored entity's bytes by key; empty: there is none (any more). REQUIRES: the key was among the needs.
class View {
   public:
    virtual ~View() = default;
    [[nodiscard]] virtual std::string_view at(std::string_view key) const = 0;
    [[nodiscard]] virtual bool has(std::string_view key) const = 0;  // whether it was among the needs
};

struct Put {
    std::string key;         // '@' stands for the commit's version
    std::string value;       // empty: the entity is gone
    std::string self_field;  // see store::Put
};

struct Decision {
    std::vector<Put> puts;                        // empty: nothing to change
    bool takes_away = false;                      // fenced: done when no node can act on what was before
    std::vector<forum::Effect> effects{};         // what follows in other channels; of a decision with puts
    std::optional<forum::Sanctioned> sanction{};  // that was imposed or lifted
    std::optional<forum::Filter> filter{};        // that was set or lifted
};

struct Actor {
    forum::Id member = 0;      // 0: the operator, who may do everything
    std::string_view session;  // hash of the token; empty: none
    const directory::Snapshot& directory;
    forum::Millis now = 0;
    const Limits& limits;
    std::string_view installation;  // its id: digests of names differ from installation to installation
};

inline constexpr std::string_view fence_key = "fence";
// Put by every commit that forgets an entity: a sync from before it does not tell what is gone.
inline constexpr std::string_view forgotten_key = "forgotten";
[[nodiscard]] std::string token_key(std::string_view hash);
[[nodiscard]] std::string invitation_key(std::string_view hash);
[[nodiscard]] std::string secret_key(forum::Id member);
[[nodiscard]] std::string member_key(forum::Id member);
[[nodiscard]] std::string term_key(forum::Id term);

enum class NameKind : std::uint8_t { handle = 'h', email = 'e', twin = 't' };
// The key under which a name is taken. A digest: nothing of the name remains when it is given free.
[[nodiscard]] std::string claim_key(const Actor& actor, NameKind kind, std::string_view name);

// What members see a sign-in as: the beginning of its token's hash.
inline constexpr std::size_t session_id_length = 16;
[[nodiscard]] std::string_view session_id(std::string_view hash);

// For each command: needs(), the keys that decide() looks at, `fence` aside; and decide(). Both may refuse.
//
// Refusals, by code (field in parentheses): INVALID: a field that can never be accepted. NOT_FOUND session_not_found
// (sessions), member_not_found (member), term_not_found (term), invitation_not_found (invitation), forum_not_found
// (forum), room_not_found (room). FORBIDDEN administrators_only, own_standing (member), own_erasure (member),
// beyond_contact (standing), last_administrator (member). CONFLICT handle_taken (handle), email_taken (email),
// name_taken (name), invitation_exists (invitation). LIMITED too_many_*.

// --- sign-ins

// A member's own: those named, or all but the one that asks.
struct RevokeSessions {
    std::vector<std::string> sessions;  // session_id()s
    bool others = false;
};
// Everything that a member is signed in with, by an administrator.
struct EndSessions {
    forum::Id member = 0;
};
// A second factor that a member has shown: a code of their app, or a recovery code. It is used up by it.
struct ShownFactor {
    std::uint64_t totp_step = 0;  // that was used, 0: none
    std::string totp;             // of the sealed seed that it is of
    std::string recovery;         // the hash of the code that was used; empty: none
};
// REQUIRES: the member has shown who they are, with the secret that is given; decided anew on another one, or where a
// second factor is needed since, it refuses with UNAUTHENTICATED credentials_invalid.
struct SignIn : ShownFactor {
    forum::Id member = 0;
    std::string token;  // hash of the new one
    std::string device;
    std::string password;  // the PHC string that was verified
    std::string rehashed;  // the same password at the present cost; empty: that is the present cost
    bool pending = false;
    bool second_factor = false;
    std::string replaces;  // hash of the pending token; empty: none
};
struct SignOut {
    std::string token;  // hash
};
// Notes that sign-ins are in use.
struct TouchSessions {
    std::vector<std::string> tokens;  // hashes
};
// Takes away those of the sign-ins and invitations with these keys that have expired. By the operator.
struct ExpireAll {
    std::vector<std::string> keys;
};
// What has expired, at most `limit`.
[[nodiscard]] std::vector<std::string> expired_keys(const Actor& actor, std::size_t limit);

[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const RevokeSessions& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const RevokeSessions& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const EndSessions& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const EndSessions& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SignIn& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SignIn& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SignOut& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SignOut& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const TouchSessions& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const TouchSessions& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const ExpireAll& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const ExpireAll& command, const View& view);

// --- coming in

// What somebody is in the network, as it is granted.
struct Standing {
    std::vector<forum::Grant> grants;
    std::string municipality;
    std::vector<forum::Position> positions;
    std::vector<forum::Id> moderates;
    std::string contact_for;
};

// What was granted to a member.
[[nodiscard]] Standing standing_of(const forum::MemberCard& card);

// By an administrator, or by a municipality's contact person for a councillor of it.
struct Invite {
    std::string invitation;  // hash of its token, which its maker keeps
    std::string name;
    std::string handle;
    std::string email;
    Standing standing;
    forum::Millis valid_ms = 0;  // 0: as long as the configuration allows
};
// A link for a new password, which ends all sign-ins of the member.
struct IssueReset {
    std::string invitation;
    forum::Id member = 0;
    bool clears_second_factor = false;  // for who has lost theirs, and was recognised otherwise
};
struct WithdrawInvitation {
    std::string invitation;  // session_id() of its hash
};
// REQUIRES: the caller holds the token. Redeems it: once, whoever else tries.
struct Accept {
    std::string invitation;
    std::string stored;    // the invitation's bytes, as the caller has read them
    std::string password;  // PHC string
    std::string token;     // hash of the sign-in that comes with it; empty: none
    std::string device;
};

[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const Invite& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const Invite& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const IssueReset& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const IssueReset& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const WithdrawInvitation& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const WithdrawInvitation& command, const View& view);
// Whether it may be accepted: not expired, and whoever made it could make it now. What brings power, or another's
// account, also ends with all sign-ins of its maker: it may have been made with a stolen one.
[[nodiscard]] bool is_meant(const Actor& actor, const v1::StoredInvitation& invitation);
// Refuses with NOT_FOUND invitation_not_found whatever is wrong with it: unknown, expired, withdrawn, redeemed, not
// meant any more.
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const Accept& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const Accept& command, const View& view);

// --- what members are

struct SetStanding {
    forum::Id member = 0;
    Standing standing;
};
struct PutTerm {
    forum::Id term = 0;  // 0: a new one
    std::string name;
    std::string first_day;  // "2025-06-01", Europe/Helsinki
    std::string last_day;
};
// Begins and ends terms whose time has come. By the operator.
struct TurnTerms {
    std::vector<forum::Id> terms;
};
[[nodiscard]] std::vector<forum::Id> terms_to_turn(const Actor& actor);

[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SetStanding& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SetStanding& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const PutTerm& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const PutTerm& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const TurnTerms& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const TurnTerms& command, const View& view);

// --- secrets

// REQUIRES: the present password was verified, and is `verified`. Ends all other sign-ins.
struct ChangePassword {
    std::string verified;  // PHC string
    std::string password;  // PHC string of the new one
};
// Sets the second factor, or takes it away where `totp` is empty. Whoever holds a privileged role needs one: they may
// only replace it. A sign-in that waits sets up the first one, and becomes whole by it; where there is one, it refuses
// with UNAUTHENTICATED token_invalid. Ends all other sign-ins.
struct SetSecondFactor {
    std::string verified;               // PHC string of the password that was verified
    std::string totp;                   // sealed seed
    std::uint64_t totp_step = 0;        // of the code that confirmed it
    std::vector<std::string> recovery;  // hashes
    std::string shown;                  // sealed seed of the second factor that was shown; empty: there was none
    std::string token;                  // hash of the one that takes the place of the pending one; empty: it stays
};
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const ChangePassword& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const ChangePassword& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SetSecondFactor& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SetSecondFactor& command, const View& view);
// Whether the member must have a second factor: moderators and administrators, those who will be, too.
[[nodiscard]] bool needs_second_factor(const forum::MemberCard& member);

// --- erasure
//
// A member who is to be erased stays as they are for a time of grace. Then one commit takes away all that is known of
// them in the directory and leaves `erased:<id>`, by which the nodes go through the channels; when that is done, its
// handle goes, and at last, when the feeds are purged, itself and the names that nobody could take meanwhile.

// By administrators, or by the member.
struct EraseMember {
    forum::Id member = 0;
    std::optional<bool> removes_content;  // nothing: as the configuration says
    std::string verified;                 // by the member: the PHC string of the password that was verified,
    ShownFactor shown{};                  // and the second factor, where there is one
};
// By administrators, or by the member: calls it off.
struct KeepMember {
    forum::Id member = 0;
};
// Erases one whose time has come. By the operator. Changes nothing where it has not, or where `email` is not theirs.
struct Erase {
    forum::Id member = 0;
    std::string email;                  // as the caller has read it
    std::vector<std::string> claims{};  // and found; those that this release would make need not be among them
};
[[nodiscard]] std::vector<forum::Id> members_to_erase(const Actor& actor);
// Every channel was gone through. By the operator.
struct EndSweep {
    forum::Id member = 0;
};
// Nothing is left. By the operator.
struct EndErasure {
    forum::Id member = 0;
};
[[nodiscard]] std::string erasure_key(forum::Id member);

[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const EraseMember& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const EraseMember& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const KeepMember& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const KeepMember& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const Erase& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const Erase& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const EndSweep& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const EndSweep& command, const View& view);
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const EndErasure& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const EndErasure& command, const View& view);

// --- audiences

// Of a forum, or of a room. What has been written before stays with those who could read it, unless the administrator
// says that the wider audience may have it.
struct SetAudience {
    forum::Id forum = 0;  // one of the two
    forum::Id room = 0;
    std::optional<forum::Audience> audience;  // nothing: a room without one of its own
    bool exposes_history = false;
};
[[nodiscard]] forum::Result<std::vector<std::string>> needs(const Actor& actor, const SetAudience& command);
[[nodiscard]] forum::Result<Decision> decide(const Actor& actor, const SetAudience& command, const View& view);

}  // namespace foorumi::membership
