// A forum's queue of reports: `channel` is its moderation channel.
#pragma once

#include "forum/reports.hpp"
#include "rules_fixture.hpp"

namespace foorumi::forum::test {

class ReportsTest : public RulesTest {
   protected:
    static constexpr Id vara = 18;  // moderates the forum, too
    static constexpr Id thread = 12, id = 57;

    ReportsTest() {
        town.add({vara, "varajohtaja", "Varajohtaja", "", {Role::moderator}, {Town::strategy}});
        message.thread = thread;
        message.author = Town::veikko;
        message.text = "Asiatonta";
    }

    // As the dispatcher does: with the forum of the room, and the message as it is.
    [[nodiscard]] FileReport report(std::string words = "Katsokaa",
                                    ReportCategory category = ReportCategory::spam) const {
        return {Town::square, id, 0, Town::strategy, category, std::move(words), false, message};
    }
    [[nodiscard]] FileReport report_of(Id member, std::string words = "Häiritsee") const {
        return {0, 0, member, Town::strategy, ReportCategory::harassment, std::move(words), false, {}};
    }
    [[nodiscard]] FileAppeal appeal(std::string words = "Palauttakaa") const {
        return {Town::square, id, std::move(words), false, Town::strategy, message};
    }
    [[nodiscard]] static ResolveReport resolution(std::uint64_t number, bool rejected = false) {
        return {Town::strategy, number, rejected, {}, {}};
    }
    [[nodiscard]] static AssignReport assignment(std::uint64_t number, Id member) {
        return {Town::strategy, number, member};
    }
    [[nodiscard]] static NoteReport note_on(std::uint64_t number, std::string text = "Soitin hänelle") {
        return {Town::strategy, number, std::move(text)};
    }

    // The message is removed, and its text has come to the moderation channel.
    void remove(Id by = Town::johtaja) {
        message.deleted = message.removed = now;
        ++message.removals;
        EarlierText text;
        text.author = message.author;
        text.by = by;
        channel.put(removed_key(Town::square, id, message.removals), text);
    }
    void restore() { message.deleted = message.removed = 0; }

    [[nodiscard]] const Report& queued(std::uint64_t number) const { return *channel.find<Report>(report_key(number)); }
    [[nodiscard]] const ReportWords* words(std::uint64_t number, std::uint32_t n) const {
        return channel.find<ReportWords>(report_words_key(number, n));
    }
    [[nodiscard]] std::vector<std::uint64_t> open_of(Id member) const {
        const auto* book = channel.find<ReportBook>(reporter_key(member));
        return book == nullptr ? std::vector<std::uint64_t>() : book->reports;
    }
    [[nodiscard]] std::vector<std::string> queue(std::string_view index = reports_index) const {
        std::vector<std::string> keys;
        for (const auto& [key, score] : channel.index(std::string(index))) keys.push_back(key);
        return keys;
    }
    // What the member is told of it; null: nothing.
    [[nodiscard]] const InboxEntry* told(Id member) const {
        for (const auto& effect : effects)
            if (effect.channel == member_channel(member)) return std::get_if<InboxEntry>(&effect.value);
        return nullptr;
    }

    Message message;
};

}  // namespace foorumi::forum::test
