#include "client/options.hpp"
#include "client/times.hpp"

namespace foorumi::client {

void add_sanction_commands(CLI::App& mod, const OptionMaker& make) {
    auto& asked = make.arguments().moderation;
    const auto of_member = [&](const char* name, Verb verb) {
        auto* sub = make.command(mod, name, std::string("mod_") + name, verb);
        make.add_text(sub, "MEMBER", asked.member, "member")->required();
        return sub;
    };
    const std::function<void(const std::string&)> until = [&make](const std::string& text) {
        const auto time = parse_time(text, OfDay::end);
        if (!time) throw UsageError(make.texts().text("usage.value", {{"name", "--until"}, {"value", text}}));
        make.arguments().moderation.until_ms = *time;
    };
    for (const auto& [name, verb] : {std::pair{"warn", Verb::mod_warn},
                                     {"mute", Verb::mod_mute},
                                     {"suspend", Verb::mod_suspend},
                                     {"ban", Verb::mod_ban}}) {
        auto* sub = of_member(name, verb);
        make.add_text(sub, "--forum", asked.forum, "sanction_forum", "FORUM");
        sub->add_flag("--everywhere", asked.everywhere, make.help("sanction_everywhere"));
        make.add_text(sub, "--reason", asked.reason, "sanction_reason", "TEXT")->required();
        make.add_text(sub, "--appeal", asked.appeal, "sanction_appeal", "TEXT");
        make.add_change_id(sub);
        if (verb == Verb::mod_mute || verb == Verb::mod_suspend) {
            auto* option = sub->add_option_function<std::string>("--until", until, make.help("sanction_until"));
            option->type_name("TIME")->required(verb == Verb::mod_suspend);
        }
        if (verb == Verb::mod_suspend || verb == Verb::mod_ban)
            sub->add_flag("--yes", asked.yes, make.help("erase_yes"));
    }
    auto* lift = of_member("lift", Verb::mod_lift);
    make.add_number(lift, "N", asked.sanction, "sanction_number")->required();
    make.add_text(lift, "--reason", asked.reason, "sanction_lift_reason", "TEXT");
    make.add_change_id(lift);
    of_member("sanctions", Verb::mod_sanctions);
}

}  // namespace foorumi::client
