// A small network of councillors for the tests of the rules: a directory that can be read and changed.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "forum/access.hpp"

namespace foorumi::forum::test {

class Town : public Directory {
   public:
    // Ids of the members, forums and rooms that are there from the start.
    static constexpr Id aino = 11, veikko = 12, biret = 13, virkamies = 14, johtaja = 15, yllapito = 16, toinen = 17;
    static constexpr Id strategy = 21, leadership = 22;
    static constexpr Id square = 31, councillors_only = 32, reading_room = 33, officers = 34;

    Town() {
        add({aino, "aino.korhonen", "Aino Korhonen", "091", {Role::councillor}, {}});
        add({veikko, "veikko", "Veikko Mäkelä", "049", {Role::councillor}, {}});
        add({biret, "biret-ahkku", "Biret Áhkku Čeavžu", "890", {Role::councillor}, {}});
        add({virkamies, "virkamies", "Yrjö Österman", "092", {Role::office_holder}, {}});
        add({johtaja, "johtaja", "Åsa Nyström", "445", {Role::moderator}, {strategy}});
        add({yllapito, "yllapito", "Ylläpitäjä", "", {Role::administrator}, {}});
        add({toinen, "toinen", "Toisen foorumin vetäjä", "", {Role::moderator}, {leadership}});
        forums_[strategy] = {strategy, "strategia", "Strategia", "", 1, {}};
        forums_[leadership] = {leadership, "johtaminen", "Johtaminen", "", 2, {{Role::office_holder}, {}}};
        rooms_[square] = {square, strategy, "tori", "Tori", "", 1, {}};
        rooms_[councillors_only] = {
            councillors_only, strategy, "kabinetti", "Kabinetti", "", 2, Audience{{Role::councillor}, {}}};
        rooms_[reading_room] = {
            reading_room, strategy, "lukusali", "Lukusali", "", 3, Audience{{}, {Role::office_holder}}};
        rooms_[officers] = {officers, leadership, "virasto", "Virasto", "", 1, {}};
    }

    void add(MemberCard card) {
        by_handle_[card.handle] = card.id;
        members_[card.id] = std::move(card);
    }
    [[nodiscard]] const MemberCard& card(Id id) const { return members_.at(id); }
    RoomCard& room_card(Id id) { return rooms_.at(id); }
    ForumCard& forum_card(Id id) { return forums_.at(id); }

    [[nodiscard]] const MemberCard* member(Id id) const override { return find(members_, id); }
    [[nodiscard]] const MemberCard* member_by_handle(std::string_view handle) const override {
        const auto found = by_handle_.find(handle);
        return found == by_handle_.end() ? nullptr : member(found->second);
    }
    [[nodiscard]] const ForumCard* forum(Id id) const override { return find(forums_, id); }
    [[nodiscard]] const RoomCard* room(Id id) const override { return find(rooms_, id); }

    [[nodiscard]] std::optional<MunicipalitySize> size_class(std::string_view municipality) const override {
        const auto found = populations.find(municipality);
        if (found == populations.end()) return std::nullopt;
        return municipality_size(found->second);
    }
    [[nodiscard]] bool term_current(Id term) const override { return current_terms.contains(term); }
    [[nodiscard]] bool any_member(const std::function<bool(const MemberCard&)>& is) const override {
        return std::ranges::any_of(members_, [&](const auto& entry) { return is(entry.second); });
    }

    // Words here, bare: how texts are compared is tested elsewhere.
    [[nodiscard]] FilterMatch filtered(Id forum, std::string_view text) const override {
        FilterMatch match;
        for (const auto& [place, filter] : filters) {
            if ((place != 0 && place != forum) || text.find(filter.pattern) == std::string_view::npos) continue;
            match.action = std::max(match.action, filter.action);
            match.patterns.push_back(filter.pattern);
        }
        return match;
    }

    std::multimap<Id, Filter> filters;  // by forum, with 0 those that count everywhere
    std::map<std::string, std::uint32_t, std::less<>> populations{{"091", 656'920}, {"049", 297'132}, {"890", 1'219}};
    std::set<Id> current_terms;

   private:
    template <class Map>
    static const typename Map::mapped_type* find(const Map& map, Id id) {
        const auto found = map.find(id);
        return found == map.end() ? nullptr : &found->second;
    }

    std::map<Id, MemberCard> members_;
    std::map<std::string, Id, std::less<>> by_handle_;
    std::map<Id, ForumCard> forums_;
    std::map<Id, RoomCard> rooms_;
};

}  // namespace foorumi::forum::test
