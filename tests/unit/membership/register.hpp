// A directory with what is stored of it, to run acts of membership in it as its home does: needs, decide, commit.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "directory/codec.hpp"
#include "membership/rules.hpp"

namespace foorumi::forum {

// For GoogleTest's messages.
inline void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << static_cast<int>(refusal.code) << ' ' << refusal.reason << " (" << refusal.field << ')';
}

}  // namespace foorumi::forum

namespace foorumi::membership::test {

using forum::ErrorCode;
using forum::Id;
using forum::Millis;
using forum::Refusal;
using forum::Role;

// As long as a hash; its first letters are the name's, in hexadecimal digits.
inline std::string hash_of_name(std::string_view name) {
    std::string hash;
    for (const char c : name) {
        hash += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        hash += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    hash.resize(64, '0');
    return hash;
}

using Stored = std::map<std::string, std::string, std::less<>>;

// Only the keys that the rule said it needs: asking for another is the rule's bug.
class NeededView final : public View {
   public:
    NeededView(const Stored& stored, std::vector<std::string> needs) : stored_(stored), needs_(std::move(needs)) {}

    [[nodiscard]] std::string_view at(std::string_view key) const override {
        if (!has(key)) throw std::logic_error("not among the needs: " + std::string(key));
        const auto found = stored_.find(key);
        return found == stored_.end() ? std::string_view() : std::string_view(found->second);
    }
    [[nodiscard]] bool has(std::string_view key) const override {
        return std::ranges::find(needs_, key) != needs_.end();
    }

   private:
    const Stored& stored_;
    std::vector<std::string> needs_;
};

// Stored entities and the directory in memory, which may be behind them.
class Register {
   public:
    using Change = std::pair<std::string, std::string>;

    // One commit; its version.
    forum::Version write(const std::vector<Change>& changes) {
        ++version_;
        for (const auto& [key, bytes] : changes) stored_[key] = bytes;
        waiting_.push_back({version_, changes});
        if (!behind_) catch_up();
        return version_;
    }

    // As store/commit.lua puts it.
    forum::Version commit(const Decision& decision) {
        std::vector<Change> changes;
        for (const auto& put : decision.puts) {
            auto key = put.key;
            if (const auto at = key.find('@'); at != std::string::npos)
                key.replace(at, 1, std::to_string(version_ + 1));
            changes.emplace_back(std::move(key), put.value + self_field(put.self_field, version_ + 1));
        }
        return changes.empty() ? version_ : write(changes);
    }

    // From now on the directory in memory does not know what is committed.
    void fall_behind() { behind_ = true; }
    void catch_up() {
        behind_ = false;
        for (const auto& [version, changes] : std::exchange(waiting_, {})) {
            std::vector<directory::EntityChange> views;
            for (const auto& [key, bytes] : changes) views.push_back({key, version, bytes});
            directory_ = directory_->with(views, version);
        }
    }

    [[nodiscard]] const Stored& stored() const { return stored_; }
    [[nodiscard]] const directory::Snapshot& directory() const { return *directory_; }
    [[nodiscard]] forum::Version version() const { return version_; }
    [[nodiscard]] bool has(std::string_view key) const {
        const auto found = stored_.find(key);
        return found != stored_.end() && !found->second.empty();
    }
    [[nodiscard]] v1::DirectoryEntity entity(const std::string& key) const {
        v1::DirectoryEntity entity;
        const auto found = stored_.find(key);
        if (found != stored_.end() && !entity.ParseFromString(found->second)) throw std::runtime_error(key);
        return entity;
    }

   private:
    static std::string self_field(const std::string& tags, forum::Version version) {
        if (tags.empty()) return {};
        std::string number;
        for (; version >= 128; version /= 128) number += static_cast<char>(version % 128 + 128);
        number += static_cast<char>(version);
        return tags.substr(0, 1) + static_cast<char>(number.size() + 1) + tags.substr(1, 1) + number;
    }

    Stored stored_;
    forum::Version version_ = 1'000;  // above the ids of what is there from the start
    bool behind_ = false;
    std::vector<std::pair<forum::Version, std::vector<Change>>> waiting_;
    std::shared_ptr<const directory::Snapshot> directory_ = std::make_shared<directory::Snapshot>();
};

// A small network: two municipalities, one forum, two council terms, of which the first is on.
class MembershipTest : public testing::Test {
   protected:
    static constexpr Id admin = 11, contact = 12, aino = 13, biret = 14, leader = 15;
    static constexpr Id term = 21, next_term = 22, strategy = 31, other_forum = 32, square = 41;
    static constexpr Id nobody = 99, the_operator = 0;
    static constexpr Millis minute = 60'000, hour = 60 * minute, day = 24 * hour;

    MembershipTest() {
        limits.sessions = 3;
        limits.device_bytes = 10;
        limits.invitations = 3;
        limits.grants = 3;
        limits.moderated_forums = 2;
        limits.terms = 3;
        limits.term_name_bytes = 12;
        limits.audience_entries = 2;
        limits.names.positions = 2;
        limits.names.position_bytes = 12;
        reg.write({{"municipality:091", directory::encode(directory::MunicipalityCard{"091", "Helsinki", "", 1})},
                   {"municipality:890", directory::encode(directory::MunicipalityCard{"890", "Utsjoki", "", 1})},
                   {"term:21", term_bytes("2025-2029", "2025-06-01", "2029-05-31", true)},
                   {"term:22", term_bytes("2029-2033", "2029-06-01", "2033-05-31", false)},
                   {"forum:31", directory::encode(forum::ForumCard{0, "strategia", "Strategia", "", 1, {}})},
                   {"forum:32", directory::encode(forum::ForumCard{0, "talous", "Talous", "", 2, {}})},
                   {"room:41", directory::encode(forum::RoomCard{0, strategy, "tori", "Tori", "", 1, {}})}});
        add(admin, "yllapito", "Ylli Pitäjä", "", {.grants = {{Role::administrator, 0}}});
        add(contact, "yhteys", "Ylva Henkilö", "091", {.contact_for = "091"});
        add(aino, "aino", "Aino Metsälä", "091", {.grants = {{Role::councillor, term}}});
        add(biret, "biret", "Biret Áhkku", "890", {.grants = {{Role::councillor, 0}}});
        add(leader, "johtaja", "Åsa Nyström", "091", {.moderates = {strategy}});
    }

    // What may be told of a member besides their names.
    struct Traits {
        std::vector<forum::Grant> grants{};
        std::vector<Id> moderates{};
        std::string contact_for{};
    };
    void add(Id id, std::string handle, std::string name, std::string municipality, Traits traits) {
        forum::MemberCard card;
        card.handle = std::move(handle);
        card.name = std::move(name);
        card.municipality = std::move(municipality);
        card.grants = std::move(traits.grants);
        card.moderates = std::move(traits.moderates);
        card.contact_for = std::move(traits.contact_for);
        v1::DirectoryEntity secret;
        secret.mutable_secret()->set_password(password_of(id));
        reg.write({{member_key(id), directory::encode(card)}, {secret_key(id), secret.SerializeAsString()}});
    }
    static std::string password_of(Id member) { return "$argon2id$" + std::to_string(member); }
    static std::string term_bytes(std::string name, std::string first, std::string last, bool current) {
        v1::DirectoryEntity entity;
        entity.mutable_term()->set_name(std::move(name));
        entity.mutable_term()->set_first_day(std::move(first));
        entity.mutable_term()->set_last_day(std::move(last));
        entity.mutable_term()->set_current(current);
        return entity.SerializeAsString();
    }

    [[nodiscard]] Actor actor(Id member, std::string_view session = {}) const {
        return {member, session, reg.directory(), now, limits, "installation"};
    }

    template <class Command>
    forum::Result<Decision> decided(Id member, const Command& command, std::string_view session = {}) const {
        const Actor who = actor(member, session);
        auto keys = needs(who, command);
        if (keys.has_error()) return keys.error();
        return decide(who, command, NeededView(reg.stored(), *keys));
    }

    // Runs the command and expects that it succeeds.
    template <class Command>
    Decision run(Id member, const Command& command, std::string_view session = {}) {
        auto decision = decided(member, command, session);
        if (decision.has_error()) {
            ADD_FAILURE() << "refused: " << testing::PrintToString(decision.error());
            return {};
        }
        reg.commit(*decision);
        return *decision;
    }

    template <class Command>
    Refusal refused(Id member, const Command& command, std::string_view session = {}) const {
        auto decision = decided(member, command, session);
        if (decision.has_error()) return decision.error();
        ADD_FAILURE() << "not refused";
        return {};
    }

    template <class Command>
    bool changes_nothing(Id member, const Command& command, std::string_view session = {}) const {
        const auto decision = decided(member, command, session);
        return decision.has_value() && decision->puts.empty() && decision->effects.empty();
    }

    // Signs in and gives the token's hash.
    std::string sign_in(Id member, const std::string& name, bool pending = false) {
        SignIn command;
        command.member = member;
        command.token = hash_of_name(name);
        command.device = "Firefox";
        command.password = secret_of(member).password();
        command.pending = pending;
        command.second_factor = !pending && !secret_of(member).totp().empty();
        run(the_operator, command);
        return command.token;
    }
    // Whether somebody with this token is let in now.
    [[nodiscard]] bool opens(const std::string& token) const {
        const auto* session = reg.directory().session(token);
        return reg.directory().member_by_token(token) != nullptr && session->alive(now, limits.session_idle_ms);
    }
    [[nodiscard]] bool is_kept(const std::string& token) const { return reg.has(token_key(token)); }

    [[nodiscard]] v1::StoredSecret secret_of(Id member) const { return reg.entity(secret_key(member)).secret(); }
    void change_secret(Id member, const std::function<void(v1::StoredSecret&)>& change) {
        auto entity = reg.entity(secret_key(member));
        change(*entity.mutable_secret());
        reg.write({{secret_key(member), entity.SerializeAsString()}});
    }
    [[nodiscard]] const forum::MemberCard& card(Id member) const { return *reg.directory().member(member); }

    Limits limits;
    Millis now = 1'750'000'000'000;  // 15 June 2025
    Register reg;
};

inline Standing councillor_of(std::string municipality, Id term = 0) {
    Standing standing;
    standing.grants = {{Role::councillor, term}};
    standing.municipality = std::move(municipality);
    return standing;
}

inline Refusal refusal(ErrorCode code, std::string reason, std::string field = {}) {
    return {code, std::move(reason), std::move(field), 0};
}

}  // namespace foorumi::membership::test
