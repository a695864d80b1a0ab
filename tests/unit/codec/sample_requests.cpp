#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "samples.hpp"

namespace foorumi::codec::test {
namespace {

constexpr std::pair<const char*, const char*> commands[] = {
    {"hello", R"(client: "foorumi 0.1" protocol_min: 1 protocol_max: 2 language: "sv" token: "t0k3n")"},
    {"list_forums", ""},
    {"list_rooms", R"(forum: 2 forum_slug: "strategia")"},
    {"list_threads", "room: 3 before_activity: 900 limit: 50"},
    {"read_history", "room: 3 thread: 12 before: 90 after: 57 limit: 20"},
    {"read_inbox", "before: 44 limit: 20"},
    {"read_members", R"(members: 7 members: 300 handles: "biret-ahkku")"},
    {"subscribe", R"(cursors { channel: "room:3" since: 57 generation: 4 } cursors { channel: "member:9" })"},
    {"unsubscribe", R"(channels: "room:3" channels: "member:9")"},
    {"typing", "room: 3 thread: 12"},
    {"start_thread", R"(room: 3 title: "Työllisyysalueet" text: "Mitä opitte ensimmäisenä vuonna?")"},
    {"post_message", R"(room: 3 thread: 12 text: "Buorre beaivi, čálán sámegillii." reply_to: 57)"},
    {"edit_message", R"(room: 3 message: 57 text: "Korjattu")"},
    {"delete_message", "room: 3 message: 57"},
    {"react", R"(room: 3 message: 57 emoji: "👍" remove: true)"},
    {"mark_read", "room: 3 thread: 12 to: 57"},
    {"save_draft", R"(room: 3 thread: 12 text: "Keskeneräinen" title: "Otsikko")"},
    {"set_watch", "room: 3 thread: 12 level: LEVEL_FOLLOW"},
    {"mark_inbox_seen", "room: 3 message: 57"},
    {"list_sessions", ""},
    {"list_terms", ""},
    {"list_members", R"(after: 9 limit: 20 municipality: "091")"},
    {"list_invitations", R"(after: "00112233445566aa" limit: 20)"},
    {"list_municipalities", R"(after: "091" limit: 20)"},
    {"read_account", ""},
    {"read_audit", "partition: 7 after: 57 limit: 20"},
    {"export_own", "room: 3 since: 57"},
    {"revoke_sessions", R"(sessions: "00112233445566aa" others: true)"},
    {"end_sessions", "member: 9"},
    {"invite", R"(invitation: "c0ffee" name: "Biret Áhkku Čeavžu" handle: "biret-ahkku" email: "biret@example.fi"
        standing { grants { role: ROLE_COUNCILLOR term: 4 } municipality: "890"
        positions { kind: KIND_COMMITTEE_CHAIR body: "Sivistyslautakunta" term: 4 } moderates: 2 contact_for: "890" }
        valid_hours: 48)"},
    {"issue_reset", R"(invitation: "c0ffee" member: 9)"},
    {"withdraw_invitation", R"(invitation: "00112233445566aa")"},
    {"set_standing", R"(member: 9 standing { grants { role: ROLE_MODERATOR } municipality: "091" moderates: 2 })"},
    {"put_term", R"(term: 4 name: "2025-2029" first_day: "2025-06-01" last_day: "2029-05-31")"},
    {"set_audience", R"(forum: 2 room: 3 audience { read: ROLE_COUNCILLOR write: ROLE_EXPERT municipalities: "091"
        sizes: SIZE_CLASS_OVER_100000 terms: 4 } exposes_history: true)"},
    {"erase_member", "member: 9 content: ERASED_CONTENT_REMOVED"},
    {"keep_member", "member: 9"},
    {"create_forum", R"(slug: "strategia" title: "Strategia" description: "Mihin mennään" audience {
        read: ROLE_COUNCILLOR })"},
    {"create_room", R"(forum: 2 slug: "sote-2" title: "Sote" description: "Hyvinvointialueet" audience {
        municipalities: "091" })"},
    {"describe_place", R"(forum: 2 room: 3 slug: "sote" title: "Sote" description: "")"},
    {"order_places", "forum: 2 places: 7 places: 3"},
    {"archive_place", R"(forum: 2 room: 3 archived: true reason: "Kausi on ohi.")"},
    {"lock_thread", R"(room: 3 thread: 12 locked: true reason: "Asia on käsitelty.")"},
    {"pin_thread", "room: 3 thread: 12 until_ms: 1700000120000 announcement: true unpin: true"},
    {"restrict_thread", "room: 3 thread: 12 slow_mode_s: 300 write: ROLE_OFFICE_HOLDER write: ROLE_EXPERT"},
    {"set_thread_state", "room: 3 thread: 12 state: THREAD_STATE_SOLVED"},
    {"tag_thread", R"(room: 3 thread: 12 tags: "säästöt" tags: "kouluverkko")"},
    {"rename_thread", R"(room: 3 thread: 12 title: "Kouluverkko")"},
    {"remove_message", R"(room: 3 message: 57 reason: "Asiatonta")"},
    {"restore_message", "room: 3 message: 57"},
    {"purge_message", R"(room: 3 message: 57 reason: "Lainvastaista")"},
    {"read_earlier_texts", "room: 3 message: 57 after: 40 limit: 20"},
    {"sanction", R"(member: 9 kind: SANCTION_KIND_SUSPEND forum: 2 until_ms: 1700000120000 reason: "Asiatonta"
        appeal: "Yhdistyksen hallitus")"},
    {"lift_sanction", R"(member: 9 sanction: 4 reason: "Sovittu")"},
    {"list_sanctions", "member: 9 after: 4 limit: 20"},
    {"set_filter", R"(forum: 2 kind: FILTER_KIND_WORD pattern: "osta nyt*" action: FILTER_ACTION_HOLD)"},
    {"lift_filter", "forum: 2 filter: 4"},
    {"list_filters", "forum: 2 after: 4 limit: 20"},
    {"approve_held", "forum: 2 held: 193847561029"},
    {"reject_held", R"(forum: 2 held: 193847561029 reason: "Mainontaa")"},
    {"list_held", "forum: 2 after: 40 limit: 20"},
    {"file_report", R"(message { room: 3 message: 57 } category: CATEGORY_HARASSMENT words: "Loukkaavaa")"},
    {"file_appeal", R"(removal { room: 3 message: 57 } words: "Palauttakaa")"},
    {"assign_report", "forum: 2 report: 5 member: 15"},
    {"note_report", R"(forum: 2 report: 5 text: "Soitin")"},
    {"resolve_report", R"(forum: 2 report: 5 rejected: true words: "Kiitos" to_author: "Pysy asiassa")"},
    {"list_reports", "forum: 2 closed: true after: 40 limit: 20"},
    {"read_report", "forum: 2 report: 5 after: 40 limit: 20"},
    {"move_thread", "room: 3 thread: 12 to_room: 4 exposes_history: true"},
    {"split_thread", R"(room: 3 thread: 12 messages: 57 messages: 300 title: "Kouluverkko")"},
    {"merge_threads", "room: 3 thread: 12 into: 300"},
    {"locate", "room: 3 thread: 12 message: 57"},
    {"export_records", "room: 3 thread: 12 public_copy: true next_place: 4 next_since: 57 epoch: 1700000000000"},
    {"set_hold", R"(room: 3 thread: 12 held: true reason: "Oikeudenkäynti")"},
    {"list_holds", "forum: 2 after: 3"},
    {"set_retention", "room: 3 days: 730"},
    {"mark_secrecy", R"(room: 3 message: 57 marked: true ground: "24 § 1 mom. 25 kohta")"},
};

constexpr const char* head = R"(id: 77 change_id: "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff"
                                made_at_ms: 1700000000000 )";

}  // namespace

v1::Request post(std::string text) {
    v1::Request request;
    request.set_id(7);
    request.mutable_post_message()->set_room(3);
    request.mutable_post_message()->set_text(std::move(text));
    return request;
}

Named<v1::Request> sample_requests() {
    Named<v1::Request> requests;
    for (const auto& [command, fields] : commands) {
        v1::Request request;
        const std::string text = head + std::string(command) + " { " + fields + " }";
        if (!google::protobuf::TextFormat::ParseFromString(text, &request)) throw std::logic_error(text);
        requests.emplace_back(command, std::move(request));
    }
    return requests;
}

}  // namespace foorumi::codec::test
