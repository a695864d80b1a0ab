// The directory in memory: municipalities, members, forums, rooms and tokens at one version.
// Immutable once published, so any thread may read it; replaced as a whole.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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
    // A copy with the changes applied, at `version`. Entities that cannot be read are logged and left as they were.
    [[nodiscard]] std::shared_ptr<const Snapshot> with(std::span<const EntityChange> changes,
                                                       forum::Version version) const;

    [[nodiscard]] forum::Version version() const { return version_; }
    // The directory version that every partition must be fenced with.
    [[nodiscard]] forum::Version fence() const { return fence_; }

    [[nodiscard]] const forum::MemberCard* member(forum::Id id) const override;
    [[nodiscard]] const forum::MemberCard* member_by_handle(std::string_view handle) const override;
    [[nodiscard]] const forum::ForumCard* forum(forum::Id id) const override;
    [[nodiscard]] const forum::RoomCard* room(forum::Id id) const override;

    [[nodiscard]] const forum::ForumCard* forum_by_slug(std::string_view slug) const;
    [[nodiscard]] const forum::RoomCard* room_by_slug(std::string_view slug) const;
    [[nodiscard]] const MunicipalityCard* municipality(std::string_view code) const;
    // The member whose token has this hash, or null.
    [[nodiscard]] const forum::MemberCard* member_by_token(const std::string& hash) const;
    [[nodiscard]] bool has_marker(std::string_view name) const;

    // By position, then id; rooms in the order of their forums.
    [[nodiscard]] std::vector<const forum::ForumCard*> forums() const;
    [[nodiscard]] std::vector<const forum::RoomCard*> rooms() const;

   private:
    void apply(const EntityChange& change);
    void put_member(forum::Id id, std::shared_ptr<const forum::MemberCard> card);

    forum::Version version_ = 0;
    forum::Version fence_ = 0;
    std::unordered_map<forum::Id, std::shared_ptr<const forum::MemberCard>> members_;
    std::map<std::string, forum::Id, std::less<>> handles_;
    std::map<forum::Id, std::shared_ptr<const forum::ForumCard>> forums_;
    std::map<forum::Id, std::shared_ptr<const forum::RoomCard>> rooms_;
    std::map<std::string, std::shared_ptr<const MunicipalityCard>, std::less<>> municipalities_;
    std::unordered_map<std::string, forum::Id> tokens_;
    std::set<std::string, std::less<>> markers_;
};

}  // namespace foorumi::directory
