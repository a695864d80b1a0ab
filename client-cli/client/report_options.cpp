#include "client/options.hpp"
#include "client/report_words.hpp"

namespace foorumi::client {
namespace {

void add_category_and_words(CLI::App* sub, const OptionMaker& make) {
    auto& asked = make.arguments().reports;
    make.add_choice(sub, "CATEGORY", asked.category, "report_category", category_words())->required();
    make.add_text(sub, "WORDS", asked.words, "report_words")->required();
    make.add_change_id(sub);
}

}  // namespace

void add_report_commands(CLI::App& app, const OptionMaker& make) {
    auto& arguments = make.arguments();
    auto* report = make.command(app, "report", "report", Verb::report);
    make.add_room(report);
    make.add_number(report, "M", arguments.message, "message")->required();
    add_category_and_words(report, make);
    auto* member = make.command(app, "report-member", "report_member", Verb::report_member);
    make.add_text(member, "FORUM", arguments.reports.forum, "report_forum")->required();
    make.add_text(member, "MEMBER", arguments.reports.member, "report_whom")->required();
    add_category_and_words(member, make);
    auto* appeal = make.command(app, "appeal", "appeal", Verb::appeal);
    make.add_room(appeal);
    make.add_number(appeal, "M", arguments.message, "message")->required();
    make.add_text(appeal, "WORDS", arguments.reports.words, "appeal_words")->required();
    make.add_change_id(appeal);
}

void add_queue_commands(CLI::App& mod, const OptionMaker& make) {
    auto& asked = make.arguments().reports;
    const auto of_forum = [&](const char* name, Verb verb) {
        auto* sub = make.command(mod, name, std::string("mod_") + name, verb);
        make.add_text(sub, "FORUM", asked.forum, "queue_forum")->required();
        return sub;
    };
    const auto on_report = [&](const char* name, Verb verb) {
        auto* sub = of_forum(name, verb);
        make.add_number(sub, "N", asked.report, "report_number")->required();
        if (verb != Verb::mod_show) make.add_change_id(sub);
        return sub;
    };
    of_forum("queue", Verb::mod_queue)->add_flag("--closed", asked.closed, make.help("queue_closed"));
    on_report("show", Verb::mod_show);
    auto* assign = on_report("assign", Verb::mod_assign);
    make.add_text(assign, "MEMBER", asked.member, "report_assignee");
    assign->add_flag("--nobody", asked.nobody, make.help("report_nobody"));
    make.add_text(on_report("note", Verb::mod_note), "TEXT", asked.words, "report_note")->required();
    auto* resolve = on_report("resolve", Verb::mod_resolve);
    make.add_text(resolve, "--words", asked.words, "report_outcome", "TEXT");
    make.add_text(resolve, "--to-author", asked.to_author, "report_to_author", "TEXT");
    make.add_text(on_report("reject", Verb::mod_reject), "--words", asked.words, "report_outcome", "TEXT");
}

}  // namespace foorumi::client
