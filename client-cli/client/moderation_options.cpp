#include "client/options.hpp"
#include "client/times.hpp"

namespace foorumi::client {
namespace {

void add_place(CLI::App* sub, const OptionMaker& make, bool message_needed) {
    auto& arguments = make.arguments();
    const std::function<void(const std::string&)> room = [&arguments](const std::string& text) {
        arguments.rooms = {text};
    };
    sub->add_option_function<std::string>("ROOM", room, make.help("room"))->type_name("")->required();
    auto* message = make.add_number(sub, "M", arguments.message, "message");
    if (message_needed) message->required();
}

void add_time(CLI::App* sub, const OptionMaker& make, const std::string& name, std::optional<std::int64_t>& target,
              std::string_view key) {
    const auto& texts = make.texts();
    const std::function<void(const std::string&)> store = [name, &target, &texts](const std::string& text) {
        target = parse_time(text);
        if (!target) throw UsageError(texts.text("usage.value", {{"name", name}, {"value", text}}));
    };
    sub->add_option_function<std::string>(name, store, make.help(key))->type_name("TIME");
}

void add_reason(CLI::App* sub, const OptionMaker& make) {
    auto& asked = make.arguments().moderation;
    make.add_text(sub, "--reason", asked.reason, "reason", "TEXT")->required();
    sub->add_flag("--yes", asked.yes, make.help("erase_yes"));
}

}  // namespace

void add_moderation_commands(CLI::App& app, const OptionMaker& make) {
    auto& asked = make.arguments().moderation;
    auto* mod = make.command(app, "mod", "mod", Verb::mod_remove);
    mod->require_subcommand(1);
    add_thread_commands(*mod, make);
    add_sanction_commands(*mod, make);
    add_filter_commands(*mod, make);
    add_room_commands(*mod, make);
    add_queue_commands(*mod, make);
    add_moving_commands(app, *mod, make);
    add_record_commands(*mod, make);
    auto* remove = make.command(*mod, "remove", "mod_remove", Verb::mod_remove);
    add_place(remove, make, false);
    make.add_text(remove, "--member", asked.member, "mod_member", "MEMBER");
    add_time(remove, make, "--from", asked.from_ms, "mod_from");
    add_time(remove, make, "--to", asked.to_ms, "mod_to");
    add_reason(remove, make);
    add_place(make.command(*mod, "restore", "mod_restore", Verb::mod_restore), make, true);
    auto* purge = make.command(*mod, "purge", "mod_purge", Verb::mod_purge);
    add_place(purge, make, true);
    add_reason(purge, make);
    add_place(make.command(*mod, "earlier", "mod_earlier", Verb::mod_earlier), make, true);
}

}  // namespace foorumi::client
