#include "samples.hpp"

namespace foorumi::codec::test {

using namespace forum;

Named<Entity> sample_entities() {
    const Badge badge{{Role::councillor, Role::moderator}, "091", {}};
    Badge of_office = badge;
    of_office.positions = {{PositionKind::council_chair, "", 0},
                           {PositionKind::committee_member, "Sivistyslautakunta", 0}};
    Thread moderated{"Kuinka säästää ilman lakkautuksia?", 9, badge, 1'700'000'000'000, true};
    moderated.lock = {"Asia on käsitelty.", 7, 1'700'000'060'000};
    moderated.pin = Pin{1'700'000'120'000, true};
    moderated.state = ThreadState::practice;
    moderated.slow_mode_s = 300;
    moderated.write = {Role::expert, Role::office_holder};
    moderated.tags = {"säästöt", "kouluverkko"};
    Message message;
    message.thread = 12;
    message.author = 9;
    message.badge = badge;
    message.text = "Hyvää huomenta, @biret-ahkku!\nBuorre iđit, Čáhcesuolu ŋ.";
    message.reply_to = 56;
    message.mentions = {7, 300};
    message.created = 1'700'000'000'000;
    message.edited = 1'700'000'060'000;
    message.edits = 2;
    Message tombstone = message;
    tombstone.text.clear();
    tombstone.mentions.clear();
    tombstone.deleted = 1'700'000'120'000;
    Message removed = tombstone;
    removed.removed = removed.deleted;
    removed.reason = "Asiatonta";
    removed.removals = 2;
    Message removed_and_deleted = removed;
    removed_and_deleted.author_deleted = 1'700'000'150'000;
    Thread moving = moderated;
    moving.moving = 1'700'000'180'000;
    Message moved = message;
    moved.moved = 1'700'000'180'000;
    Message marked = message;
    marked.secrecy = Secrecy{"24 § 1 mom. 25 kohta", 1'700'000'180'000, true};
    Message expired = tombstone;
    expired.expired_days = 730;
    Thread expired_thread{"", 9, badge, 1'700'000'000'000, true};
    expired_thread.lock.at = 1'700'000'180'000;
    expired_thread.expired_to = 57;
    Message purged = removed;
    purged.purged = 1'700'000'180'000;
    return {
        {"room.archived", Room{3, "lahijunat", "Lähijunat", "", true, "Kausi on ohi.", 901}},
        {"room", Room{3, "lahijunat", "Lähijunat", "Vuorovälit, asemat ja liityntäliikenne", true}},
        {"thread", Thread{"Kuinka säästää ilman lakkautuksia?", 9, badge, 1'700'000'000'000, true}},
        {"thread.positions", Thread{"Koulukyydit", 9, of_office, 1'700'000'000'000, false}},
        {"thread.moderated", moderated},
        {"thread.moving", moving},
        {"message", message},
        {"message.tombstone", tombstone},
        {"message.removed", removed},
        {"message.removed_and_deleted", removed_and_deleted},
        {"message.purged", purged},
        {"message.moved", moved},
        {"message.marked", marked},
        {"message.expired", expired},
        {"thread.expired", expired_thread},
        {"room.retention", Room{3, "lahijunat", "Lähijunat", "", false, "", 901, 730}},
        {"redirect", Redirect{1'700'000'180'000, 4, 40, 41}},
        {"move", Move{MoveKind::split, 3, 12, 3, 0, {57, 300}, "Kouluverkko", 15, 1'700'000'180'000}},
        {"reactions", Reactions{{{"👍", {7, 9, 300}}, {"❤️", {12}}}}},
        {"pins", Pins{{{12, 1'700'000'120'000}, {300, 0}}}},
        {"pace", Pace{9, 1'700'000'000'000}},
        {"read_mark", ReadMark{4711}},
        {"draft", Draft{"Keskeneräinen", "Uusi avaus", 1'700'000'000'000}},
        {"watch", Watch{WatchLevel::mute}},
        {"inbox_entry", InboxEntry{InboxKind::reply, 3, 12, 57, 9, 1'700'000'000'000, true}},
        {"inbox_entry.removed", InboxEntry{InboxKind::removed, 3, 12, 57, 0, 1'700'000'000'000, false, "Asiatonta"}},
        {"inbox_entry.marked",
         InboxEntry{InboxKind::secrecy_marked, 3, 12, 57, 0, 1'700'000'000'000, false, "24 § 1 mom. 25 kohta"}},
        {"inbox_entry.sanctioned",
         InboxEntry{InboxKind::sanctioned, 0, 0, 0, 0, 1'700'000'000'000, false, "Asiatonta", 0,
                    Sanctioned{4, SanctionKind::suspend, 2, 1'700'000'120'000, "Yhdistyksen hallitus"}}},
        {"inbox_entry.sanction_lifted", InboxEntry{InboxKind::sanction_lifted, 0, 0, 0, 0, 1'700'000'000'000, false, "",
                                                   0, Sanctioned{4, SanctionKind::ban, 0, 0, ""}}},
        {"inbox_entry.held_rejected",
         InboxEntry{
             InboxKind::held_rejected, 3, 12, 0, 0, 1'700'000'000'000, false, "Mainontaa", 0, {}, 193'847'561'029}},
        {"held_message",
         HeldMessage{193'847'561'029, 3, 12, "", "Osta nyt", 57, 9, 1'700'000'000'000, {"osta*"}, "thread_locked"}},
        {"post_book", PostBook{2, {1'700'000'000'000, 1'700'000'060'000}, 9, {57, 300}}},
        {"inbox_entry.report",
         InboxEntry{InboxKind::report_resolved, 0, 0, 0, 0, 1'700'000'000'000, false, "Kiitos", 9}},
        {"report", Report{3,
                          12,
                          57,
                          9,
                          ReportState::rejected,
                          {ReportCategory::spam, ReportCategory::other},
                          2,
                          1,
                          1'700'000'000'000,
                          1'700'000'060'000,
                          15,
                          1'700'000'060'000,
                          16,
                          1'731'536'060'000,
                          true,
                          2,
                          17}},
        {"report_words", ReportWords{7, ReportCategory::spam, "Mainos", 1'700'000'000'000, 3, 12, 57, 9, true}},
        {"report_note", ReportNote{15, 1'700'000'000'000, "Soitin", NoteTo::author}},
        {"report_book", ReportBook{5, 7, {4, 300}, {1'700'000'000'000}, 3}},
        {"earlier_text.removed", EarlierText{3,
                                             12,
                                             57,
                                             9,
                                             "@biret-ahkku",
                                             1'700'000'060'000,
                                             true,
                                             1'707'776'060'000,
                                             {7, 300},
                                             15,
                                             "Asiatonta",
                                             false}},
        {"earlier_text.purged",
         EarlierText{3, 12, 57, 9, "", 1'700'000'060'000, true, 1'707'776'060'000, {}, 15, "Lainvastaista", true}},
        {"earlier_text", EarlierText{3, 12, 57, 9, "Ensimmäinen ajatus", 1'700'000'060'000, true, 1'707'776'060'000}},
    };
}

std::vector<Effect> sample_effects() {
    return {{"member:9", "inbox:3:@", InboxEntry{InboxKind::mention, 3, 0, 0, 7, 1'700'000'000'000, false}, "inbox"},
            {"member:7", "inbox:3:57", InboxEntry{InboxKind::reply, 3, 12, 57, 9, 1'700'000'000'000, false}, "inbox"},
            {"moderation:2", "earlier:3:57:1", EarlierText{3, 12, 57, 9, "Ennen", 1, false, 2}, "earlier"},
            {"moderation:2",
             "purged:3:57:1",
             EarlierText{3, 12, 57, 9, "", 1, true, 2, {}, 15, "Syy", true},
             "purges",
             {"earlier:3:57:1", "removed:3:57:1"}}};
}

std::vector<std::string> oneof_cases(const google::protobuf::Descriptor& type, const std::string& oneof) {
    std::vector<std::string> names;
    const auto* cases = type.FindOneofByName(oneof);
    for (int i = 0; i < cases->field_count(); ++i) names.push_back(cases->field(i)->name());
    return names;
}

}  // namespace foorumi::codec::test
