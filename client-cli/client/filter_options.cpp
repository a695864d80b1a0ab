#include "client/filter_words.hpp"
#include "client/options.hpp"

namespace foorumi::client {
namespace {

void add_filter_place(CLI::App* sub, const OptionMaker& make) {
    auto& asked = make.arguments().filters;
    make.add_text(sub, "--forum", asked.forum, "filter_forum", "FORUM");
    sub->add_flag("--everywhere", asked.everywhere, make.help("filter_everywhere"));
}

}  // namespace

void add_filter_commands(CLI::App& mod, const OptionMaker& make) {
    auto& asked = make.arguments().filters;
    auto* filter = make.command(mod, "filter", "mod_filter", Verb::mod_filter_list);
    filter->require_subcommand(1);
    auto* set = make.command(*filter, "set", "mod_filter_set", Verb::mod_filter_set);
    make.add_choice(set, "KIND", asked.kind, "filter_kind", filter_kinds())->required();
    make.add_text(set, "PATTERN", asked.pattern, "filter_pattern")->required();
    make.add_choice(set, "ACTION", asked.action, "filter_action", filter_actions())->required();
    add_filter_place(set, make);
    make.add_change_id(set);
    auto* lift = make.command(*filter, "lift", "mod_filter_lift", Verb::mod_filter_lift);
    make.add_number(lift, "N", asked.number, "filter_number")->required();
    add_filter_place(lift, make);
    make.add_change_id(lift);
    add_filter_place(make.command(*filter, "list", "mod_filter_list", Verb::mod_filter_list), make);

    auto* held = make.command(mod, "held", "mod_held", Verb::mod_held_list);
    held->require_subcommand(1);
    const auto of_forum = [&](const char* name, Verb verb) {
        auto* sub = make.command(*held, name, std::string("mod_held_") + name, verb);
        make.add_text(sub, "FORUM", asked.forum, "queue_forum")->required();
        return sub;
    };
    of_forum("list", Verb::mod_held_list);
    auto* approve = of_forum("approve", Verb::mod_held_approve);
    make.add_number(approve, "N", asked.number, "held_number")->required();
    make.add_change_id(approve);
    auto* reject = of_forum("reject", Verb::mod_held_reject);
    make.add_number(reject, "N", asked.number, "held_number")->required();
    make.add_text(reject, "--reason", make.arguments().moderation.reason, "held_reason", "TEXT")->required();
    reject->add_flag("--yes", make.arguments().moderation.yes, make.help("erase_yes"));
    make.add_change_id(reject);
}

void add_own_held_command(CLI::App& me, const OptionMaker& make) {
    auto* held = make.command(me, "held", "me_held", Verb::me_held);
    make.add_text(held, "FORUM", make.arguments().filters.forum, "held_forum")->required();
}

}  // namespace foorumi::client
