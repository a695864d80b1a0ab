// The directory in memory: municipalities, members, forums, rooms and tokens at one version.
// Immutable once published, so any thread may read it; replaced as a whole, though the new one shares with the old what
// has not changed: a change costs O(log n).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "directory/id_map.hpp"
#include "directory/name_key.hpp"
#include "directory/persistent_map.hpp"
#include "forum/access.hpp"

namespace foorumi::directory {

struct MunicipalityCard {
    std::string code;
    std::string name_fi;
    std::string name_sv;
    std::uint32_t population = 0;
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

    // Of several with one slug, that with the least id.
    [[nodiscard]] const forum::ForumCard* forum_by_slug(std::string_view slug) const;
    [[nodiscard]] const forum::RoomCard* room_by_slug(std::string_view slug) const;
    [[nodiscard]] const MunicipalityCard* municipality(std::string_view code) const;
    // The member whose token has this hash, or null.
    [[nodiscard]] const forum::MemberCard* member_by_token(std::string_view hash) const;
    [[nodiscard]] bool has_marker(std::string_view name) const;

    // By position, then id. Sorts them: there are few.
    [[nodiscard]] std::vector<const forum::ForumCard*> forums() const;
    [[nodiscard]] std::size_t rooms() const { return rooms_.size(); }
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

    void apply(const EntityChange& change);
    // Each with null: it is gone.
    void put_member(forum::Id id, std::shared_ptr<const forum::MemberCard> card);
    void put_forum(forum::Id id, std::shared_ptr<const forum::ForumCard> card);
    void put_room(forum::Id id, std::shared_ptr<const forum::RoomCard> card);

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
    ByName<forum::Id> tokens_;
    ByName<Nothing> markers_;
};

}  // namespace foorumi::directory
