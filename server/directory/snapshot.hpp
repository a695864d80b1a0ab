// The directory in memory: municipalities, members, forums, rooms and tokens at one version.
// Immutable once published, so any thread may read it; replaced as a whole, though the new one shares with the old what
// has not changed: a change costs O(log n).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "directory/id_map.hpp"
#include "directory/name_key.hpp"
#include "directory/persistent_map.hpp"
#include "filters/matcher.hpp"
#include "forum/access.hpp"

namespace foorumi::v1 {
class StoredMember;
}

namespace foorumi::directory {

struct MunicipalityCard {
    std::string code;
    std::string name_fi;
    std::string name_sv;
    std::uint32_t population = 0;
};

struct TermCard {
    forum::Id id = 0;
    std::string name;
    std::string first_day;  // "2025-06-01", Europe/Helsinki
    std::string last_day;
    bool current = false;
    forum::Millis turned = 0;  // by the clock of the node that did it
};

// A sign-in. Its key, the hash of its token, is not in it.
struct SessionCard {
    forum::Id member = 0;
    forum::Millis created = 0;
    forum::Millis used = 0;     // told now and then only
    forum::Millis expires = 0;  // 0: never
    std::string device;
    bool pending = false;  // opens nothing but the second factor
    bool second_factor = false;
    std::uint32_t epoch = 0;  // the member's, when it was made

    // Whether it still opens something, or would if it is pending.
    [[nodiscard]] bool alive(forum::Millis now, forum::Millis idle) const {
        return expires == 0 || (now < expires && now - used < idle);
    }
};

// An invitation, or a link for a new password, as far as the nodes keep it in memory.
struct InvitationCard {
    forum::Id by = 0;
    forum::Millis created = 0;
    forum::Millis expires = 0;
    forum::Id resets = 0;  // not 0: the member who gets a new password
    std::string name;
    std::string municipality;
};

// What is still to be done for a member who has been erased.
struct ErasureCard {
    forum::Id member = 0;
    bool removes = false;             // what they have written, too
    std::string handle;               // as others mention it; empty once every channel was gone through
    std::vector<std::string> claims;  // keys that are given free then
};

// What is kept of a member's sanctions, as far as the nodes keep it in memory: no texts.
struct SanctionsCard {
    forum::Id member = 0;
    std::vector<forum::Restraint> restraints;  // some maybe over
    forum::Millis first_over = 0;              // when the first of all was over, or will be; 0: nobody knows
};

// The filters of a forum, or those that count everywhere.
struct FiltersCard {
    forum::Id forum = 0;                 // 0: everywhere
    std::vector<forum::Filter> filters;  // by number
    filters::Matcher matcher;
};

// One changed entity of the directory channel. `bytes` empty: the entity is gone.
struct EntityChange {
    std::string_view key;
    forum::Version version = 0;
    std::string_view bytes;
};

class Snapshot final : public forum::Directory {
   public:
    // The same with the changes applied, at `version`. Entities that cannot be read are logged and left as they were.
    [[nodiscard]] std::shared_ptr<const Snapshot> with(std::span<const EntityChange> changes,
                                                       forum::Version version) const;

    [[nodiscard]] forum::Version version() const { return version_; }
    // The directory version that every partition must be fenced with.
    [[nodiscard]] forum::Version fence() const { return fence_; }

    [[nodiscard]] const forum::MemberCard* member(forum::Id id) const override;
    [[nodiscard]] const forum::MemberCard* member_by_handle(std::string_view handle) const override;
    [[nodiscard]] const forum::ForumCard* forum(forum::Id id) const override;
    [[nodiscard]] const forum::RoomCard* room(forum::Id id) const override;
    [[nodiscard]] std::optional<forum::MunicipalitySize> size_class(std::string_view municipality) const override;
    [[nodiscard]] bool term_current(forum::Id term) const override;
    [[nodiscard]] bool any_member(const std::function<bool(const forum::MemberCard&)>& is) const override;
    [[nodiscard]] forum::FilterMatch filtered(forum::Id forum, std::string_view text) const override;

    // Of several with one slug, that with the least id.
    [[nodiscard]] const forum::ForumCard* forum_by_slug(std::string_view slug) const;
    [[nodiscard]] const forum::RoomCard* room_by_slug(std::string_view slug) const;
    [[nodiscard]] const MunicipalityCard* municipality(std::string_view code) const;
    [[nodiscard]] std::vector<const MunicipalityCard*> municipalities() const;  // by code; sorts them
    // The member whose token has this hash; null also where the sign-in is pending, or of an epoch that is over.
    // Whether it is expired is the caller's to ask.
    [[nodiscard]] const forum::MemberCard* member_by_token(std::string_view hash) const;
    // The sign-in whose token has this hash, or null.
    [[nodiscard]] const SessionCard* session(std::string_view hash) const;
    // Whether it is of a member who is there and not shut out, of the present epoch, and not expired by now.
    [[nodiscard]] bool is_good(const SessionCard& session, forum::Millis now, forum::Millis idle) const;
    // The sign-in whose token has this hash while it is good, a pending one, too; else null.
    [[nodiscard]] const SessionCard* good_session(std::string_view hash, forum::Millis now, forum::Millis idle) const;
    // Those of an epoch that is over, too. Until visit(hash, card) gives false; in no order that means something.
    void each_session_of(forum::Id member,
                         const std::function<bool(std::string_view hash, const SessionCard&)>& visit) const;
    void each_session(const std::function<bool(std::string_view hash, const SessionCard&)>& visit) const;
    [[nodiscard]] const InvitationCard* invitation(std::string_view hash) const;
    void each_invitation(const std::function<bool(std::string_view hash, const InvitationCard&)>& visit) const;
    [[nodiscard]] const TermCard* term(forum::Id id) const;
    [[nodiscard]] std::vector<const TermCard*> terms() const;  // by id
    // By id, those behind `after`, until visit(card) gives false.
    void each_member(forum::Id after, const std::function<bool(const forum::MemberCard&)>& visit) const;
    [[nodiscard]] const ErasureCard* erasure(forum::Id member) const;
    [[nodiscard]] std::vector<const ErasureCard*> erasures() const;  // by member
    [[nodiscard]] bool has_marker(std::string_view name) const;
    // Members of whom sanctions are kept, until visit(card) gives false.
    void each_sanctioned(const std::function<bool(const SanctionsCard&)>& visit) const;

    // Of the forum alone; 0: those that count everywhere. Null: there are none.
    [[nodiscard]] const FiltersCard* filters(forum::Id forum) const;

    // By position, then id. Sorts them: there are few.
    [[nodiscard]] std::vector<const forum::ForumCard*> forums() const;
    [[nodiscard]] std::size_t rooms() const { return rooms_.size(); }
    // The room with the least id that is not less than this one; null: there is none.
    [[nodiscard]] const forum::RoomCard* first_room_from(forum::Id id) const;
    // The rooms of the forum by position, then id, those behind `after` (null: all), until visit(card) gives false.
    // False: it did.
    bool each_room(forum::Id forum, const forum::RoomCard* after,
                   const std::function<bool(const forum::RoomCard&)>& visit) const;

   private:
    template <class Card>
    using ById = IdMap<std::shared_ptr<const Card>>;
    template <class Value>
    using ByName = PersistentMap<NameKey, Value, NameOrder>;
    using RoomPlace = std::tuple<forum::Id, std::uint32_t, forum::Id>;  // forum, position, id
    struct Nothing {};
    // Of one member the sign-ins stand together.
    struct MemberSession {
        forum::Id member = 0;
        std::shared_ptr<const std::string> hash;
        [[nodiscard]] std::string_view name() const { return hash ? std::string_view(*hash) : std::string_view(); }
        bool operator<(const MemberSession& other) const {
            return member != other.member ? member < other.member : name() < other.name();
        }
    };

    void apply(const EntityChange& change);
    [[nodiscard]] std::shared_ptr<const forum::MemberCard> member_in_force(forum::Id id,
                                                                           const v1::StoredMember& stored) const;
    // Each with null: it is gone.
    void put_member(forum::Id id, std::shared_ptr<const forum::MemberCard> card);
    void put_forum(forum::Id id, std::shared_ptr<const forum::ForumCard> card);
    void put_room(forum::Id id, std::shared_ptr<const forum::RoomCard> card);
    void put_session(std::string_view hash, std::shared_ptr<const SessionCard> card);
    void put_term(forum::Id id, std::shared_ptr<const TermCard> card);
    void put_sanctions(forum::Id member, std::shared_ptr<const SanctionsCard> card);

    forum::Version version_ = 0;
    forum::Version fence_ = 0;
    ById<forum::MemberCard> members_;
    ById<forum::ForumCard> forums_;
    ById<forum::RoomCard> rooms_;
    ByName<const forum::MemberCard*> handles_;  // the cards are kept by their names
    ByName<const forum::ForumCard*> forum_slugs_;
    ByName<const forum::RoomCard*> room_slugs_;
    PersistentMap<RoomPlace, const forum::RoomCard*> room_places_;  // the cards are kept by rooms_
    ByName<std::shared_ptr<const MunicipalityCard>> municipalities_;
    ByName<std::shared_ptr<const SessionCard>> sessions_;
    PersistentMap<MemberSession, const SessionCard*> sessions_of_;  // the cards are kept by sessions_
    ByName<std::shared_ptr<const InvitationCard>> invitations_;
    ById<TermCard> terms_;
    ById<ErasureCard> erasures_;
    ById<SanctionsCard> sanctions_;  // by member
    ById<FiltersCard> filters_;      // by forum, with 0 those that count everywhere
    ByName<Nothing> markers_;
};

}  // namespace foorumi::directory
