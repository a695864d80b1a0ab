#include "audit.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>

#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/table.hpp"

namespace foorumi::client {
namespace {

// The catalogue's words for it, under "audit."
std::string_view key_of(AuditCheck::Fault fault) {
    switch (fault) {
        case AuditCheck::Fault::none:
            return "audit.whole";
        case AuditCheck::Fault::missing:
            return "audit.missing";
        case AuditCheck::Fault::changed:
            return "audit.changed";
        case AuditCheck::Fault::shorter:
            return "audit.shorter";
        case AuditCheck::Fault::another_head:
            return "audit.another_head";
        case AuditCheck::Fault::not_as_kept:
            return "audit.not_as_kept";
        case AuditCheck::Fault::elsewhere:
            return "audit.elsewhere";
        case AuditCheck::Fault::not_kept:
            return "audit.not_kept";
        case AuditCheck::Fault::another:
            return "audit.another";
        case AuditCheck::Fault::unsteady:
            return "audit.unsteady";
    }
    return "audit.changed";
}

}  // namespace

void Audit::begin() {
    if (!read_kept()) return finish(Exit::usage);
    check_ = AuditCheck(0, kept_);
    ask_page();
}

bool Audit::read_kept() {
    const auto& path = arguments().admin.file;
    if (path.empty()) return true;
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    auto heads = read_heads(text.str());
    if (!file || !heads) {
        note(this->text("audit.no_heads", {{"file", visible(path, Lines::one)}}));
        return false;
    }
    kept_ = std::move(*heads);
    return true;
}

void Audit::ask_page() {
    Request request;
    auto& asked = *request.mutable_read_audit();
    asked.set_partition(check_.head().partition);
    asked.set_after(check_.head().count);
    asked.set_limit(welcome().limits().page());
    ask(std::move(request), [this](const Response& response) { add(response.audit_page()); });
}

void Audit::add(const foorumi::v1::AuditPage& page) {
    if (arguments().verb == Verb::audit_list) {
        for (const auto& entry : page.entries()) {
            Entry kept{check_.head().partition, entry.number(), {}};
            if (kept.record.ParseFromString(entry.record())) entries_.push_back(std::move(kept));
        }
    }
    check_.add(page);
    if (!check_.over()) return ask_page();
    tell_partition();
    auto next = check_.next();
    if (!next) return end();
    check_ = std::move(*next);
    ask_page();
}

void Audit::tell_partition() {
    const bool whole = check_.fault() == AuditCheck::Fault::none;
    const auto& head = check_.head();
    whole_ = whole_ && whole;
    if (arguments().verb == Verb::audit_heads && whole) print(head_line(head));
    if (whole && arguments().verb != Verb::audit_verify) return;
    const auto told = text(key_of(check_.fault()), {{"partition", std::to_string(head.partition)},
                                                    {"entry", std::to_string(check_.at())},
                                                    {"count", std::to_string(head.count)}});
    whole ? print(told) : note(told);
}

void Audit::end() {
    for (const auto& kept : check_.not_there()) {
        whole_ = false;
        note(text("audit.not_there", {{"partition", std::to_string(kept.partition)}}));
    }
    if (arguments().verb != Verb::audit_list) return finish(whole_ ? Exit::done : Exit::refused);
    std::ranges::sort(entries_, {}, [](const Entry& entry) {
        return std::tuple(entry.record.at_ms(), entry.partition, entry.number);
    });
    std::vector<std::uint64_t> members;
    for (const auto& entry : entries_) {
        members.push_back(entry.record.actor());
        members.push_back(entry.record.member());
    }
    with_names(std::move(members), [this] { show_entries(); });
}

void Audit::show_entries() {
    std::vector<std::vector<std::string>> rows{
        {text("table.time"), text("table.entry"), text("table.by"), text("table.act"), text("table.on")}};
    for (const auto& [partition, number, record] : entries_) {
        const auto name = std::to_string(partition) + '/' + std::to_string(number);
        if (arguments().json) {
            print("{\"partition\":" + std::to_string(partition) + ",\"number\":\"" + std::to_string(number) +
                  "\",\"record\":" + to_json(record) + '}');
        }
        rows.push_back({time_text(record.at_ms()), name, member_text(record.actor()), visible(record.act(), Lines::one),
                        subject_text(record)});
    }
    if (!arguments().json)
        for (const auto& line : table_lines(rows)) print(line);
    finish(whole_ ? Exit::done : Exit::refused);
}

std::string Audit::member_text(std::uint64_t member) {
    if (member == 0) return text("audit.server");
    const auto* found = members().find(member);
    return found != nullptr ? '@' + visible(found->handle(), Lines::one) : std::to_string(member);
}

std::string Audit::subject_text(const foorumi::v1::AuditRecord& record) {
    std::string all;
    const auto add = [&all](const std::string& part) { all += (all.empty() ? "" : ", ") + part; };
    if (record.member() != 0) add(member_text(record.member()));
    if (record.forum() != 0) add(text("audit.forum", {{"id", std::to_string(record.forum())}}));
    if (record.room() != 0) add(text("audit.room", {{"id", std::to_string(record.room())}}));
    if (record.thread() != 0) add(text("audit.thread", {{"id", std::to_string(record.thread())}}));
    if (record.message() != 0) add(text("audit.message", {{"id", std::to_string(record.message())}}));
    if (record.sanction() != 0) add(text("audit.sanction", {{"id", std::to_string(record.sanction())}}));
    if (record.filter() != 0) add(text("audit.filter", {{"id", std::to_string(record.filter())}}));
    if (record.held() != 0) add(text("audit.held", {{"id", std::to_string(record.held())}}));
    if (record.report() != 0) add(text("audit.report", {{"id", std::to_string(record.report())}}));
    for (const auto term : record.terms()) add(text("audit.term", {{"id", std::to_string(term)}}));
    if (!record.invitation().empty()) add(text("audit.invitation", {{"id", visible(record.invitation(), Lines::one)}}));
    return all;
}

}  // namespace foorumi::client
