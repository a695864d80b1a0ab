// Of `mod`: what is done for the records.
#include <string>
#include <utility>

#include "client/options.hpp"

namespace foorumi::client {

void add_record_commands(CLI::App& mod, const OptionMaker& make) {
    auto& asked = make.arguments().moderation;
    const auto marking = [&](const char* name, const char* key, Verb verb) {
        auto* sub = make.command(mod, name, key, verb);
        make.add_room(sub);
        make.add_number(sub, "M", make.arguments().message, "message")->required();
        make.add_change_id(sub);
        return make.add_text(sub, "--ground", asked.reason, "mod_ground", "TEXT");
    };
    marking("mark", "mod_mark", Verb::mod_mark)->required();
    marking("unmark", "mod_unmark", Verb::mod_unmark);

    auto* exporting = make.command(mod, "export", "mod_export", Verb::mod_export);
    make.add_room(exporting);
    make.add_number(exporting, "THREAD", make.arguments().thread, "mod_export_thread");
    make.add_text(exporting, "--out", make.arguments().account.out, "mod_export_out", "DIR")->required();
    exporting->add_flag("--public", asked.public_copy, make.help("mod_public"));

    for (const auto& [name, verb] : {std::pair{"hold", Verb::mod_hold}, {"release", Verb::mod_release}}) {
        auto* sub = make.command(mod, name, std::string("mod_") + name, verb);
        make.add_room(sub);
        make.add_number(sub, "THREAD", make.arguments().thread, "mod_hold_thread");
        make.add_text(sub, "--reason", asked.reason, "mod_hold_reason", "TEXT")->required();
        if (verb == Verb::mod_release) sub->add_flag("--yes", asked.yes, make.help("erase_yes"));
        make.add_change_id(sub);
    }
    auto* holds = make.command(mod, "holds", "mod_holds", Verb::mod_holds);
    make.add_text(holds, "FORUM", make.arguments().place.forum, "mod_holds_forum");

    auto* retention = make.command(mod, "retention", "mod_retention", Verb::mod_retention);
    make.add_room(retention);
    make.add_number(retention, "DAYS", make.arguments().retention_days, "mod_retention_days", std::uint32_t{0})
        ->required();
    retention->add_flag("--yes", asked.yes, make.help("erase_yes"));
    make.add_change_id(retention);

    auto* verify = make.command(mod, "verify-export", "mod_verify_export", Verb::mod_verify_export);
    make.add_text(verify, "DIR", make.arguments().account.out, "mod_verify_dir")->required();
}

}  // namespace foorumi::client
