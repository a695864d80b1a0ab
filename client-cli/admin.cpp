#include "admin.hpp"

#include "client/display.hpp"
#include "client/entity_key.hpp"

namespace foorumi::client {
namespace {

std::string cell(std::string_view text) { return visible(text, Lines::one); }

}  // namespace

void Admin::begin() {
    switch (arguments().verb) {
        case Verb::admin_members:
            return with_registers([this] { list_members(0); });
        case Verb::admin_invitations:
            return with_registers([this] { list_invitations(""); });
        case Verb::admin_municipalities:
            return with_registers([this] { show_municipalities(); });
        case Verb::admin_terms:
            return list_terms();
        case Verb::admin_roles:
            return with_registers([this] {
                if (arguments().admin.standing.given() || arguments().admin.standing.none) return set_roles();
                show_roles();
            });
        default:
            return begin_change();
    }
}

void Admin::begin_change() {
    switch (arguments().verb) {
        case Verb::admin_audience:
            return with_registers([this] { set_audience(); });
        case Verb::admin_invite:
            return with_registers([this] { invite(); });
        case Verb::admin_reset:
            return reset();
        case Verb::admin_end_sessions:
            return end_sessions();
        case Verb::admin_erase:
            return erase();
        case Verb::admin_keep:
            return keep();
        case Verb::admin_withdraw: {
            Request request;
            request.mutable_withdraw_invitation()->set_invitation(arguments().admin.invitation);
            return commit(std::move(request));
        }
        default:
            return put_term();
    }
}

void Admin::list_members(std::uint64_t after) {
    const auto home = registers().municipality(arguments().admin.standing.municipality, "municipality");
    if (home.has_error()) return refuse(home.error().error());
    Request request;
    auto& list = *request.mutable_list_members();
    list.set_after(after);
    list.set_limit(page());
    list.set_municipality(*home);
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.member_records();
        records_.mutable_records()->MergeFrom(got.records());
        if (!got.more() || got.records_size() == 0) return show_members();
        list_members(got.records().rbegin()->member().id());
    });
}

void Admin::show_members() {
    std::vector<std::vector<std::string>> rows{
        {text("table.id"), text("table.handle"), text("table.name"), text("table.municipality"), text("table.roles"),
         text("table.positions"), text("table.further"), text("table.second_factor"), text("table.sessions")}};
    for (const auto& record : records_.records()) {
        const auto& member = record.member();
        rows.push_back({std::to_string(member.id()), cell(member.handle()), cell(member.name()),
                        cell(member.municipality_name()), grants_text(record.standing()),
                        positions_text(record.standing()), further_text(record),
                        text(record.second_factor() ? "table.yes" : "table.no"), std::to_string(record.sessions())});
    }
    show(records_, rows);
}

void Admin::list_invitations(const std::string& after) {
    Request request;
    request.mutable_list_invitations()->set_after(after);
    request.mutable_list_invitations()->set_limit(page());
    ask(std::move(request), [this](const Response& response) {
        const auto& got = response.invitations();
        invitations_.mutable_invitations()->MergeFrom(got.invitations());
        if (got.more() && got.invitations_size() > 0) return list_invitations(got.invitations().rbegin()->id());
        std::vector<std::vector<std::string>> rows{{text("table.id"), text("table.handle"), text("table.name"),
                                                    text("table.email"), text("table.municipality"),
                                                    text("table.created"), text("table.expires"), ""}};
        for (const auto& one : invitations_.invitations()) {
            rows.push_back({cell(one.id()), cell(one.handle()), cell(one.name()), cell(one.email()),
                            cell(registers().name_of_municipality(one.municipality(), texts().language())),
                            time_text(one.created_ms()), time_text(one.expires_ms()),
                            one.resets() != 0 ? text("admin.is_reset") : ""});
        }
        show(invitations_, rows);
    });
}

void Admin::show_municipalities() {
    const auto& all = registers().municipalities();
    std::vector<std::vector<std::string>> rows{
        {text("table.code"), text("table.name"), text("table.name_sv"), text("table.population")}};
    for (const auto& one : all.municipalities())
        rows.push_back({cell(one.code()), cell(one.name_fi()), cell(one.name_sv()), std::to_string(one.population())});
    show(all, rows);
}

void Admin::list_terms() {
    Request request;
    request.mutable_list_terms();
    ask(std::move(request), [this](const Response& response) {
        std::vector<std::vector<std::string>> rows{
            {text("table.id"), text("table.name"), text("table.first_day"), text("table.last_day"), ""}};
        for (const auto& term : response.terms().terms())
            rows.push_back({std::to_string(term.id()), cell(term.name()), cell(term.first_day()), cell(term.last_day()),
                            term.current() ? text("admin.current") : ""});
        show(response.terms(), rows);
    });
}

void Admin::show_roles() {
    with_member(arguments().admin.member, [this](std::uint64_t id) {
        Request request;
        request.mutable_list_members()->set_after(id - 1);
        request.mutable_list_members()->set_limit(1);
        ask(std::move(request), [this, id](const Response& response) {
            const auto& records = response.member_records();
            if (records.records_size() == 0 || records.records(0).member().id() != id)
                return refuse(Unknown("member_not_found", "member").error());
            *records_.add_records() = records.records(0);
            show_members();
        });
    });
}

void Admin::end_sessions() {
    with_member(arguments().admin.member, [this](std::uint64_t id) {
        Request request;
        request.mutable_end_sessions()->set_member(id);
        commit(std::move(request));
    });
}

std::string Admin::grants_text(const foorumi::v1::Standing& standing) const {
    std::string out;
    for (const auto& grant : standing.grants()) {
        out += (out.empty() ? "" : ", ") + word_of(grant.role());
        if (grant.term() != 0) out += '@' + cell(registers().name_of_term(grant.term()));
    }
    return out;
}

std::string Admin::positions_text(const foorumi::v1::Standing& standing) const {
    std::string out;
    for (const auto& position : standing.positions()) {
        out += (out.empty() ? "" : ", ") + text("position." + word_of(position.kind()));
        if (!position.body().empty()) out += ": " + cell(position.body());
        if (position.term() != 0) out += '@' + cell(registers().name_of_term(position.term()));
    }
    return out;
}

std::string Admin::further_text(const foorumi::v1::MemberRecords::Record& record) const {
    const auto& standing = record.standing();
    std::string out;
    const auto add = [&out](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
    for (const auto forum : standing.moderates())
        add(text("admin.moderates", {{"forum", cell(registers().name_of_forum(forum))}}));
    if (!standing.contact_for().empty()) {
        const auto home = cell(registers().name_of_municipality(standing.contact_for(), texts().language()));
        add(text("admin.contact_for", {{"municipality", home}}));
    }
    if (record.erase_at_ms() != 0) {
        const bool removes = record.erased_content() == foorumi::v1::ERASED_CONTENT_REMOVED;
        add(text(removes ? "admin.erased_with_content" : "admin.erased", {{"time", time_text(record.erase_at_ms())}}));
    }
    return out;
}

}  // namespace foorumi::client
