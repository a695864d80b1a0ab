// What people read: entities and answers as text for a terminal. Pure, but for the clock that pins are over by.
//
// Whatever others wrote goes through display.hpp here; nothing that this class answers needs further care. No text
// ends with a line feed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/catalogue.hpp"
#include "client/member_cache.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

class Renderer {
   public:
    // `colours`: whether emphasis, and the Markdown of messages, is shown with escape sequences of our own; without
    // them texts stay exactly as they were written. `columns`: where texts are broken between words; 0: nowhere.
    Renderer(const Catalogue& texts, const MemberCache& members, bool colours, std::size_t columns = 0)
        : texts_(texts), members_(members), colours_(colours), columns_(columns) {}

    void set_columns(std::size_t columns) { columns_ = columns; }

    // Whose mentions are highlighted; 0: nobody's.
    void set_self(std::uint64_t self) { self_ = self; }

    [[nodiscard]] std::string member(const foorumi::v1::Member& member) const;
    // Of an erased member the number, which is what mentions of them are made of, too.
    [[nodiscard]] std::string name(std::uint64_t member) const;
    // As whom somebody wrote: name, municipality and roles.
    [[nodiscard]] std::string author(std::uint64_t member, const foorumi::v1::Badge& badge) const;

    [[nodiscard]] std::string forum(const foorumi::v1::Forums::Forum& forum) const;
    [[nodiscard]] std::string room(const foorumi::v1::Rooms::Room& room) const;
    [[nodiscard]] std::string thread(const foorumi::v1::ThreadSummary& summary) const;
    // One of a room's snapshot that is not among the latest, and so without counts.
    [[nodiscard]] std::string pinned_thread(const foorumi::v1::Entity& entity) const;
    // A thread's title, fit for a terminal; one that was removed with its author is empty, and told in words.
    [[nodiscard]] std::string title(std::string_view title) const;
    // Several lines: who and when, the text indented, the reactions (may be null).
    [[nodiscard]] std::string message(const foorumi::v1::Entity& entity, const foorumi::v1::Entity* reactions) const;
    // Titles that are empty are not known: the numbers alone are told.
    struct Titles {
        std::string room;
        std::string thread;
    };
    [[nodiscard]] std::string inbox_entry(const foorumi::v1::InboxEntry& entry, const Titles& titles) const;
    // A thread that was started just now, by its first message.
    [[nodiscard]] std::string new_thread(const foorumi::v1::Entity& thread, const foorumi::v1::Entity& message) const;
    // What a message said once, and what was done to it then.
    [[nodiscard]] std::string earlier(const foorumi::v1::EarlierText& earlier) const;
    // Several lines. `forum`: its name; empty where it is everywhere, or not known.
    [[nodiscard]] std::string sanction(const foorumi::v1::SanctionRecord& sanction, const std::string& forum) const;
    // What somebody typed, fit for a terminal, on one line.
    [[nodiscard]] static std::string plain(std::string_view text);
    // One line of the queue, and what was said about it.
    [[nodiscard]] std::string report(const foorumi::v1::Entity& entity) const;
    [[nodiscard]] std::string report_words(const foorumi::v1::ReportWords& words) const;
    [[nodiscard]] std::string report_note(const foorumi::v1::ReportNote& note) const;
    [[nodiscard]] std::string filter(const foorumi::v1::FilterRecord& filter) const;
    // To who has posted it.
    [[nodiscard]] std::string held_answer(const foorumi::v1::Held& held) const;
    // What waits to be approved: who, where, why, and the text.
    [[nodiscard]] std::string held(const foorumi::v1::HeldMessage& held) const;
    [[nodiscard]] std::string draft(const foorumi::v1::Draft& draft) const;
    // One entity of a followed channel, in its present state.
    [[nodiscard]] std::string entity(const foorumi::v1::Entity& entity) const;
    // "code reason field: text", as standard error gets it.
    [[nodiscard]] std::string error(const foorumi::v1::Error& error) const;

    [[nodiscard]] std::string dim(const std::string& text) const { return styled("2", text); }
    [[nodiscard]] std::string bold(const std::string& text) const { return styled("1", text); }
    [[nodiscard]] bool mentions_self(const foorumi::v1::Message& message) const;

   private:
    [[nodiscard]] std::string styled(std::string_view code, const std::string& text) const;
    // What there is to know of a thread beside its title: lock, pin, state, who may post and how often, tags.
    [[nodiscard]] std::string marks(const foorumi::v1::Thread& thread) const;
    [[nodiscard]] std::string roles(const google::protobuf::RepeatedField<int>& roles) const;
    [[nodiscard]] std::string reactions(const foorumi::v1::Reactions& reactions) const;
    // A message's text, indented.
    [[nodiscard]] std::string body(const foorumi::v1::Message& message) const;
    [[nodiscard]] std::string sanctioned(const foorumi::v1::InboxEntry& entry) const;
    // Where it counts, and until when.
    [[nodiscard]] std::string reach(std::uint64_t forum, const std::string& name, std::int64_t until_ms,
                                    foorumi::v1::SanctionKind kind) const;
    // Whether nothing is written there any more, and why: "  (archived: ...)", or nothing.
    template <class Place>
    [[nodiscard]] std::string archive_mark(const Place& place) const;
    [[nodiscard]] std::string tombstone(const foorumi::v1::Message& message) const;
    [[nodiscard]] std::string gone(const foorumi::v1::Entity& entity) const;
    // That a text was edited or removed, as followers of a moderation channel are told.
    [[nodiscard]] std::string earlier_news(const foorumi::v1::EarlierText& earlier) const;
    // By which filters something was found; empty: by none.
    [[nodiscard]] std::string filters_found(const google::protobuf::RepeatedPtrField<std::string>& patterns) const;
    // Of what has become of a held message; empty: the entry is another one.
    [[nodiscard]] std::string held_outcome(const foorumi::v1::InboxEntry& entry, const Titles& titles) const;
    // Of what has become of a report; empty: the entry is another one.
    [[nodiscard]] std::string outcome(const foorumi::v1::InboxEntry& entry, const Titles& titles) const;

    const Catalogue& texts_;
    const MemberCache& members_;
    bool colours_;
    std::size_t columns_;
    std::uint64_t self_ = 0;
};

// False: the entity says nothing that others do not say, too.
[[nodiscard]] bool is_shown(const foorumi::v1::Entity& entity);

// Of the catalogue.
[[nodiscard]] std::string_view role_key(int role);

// Local time, to the minute.
[[nodiscard]] std::string time_text(std::int64_t ms_since_1970);

// "NOT_FOUND" for CODE_NOT_FOUND.
[[nodiscard]] std::string code_word(foorumi::v1::Error::Code code);

// Whom the rendering of this will name or mark as mentioned.
void collect_members(const foorumi::v1::Entity& entity, std::vector<std::uint64_t>& out);

}  // namespace foorumi::client
