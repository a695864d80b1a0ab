#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "samples.hpp"

namespace foorumi::codec::test {
namespace {

constexpr std::pair<const char*, const char*> items[] = {
    {"response.error", R"(response { id: 77 error { code: CODE_LIMITED reason: "text_too_long" field: "text"
        text: "Teksti on liian pitkä." retry_after_ms: 1500 } })"},
    {"response.done", "response { id: 77 done {} }"},
    {"response.welcome", R"(response { id: 1 welcome { protocol: 1 server: "foorumid 0.1.0" now_ms: 1700000000000
        ping_interval_ms: 30000 limits { frame_bytes: 65536 requests_per_frame: 64 text_bytes: 16384 title_bytes: 200
        subscriptions: 200 page: 100 requests_per_second: 50 change_id_hours: 24 } self { id: 9 handle: "aino.korhonen"
        name: "Aino Korhonen" municipality: "091" municipality_name: "Helsingfors" roles: ROLE_COUNCILLOR
        roles: ROLE_EXPERT } features: "typing" } })"},
    {"response.welcome.leaving", R"(response { id: 1 welcome { protocol: 1 self { id: 9 handle: "aino.korhonen" }
        erase_at_ms: 1701209600000 erased_content: ERASED_CONTENT_REMOVED } })"},
    {"response.forums", R"(response { id: 77 forums { forums { id: 2 slug: "strategia" title: "Strategia"
        description: "Kuntastrategiat" } } })"},
    {"response.rooms", R"(response { id: 77 rooms { rooms { id: 3 forum: 2 slug: "lahijunat" title: "Lähijunat"
        description: "Vuorovälit" may_write: true } } })"},
    {"response.threads", R"(response { id: 77 threads { version: 900 threads { thread { key: "thread:12" version: 12
        thread { title: "Sote" author: 9 } } last_activity: 57 messages: 8 unread: 3 read_to: 40 watch: LEVEL_MUTE }
        more: true unread_cap: 100 } })"},
    {"response.history", R"(response { id: 77 history { version: 900 messages { key: "message:57" version: 58
        message { thread: 12 author: 9 text: "Hyvää päivää" } } reactions { key: "reactions:57" version: 60
        reactions { reactions { emoji: "👍" members: 7 } } } more: true } })"},
    {"response.inbox", R"(response { id: 77 inbox { version: 44 entries { key: "inbox:3:57" version: 40
        inbox_entry { kind: KIND_MENTION room: 3 thread: 12 message: 57 author: 9 } } more: true } })"},
    {"response.members", R"(response { id: 77 members { members { id: 300 handle: "biret-ahkku"
        name: "Biret Áhkku Čeavžu" municipality: "890" municipality_name: "Utsjoki" roles: ROLE_COUNCILLOR } } })"},
    {"response.sessions", R"(response { id: 77 sessions { sessions { id: "00112233445566aa" device: "Firefox"
        created_ms: 1700000000000 used_ms: 1700000003600 expires_ms: 1707776000000 second_factor: true current: true } } })"},
    {"response.terms", R"(response { id: 77 terms { terms { id: 4 name: "2025-2029" first_day: "2025-06-01"
        last_day: "2029-05-31" current: true } } })"},
    {"response.member_records", R"(response { id: 77 member_records { records { member { id: 300 handle: "biret-ahkku"
        name: "Biret Áhkku Čeavžu" municipality: "890" positions { kind: KIND_COUNCIL_CHAIR } }
        standing { grants { role: ROLE_COUNCILLOR term: 4 } municipality: "890" } second_factor: true sessions: 2 }
        more: true } })"},
    {"response.member_records.erased", R"(response { id: 77 member_records { records { member { id: 300 }
        erase_at_ms: 1701209600000 erased_content: ERASED_CONTENT_REMOVED } } })"},
    {"response.invitations", R"(response { id: 77 invitations { invitations { id: "00112233445566aa"
        name: "Biret Áhkku Čeavžu" municipality: "890" by: 9 created_ms: 1700000000000 expires_ms: 1701209600000
        resets: 300 } more: true } })"},
    {"response.invitations.addressed", R"(response { id: 77 invitations { invitations { id: "00112233445566aa"
        name: "Biret Áhkku Čeavžu" expires_ms: 1701209600000 handle: "biret-ahkku" email: "biret@example.fi" } } })"},
    {"response.municipalities", R"(response { id: 77 municipalities { municipalities { code: "091" name_fi: "Helsinki"
        name_sv: "Helsingfors" population: 656920 size: SIZE_CLASS_OVER_100000 } more: true } })"},
    {"response.account", R"(response { id: 77 account { email: "biret@example.fi" password_changed_ms: 1700000000000
        second_factor: true recovery_codes_left: 9 } })"},
    {"response.account.erased", R"(response { id: 77 account { email: "biret@example.fi" erase_at_ms: 1701209600000
        erased_content: ERASED_CONTENT_KEPT } })"},
    {"response.own_entities", R"(response { id: 77 own_entities { room: 3 entities { key: "message:57" version: 58
        message { thread: 12 author: 9 text: "Oma" } } more: true next_room: 4 next_since: 60 } })"},
    {"response.audit_page", R"(response { id: 77 audit_page { installation: "a1b2" partitions: 16 partition: 7 count: 58
        head: "\001\002" entries { number: 58 digest: "\001\002" record: "\010\001" } } })"},
    {"response.earlier_texts", R"(response { id: 77 earlier_texts { texts { key: "removed:3:57:1" version: 40
        earlier_text { room: 3 thread: 12 message: 57 author: 9 text: "Asiaton" removed: true by: 15
        reason: "Asiatonta" } } more: true next: 41 message { key: "message:57" version: 90
        message { thread: 12 author: 9 deleted_ms: 1700000000000 removed_ms: 1700000000000 } } } })"},
    {"response.sanctions", R"(response { id: 77 sanctions { sanctions { number: 4 kind: SANCTION_KIND_SUSPEND forum: 2
        begun_ms: 1700000000000 until_ms: 1700000120000 reason: "Asiatonta" appeal: "Yhdistyksen hallitus"
        ended_ms: 1700000060000 end_reason: "Sovittu" replaced_by: 5 by: 15 ended_by: 16 in_force: true } more: true } })"},
    {"response.filters", R"(response { id: 77 filters { filters { number: 4 kind: FILTER_KIND_LINK pattern: "evil.com"
        action: FILTER_ACTION_REFUSE set_ms: 1700000000000 by: 15 } more: true } })"},
    {"response.held_messages", R"(response { id: 77 held_messages { messages { key: "held:193847561029" version: 40
        held_message { number: 193847561029 room: 3 title: "Osta" text: "Nyt" author: 9 created_ms: 1700000000000
        filters: "osta*" } } more: true next: 40 } })"},
    {"response.held", "response { id: 77 held { forum: 2 held: 193847561029 } }"},
    {"response.reports",
     R"(response { id: 77 reports { reports { key: "report:5" version: 40 report { room: 3 thread: 12
        message: 57 member: 9 state: STATE_NEW categories: CATEGORY_SPAM reporters: 2 } } more: true next: 40 } })"},
    {"response.report_details", R"(response { id: 77 report_details { report { key: "report:5" version: 40
        report { member: 9 state: STATE_ASSIGNED assigned: 15 } } words { reporter: 7 category: CATEGORY_SPAM
        text: "Mainos" at_ms: 1700000000000 } notes { by: 15 at_ms: 1700000060000 text: "Kiitos" to: TO_REPORTERS }
        more: true next: 2 } })"},
    {"response.records_page", R"(response { id: 77 records_page { entities { key: "message:57" version: 90
        message { thread: 12 author: 9 text: "Moi" } } entities { key: "message:58" version: 91 } more: true version: 91
        next_place: 4 next_since: 5 epoch: 1700000000000 begin_anew: true } })"},
    {"response.holds", R"(response { id: 77 holds { holds { room: 3 thread: 12 reason: "Oikeudenkäynti" by: 15
        at_ms: 1700000000000 } more: true } })"},
    {"response.located", "response { id: 77 located { room: 4 thread: 40 message: 41 } }"},
    {"response.error.moved", R"(response { id: 77 error { code: CODE_NOT_FOUND reason: "moved" field: "thread"
        moved { room: 4 thread: 40 } } })"},
    {"response.inbox.removed", R"(response { id: 77 inbox { version: 44 entries { key: "inbox:3:57:90" version: 40
        inbox_entry { kind: KIND_REMOVED room: 3 thread: 12 message: 57 reason: "Asiatonta" } } } })"},
    {"response.committed", R"(response { id: 77 committed { channel: "room:3" version: 901 repeated: true } })"},
    {"change", R"(change { channel: "room:3" previous_version: 900 version: 901 entities { key: "message:901"
        version: 901 message { thread: 12 author: 9 text: "Kiitos!" } } entities { key: "reactions:57" version: 901 } })"},
    {"synced", R"(synced { request: 77 channel: "room:3" generation: 4 since: 57 version: 901 reset: true
        room { forum: 2 slug: "lahijunat" title: "Lähijunat" } threads { version: 901 } entities { key: "room" version: 1
        room { forum: 2 } } more: true error { code: CODE_NOT_FOUND reason: "room_not_found" field: "room" } })"},
    {"ephemeral.is_typing", R"(ephemeral { channel: "room:3" is_typing { member: 9 thread: 12 } })"},
    {"ephemeral.presence", R"(ephemeral { channel: "room:3" presence { full: true joined: 9 joined: 300 left: 7
        present: 2 } })"},
    {"notice.draining", "notice { draining { within_ms: 5000 } }"},
    {"notice.access_changed", R"(notice { access_changed { channel: "room:3" } })"},
    {"notice.sign_in_again", "notice { sign_in_again {} }"},
    {"notice.closing", R"(notice { closing { error { code: CODE_LIMITED reason: "slow_reader" } } })"},
    {"notice.reads_only", R"(notice { reads_only { error { code: CODE_UNAVAILABLE reason: "replicas_missing" } } })"},
};

}  // namespace

Named<v1::Item> sample_items() {
    Named<v1::Item> all;
    for (const auto& [name, text] : items) {
        v1::Item item;
        if (!google::protobuf::TextFormat::ParseFromString(text, &item)) throw std::logic_error(name);
        all.emplace_back(name, std::move(item));
    }
    return all;
}

}  // namespace foorumi::codec::test
