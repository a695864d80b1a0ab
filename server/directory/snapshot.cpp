#include "directory/snapshot.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

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
auto card_of(const Map& map, const Key& key) {
    const auto* found = map.find(key);
    return found == nullptr ? nullptr : std::to_address(*found);
}

template <class Map>
auto first_of_name(const Map& map, std::string_view name) {
    decltype(card_of(map, NameView(name))) card = nullptr;
    map.each_from(NameView(name), [&](const NameKey& key, const auto& value) {
        if (key.name() == name) card = value;
        return false;
    });
    return card;
}

// A part of a card, kept alive by keeping the card.
template <class Card>
NameKey name_key(const std::shared_ptr<const Card>& card, std::string Card::* name) {
    return NameKey(std::shared_ptr<const std::string>(card, &((*card).*name)), card->id);
}

// Puts the card, or takes it away where it is null, and does the same to the index by its name.
template <class Card, class ById, class ByName>
void put_card(ById& by_id, ByName& by_name, std::string Card::* name, forum::Id id, std::shared_ptr<const Card> card) {
    if (const Card* old = card_of(by_id, id)) by_name.erase(NameView(old->*name, id));
    if (!card) {
        by_id.erase(id);
        return;
    }
    by_name.put(name_key(card, name), card.get());
    by_id.put(id, std::move(card));
}

template <class Card>
std::shared_ptr<const Card> changed_at(forum::Version version, Card card) {
    card.changed = version;
    return std::make_shared<const Card>(std::move(card));
}

NameKey own_name(std::string_view name) { return NameKey(std::make_shared<const std::string>(name)); }

}  // namespace

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const EntityChange> changes, forum::Version version) const {
    auto next = std::make_shared<Snapshot>(*this);
    for (const auto& change : changes) next->apply(change);
    next->version_ = version;
    return next;
}

void Snapshot::put_member(forum::Id id, std::shared_ptr<const forum::MemberCard> card) {
    put_card(members_, handles_, &forum::MemberCard::handle, id, std::move(card));
}

void Snapshot::put_forum(forum::Id id, std::shared_ptr<const forum::ForumCard> card) {
    put_card(forums_, forum_slugs_, &forum::ForumCard::slug, id, std::move(card));
}

void Snapshot::put_room(forum::Id id, std::shared_ptr<const forum::RoomCard> card) {
    if (const auto* old = room(id)) room_places_.erase(RoomPlace(old->forum, old->position, id));
    if (card) room_places_.put({card->forum, card->position, id}, card.get());
    put_card(rooms_, room_slugs_, &forum::RoomCard::slug, id, std::move(card));
}

void Snapshot::put_session(std::string_view hash, std::shared_ptr<const SessionCard> card) {
    auto name = std::make_shared<const std::string>(hash);
    if (const auto* old = session(hash)) sessions_of_.erase(MemberSession{old->member, name});
    if (!card) {
        sessions_.erase(NameView(hash));
        return;
    }
    sessions_of_.put(MemberSession{card->member, name}, card.get());
    sessions_.put(NameKey(std::move(name)), std::move(card));
}

// A turn of the term gives or takes the roles of all who have one for it.
void Snapshot::put_term(forum::Id id, std::shared_ptr<const TermCard> card) {
    const bool turned = term_current(id) != (card && card->current);
    if (card)
        terms_.put(id, std::move(card));
    else
        terms_.erase(id);
    if (!turned) return;
    std::vector<std::shared_ptr<const forum::MemberCard>> concerned;
    members_.each([&](forum::Id, const auto& member) {
        if (std::ranges::any_of(member->grants, [&](const auto& grant) { return grant.term == id; }))
            concerned.push_back(member);
    });
    for (const auto& member : concerned) {
        auto next = std::make_shared<forum::MemberCard>(*member);
        forum::put_in_force(*this, *next);
        put_member(member->id, std::move(next));
    }
}

std::shared_ptr<const forum::MemberCard> Snapshot::member_in_force(forum::Id id, const v1::StoredMember& stored) const {
    auto card = std::make_shared<forum::MemberCard>(member_card(id, stored));
    forum::put_in_force(*this, *card);
    if (const auto* sanctions = card_of(sanctions_, id)) card->restraints = sanctions->restraints;
    return card;
}

// They may come before their member.
void Snapshot::put_sanctions(forum::Id member, std::shared_ptr<const SanctionsCard> card) {
    const auto* present = this->member(member);
    auto next = present == nullptr ? nullptr : std::make_shared<forum::MemberCard>(*present);
    if (next) next->restraints = card ? card->restraints : std::vector<forum::Restraint>();
    sanctions_.put(member, std::move(card));
    if (next) put_member(member, std::move(next));
}

void Snapshot::apply(const EntityChange& change) {
    const auto key = split(change.key);
    v1::DirectoryEntity entity;
    if (!entity.ParseFromArray(change.bytes.data(), static_cast<int>(change.bytes.size()))) {
        spdlog::error("directory entity {} at version {} cannot be read", change.key, change.version);
        return;
    }
    if (key.kind == "member") {
        put_member(key.id, entity.has_member() ? member_in_force(key.id, entity.member()) : nullptr);
    } else if (key.kind == "forum") {
        put_forum(key.id,
                  entity.has_forum() ? changed_at(change.version, forum_card(key.id, entity.forum())) : nullptr);
    } else if (key.kind == "room") {
        put_room(key.id, entity.has_room() ? changed_at(change.version, room_card(key.id, entity.room())) : nullptr);
    } else if (key.kind == "municipality") {
        const auto& stored = entity.municipality();
        municipalities_.put(own_name(key.name),
                            std::make_shared<const MunicipalityCard>(MunicipalityCard{
                                std::string(key.name), stored.name_fi(), stored.name_sv(), stored.population()}));
    } else if (key.kind == "token") {
        put_session(key.name,
                    entity.has_token() ? std::make_shared<const SessionCard>(session_card(entity.token())) : nullptr);
    } else if (key.kind == "term") {
        put_term(key.id,
                 entity.has_term() ? std::make_shared<const TermCard>(term_card(key.id, entity.term())) : nullptr);
    } else if (key.kind == "invitation") {
        if (entity.has_invitation())
            invitations_.put(own_name(key.name),
                             std::make_shared<const InvitationCard>(invitation_card(entity.invitation())));
        else
            invitations_.erase(NameView(key.name));
    } else if (key.kind == "erased") {
        erasures_.put(key.id, entity.has_erasure()
                                  ? std::make_shared<const ErasureCard>(erasure_card(key.id, entity.erasure()))
                                  : nullptr);
    } else if (key.kind == "sanctions") {
        put_sanctions(key.id, entity.has_sanctions()
                                  ? std::make_shared<const SanctionsCard>(sanctions_card(key.id, entity.sanctions()))
                                  : nullptr);
    } else if (key.kind == "filters") {
        if (entity.filters().filters_size() > 0)
            filters_.put(key.id, std::make_shared<const FiltersCard>(filters_card(key.id, entity.filters())));
        else
            filters_.erase(key.id);
    } else if (key.kind == "claim" || key.kind == "secret" || key.kind == "forgotten") {
        // Read from the store when somebody signs in or a name is given; the last is for who loads the directory.
    } else if (key.kind == "fence") {
        fence_ = change.version;
    } else if (key.kind == "marker") {
        if (entity.has_marker()) markers_.put(own_name(key.name), Nothing());
    } else {
        spdlog::warn("directory entity {} of a kind that this release does not know", change.key);
    }
}

const forum::MemberCard* Snapshot::member(forum::Id id) const { return card_of(members_, id); }
const forum::MemberCard* Snapshot::member_by_handle(std::string_view handle) const {
    return first_of_name(handles_, handle);
}
const forum::ForumCard* Snapshot::forum(forum::Id id) const { return card_of(forums_, id); }
const forum::RoomCard* Snapshot::room(forum::Id id) const { return card_of(rooms_, id); }
const forum::ForumCard* Snapshot::forum_by_slug(std::string_view slug) const {
    return first_of_name(forum_slugs_, slug);
}
const forum::RoomCard* Snapshot::room_by_slug(std::string_view slug) const { return first_of_name(room_slugs_, slug); }
const MunicipalityCard* Snapshot::municipality(std::string_view code) const {
    return card_of(municipalities_, NameView(code));
}

std::vector<const MunicipalityCard*> Snapshot::municipalities() const {
    std::vector<const MunicipalityCard*> cards;
    cards.reserve(municipalities_.size());
    municipalities_.each([&](const NameKey&, const auto& card) {
        cards.push_back(card.get());
        return true;
    });
    std::ranges::sort(cards, {}, [](const auto* card) { return std::string_view(card->code); });
    return cards;
}

const forum::MemberCard* Snapshot::member_by_token(std::string_view hash) const {
    const auto* found = session(hash);
    if (found == nullptr || found->pending) return nullptr;
    const auto* card = member(found->member);
    return card != nullptr && card->epoch == found->epoch ? card : nullptr;
}

const SessionCard* Snapshot::session(std::string_view hash) const { return card_of(sessions_, NameView(hash)); }

bool Snapshot::is_good(const SessionCard& session, forum::Millis now, forum::Millis idle) const {
    const auto* card = member(session.member);
    return card != nullptr && card->epoch == session.epoch && session.alive(now, idle) &&
           !forum::is_shut_out(*card, 0, now);
}

const SessionCard* Snapshot::good_session(std::string_view hash, forum::Millis now, forum::Millis idle) const {
    const auto* found = session(hash);
    return found != nullptr && is_good(*found, now, idle) ? found : nullptr;
}

void Snapshot::each_session_of(forum::Id member,
                               const std::function<bool(std::string_view, const SessionCard&)>& visit) const {
    sessions_of_.each_from(MemberSession{member, nullptr}, [&](const MemberSession& key, const SessionCard* card) {
        return key.member == member && visit(key.name(), *card);
    });
}

void Snapshot::each_session(const std::function<bool(std::string_view, const SessionCard&)>& visit) const {
    sessions_of_.each([&](const MemberSession& key, const SessionCard* card) { return visit(key.name(), *card); });
}

const InvitationCard* Snapshot::invitation(std::string_view hash) const {
    return card_of(invitations_, NameView(hash));
}

void Snapshot::each_invitation(const std::function<bool(std::string_view, const InvitationCard&)>& visit) const {
    invitations_.each([&](const NameKey& key, const auto& card) { return visit(key.name(), *card); });
}

const TermCard* Snapshot::term(forum::Id id) const { return card_of(terms_, id); }

std::vector<const TermCard*> Snapshot::terms() const {
    std::vector<const TermCard*> cards;
    terms_.each([&](forum::Id, const auto& card) { cards.push_back(card.get()); });
    return cards;
}

void Snapshot::each_member(forum::Id after, const std::function<bool(const forum::MemberCard&)>& visit) const {
    if (after == std::numeric_limits<forum::Id>::max()) return;
    members_.each_from(after + 1, [&](forum::Id, const auto& card) { return visit(*card); });
}

bool Snapshot::any_member(const std::function<bool(const forum::MemberCard&)>& is) const {
    bool found = false;
    each_member(0, [&](const forum::MemberCard& card) {
        found = is(card);
        return !found;
    });
    return found;
}

const ErasureCard* Snapshot::erasure(forum::Id member) const { return card_of(erasures_, member); }

std::vector<const ErasureCard*> Snapshot::erasures() const {
    std::vector<const ErasureCard*> cards;
    erasures_.each([&](forum::Id, const auto& card) { cards.push_back(card.get()); });
    return cards;
}

void Snapshot::each_sanctioned(const std::function<bool(const SanctionsCard&)>& visit) const {
    sanctions_.each_from(0, [&](forum::Id, const auto& card) { return visit(*card); });
}

const FiltersCard* Snapshot::filters(forum::Id forum) const { return card_of(filters_, forum); }

forum::FilterMatch Snapshot::filtered(forum::Id forum, std::string_view text) const {
    const auto* own = forum == 0 ? nullptr : filters(forum);
    const auto* all = filters(0);
    forum::FilterMatch match;
    if (own == nullptr && all == nullptr) return match;
    const filters::FoldedText folded(text);
    if (own != nullptr) own->matcher.find(folded, match);
    if (all != nullptr) all->matcher.find(folded, match);
    return match;
}

std::optional<forum::MunicipalitySize> Snapshot::size_class(std::string_view municipality) const {
    const auto* card = card_of(municipalities_, NameView(municipality));
    return card == nullptr ? std::nullopt : std::optional(forum::municipality_size(card->population));
}

bool Snapshot::term_current(forum::Id id) const {
    const auto* card = term(id);
    return card != nullptr && card->current;
}

bool Snapshot::has_marker(std::string_view name) const { return markers_.find(NameView(name)) != nullptr; }

std::vector<const forum::ForumCard*> Snapshot::forums() const {
    std::vector<const forum::ForumCard*> cards;
    cards.reserve(forums_.size());
    forums_.each([&](forum::Id, const auto& card) { cards.push_back(card.get()); });
    std::ranges::stable_sort(cards, {}, [](const auto* card) { return card->position; });
    return cards;
}

const forum::RoomCard* Snapshot::first_room_from(forum::Id id) const {
    const forum::RoomCard* found = nullptr;
    rooms_.each_from(id, [&](forum::Id, const auto& card) {
        found = card.get();
        return false;
    });
    return found;
}

bool Snapshot::each_room(forum::Id forum, const forum::RoomCard* after,
                         const std::function<bool(const forum::RoomCard&)>& visit) const {
    bool wanted = true;
    const auto first = after == nullptr ? RoomPlace(forum, 0, 0) : RoomPlace(forum, after->position, after->id + 1);
    room_places_.each_from(first, [&](const RoomPlace& place, const forum::RoomCard* card) {
        return std::get<0>(place) == forum && (wanted = visit(*card));
    });
    return wanted;
}

}  // namespace foorumi::directory
