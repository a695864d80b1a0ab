#include "client/options.hpp"

namespace foorumi::client {

namespace {

CLI::App* add_move(CLI::App& mod, const OptionMaker& make, const char* name, Verb verb) {
    auto* sub = make.command(mod, name, std::string("mod_") + name, verb);
    make.add_room(sub);
    make.add_thread(sub);
    sub->add_flag("--yes", make.arguments().moderation.yes, make.help("erase_yes"));
    make.add_change_id(sub);
    return sub;
}

}  // namespace

void add_moving_commands(CLI::App& app, CLI::App& mod, const OptionMaker& make) {
    auto& asked = make.arguments().moderation;
    auto* move = add_move(mod, make, "move", Verb::mod_move);
    const std::function<void(const std::string&)> to = [&make](const std::string& text) {
        make.arguments().rooms.push_back(text);
    };
    move->add_option_function<std::string>("TO", to, make.help("mod_to_room"))->type_name("")->required();
    move->add_flag("--exposes-history", asked.exposes_history, make.help("mod_exposes"));

    auto* split = add_move(mod, make, "split", Verb::mod_split);
    make.add_text(split, "TITLE", make.arguments().title, "title")->required();
    const std::function<void(const std::vector<std::string>&)> messages = [&make](const auto& texts) {
        for (const auto& text : texts) {
            const auto value = read_number<std::uint64_t>(text, 1);
            if (!value) throw UsageError(make.texts().text("usage.number", {{"name", "M"}, {"value", text}}));
            make.arguments().moderation.messages.push_back(*value);
        }
    };
    split->add_option_function<std::vector<std::string>>("M", messages, make.help("mod_messages"))
        ->type_name("")
        ->required();

    make.add_number(add_move(mod, make, "merge", Verb::mod_merge), "INTO", asked.into, "mod_into")->required();

    auto* locate = make.command(app, "locate", "locate", Verb::locate);
    make.add_room(locate);
    auto* message = make.add_number(locate, "M", make.arguments().message, "message");
    make.add_number(locate, "--thread", make.arguments().thread, "thread")->excludes(message);
}

}  // namespace foorumi::client
