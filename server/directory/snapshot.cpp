#include "directory/snapshot.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "directory/codec.hpp"

namespace foorumi::directory {
namespace {

struct KeyParts {
    std::string_view kind;
    std::string_view name;
    forum::Id id = 0;  // 0 where the name is no number
};

KeyParts split(std::string_view key) {
    KeyParts parts;
    auto colon = key.find(':');
    parts.kind = key.substr(0, colon);
    if (colon == std::string_view::npos) return parts;
    parts.name = key.substr(colon + 1);
    std::from_chars(parts.name.data(), parts.name.data() + parts.name.size(), parts.id);
    return parts;
}

template <class Map, class Key>
auto find_card(const Map& map, const Key& key) -> decltype(map.begin()->second.get()) {
    auto it = map.find(key);
    return it == map.end() ? nullptr : it->second.get();
}

template <class Card>
std::vector<const Card*> by_position(const std::map<forum::Id, std::shared_ptr<const Card>>& map) {
    std::vector<const Card*> cards;
    cards.reserve(map.size());
    for (const auto& [id, card] : map) cards.push_back(card.get());
    std::stable_sort(cards.begin(), cards.end(), [](auto* a, auto* b) { return a->position < b->position; });
    return cards;
}

template <class Card>
const Card* by_slug(const std::map<forum::Id, std::shared_ptr<const Card>>& map, std::string_view slug) {
    for (const auto& [id, card] : map)
        if (card->slug == slug) return card.get();
    return nullptr;
}

}  // namespace

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const EntityChange> changes, forum::Version version) const {
    auto next = std::make_shared<Snapshot>(*this);
    for (const auto& change : changes) next->apply(change);
    next->version_ = version;
    return next;
}

void Snapshot::put_member(forum::Id id, std::shared_ptr<const forum::MemberCard> card) {
    if (const auto* old = member(id)) handles_.erase(old->handle);
    if (!card) {
        members_.erase(id);
        return;
    }
    handles_[card->handle] = id;
    members_[id] = std::move(card);
}

void Snapshot::apply(const EntityChange& change) {
    const auto key = split(change.key);
    v1::DirectoryEntity entity;
    if (!entity.ParseFromArray(change.bytes.data(), static_cast<int>(change.bytes.size()))) {
        spdlog::error("directory entity {} at version {} cannot be read", change.key, change.version);
        return;
    }
    if (key.kind == "member") {
        put_member(key.id, entity.has_member()
                               ? std::make_shared<const forum::MemberCard>(member_card(key.id, entity.member()))
                               : nullptr);
    } else if (key.kind == "forum") {
        if (entity.has_forum())
            forums_[key.id] = std::make_shared<const forum::ForumCard>(forum_card(key.id, entity.forum()));
        else
            forums_.erase(key.id);
    } else if (key.kind == "room") {
        if (entity.has_room())
            rooms_[key.id] = std::make_shared<const forum::RoomCard>(room_card(key.id, entity.room()));
        else
            rooms_.erase(key.id);
    } else if (key.kind == "municipality") {
        const auto& stored = entity.municipality();
        municipalities_[std::string(key.name)] = std::make_shared<const MunicipalityCard>(
            MunicipalityCard{std::string(key.name), stored.name_fi(), stored.name_sv(), stored.population()});
    } else if (key.kind == "token") {
        if (entity.has_token())
            tokens_[std::string(key.name)] = entity.token().member();
        else
            tokens_.erase(std::string(key.name));
    } else if (key.kind == "fence") {
        fence_ = change.version;
    } else if (key.kind == "marker") {
        if (entity.has_marker()) markers_.emplace(key.name);
    } else {
        spdlog::warn("directory entity {} of a kind that this release does not know", change.key);
    }
}

const forum::MemberCard* Snapshot::member(forum::Id id) const { return find_card(members_, id); }

const forum::MemberCard* Snapshot::member_by_handle(std::string_view handle) const {
    auto it = handles_.find(handle);
    return it == handles_.end() ? nullptr : member(it->second);
}

const forum::ForumCard* Snapshot::forum(forum::Id id) const { return find_card(forums_, id); }
const forum::RoomCard* Snapshot::room(forum::Id id) const { return find_card(rooms_, id); }
const forum::ForumCard* Snapshot::forum_by_slug(std::string_view slug) const { return by_slug(forums_, slug); }
const forum::RoomCard* Snapshot::room_by_slug(std::string_view slug) const { return by_slug(rooms_, slug); }
const MunicipalityCard* Snapshot::municipality(std::string_view code) const { return find_card(municipalities_, code); }

const forum::MemberCard* Snapshot::member_by_token(const std::string& hash) const {
    auto it = tokens_.find(hash);
    return it == tokens_.end() ? nullptr : member(it->second);
}

bool Snapshot::has_marker(std::string_view name) const { return markers_.contains(name); }
std::vector<const forum::ForumCard*> Snapshot::forums() const { return by_position(forums_); }

std::vector<const forum::RoomCard*> Snapshot::rooms() const {
    auto cards = by_position(rooms_);
    const auto forum_order = [this](const forum::RoomCard* room) {
        const auto* card = forum(room->forum);
        return std::pair(card == nullptr ? 0 : card->position, room->forum);
    };
    std::ranges::stable_sort(cards, {}, forum_order);
    return cards;
}

}  // namespace foorumi::directory
