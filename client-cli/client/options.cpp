#include "client/options.hpp"

#include <algorithm>

#include "client/change_id.hpp"

namespace foorumi::client {

CLI::App* OptionMaker::command(CLI::App& parent, const std::string& name, const std::string& key, Verb verb) const {
    auto* sub = parent.add_subcommand(name, help("command." + key));
    sub->fallthrough();
    sub->group(help("label.commands"));
    sub->set_help_flag("-h,--help", help("help"));
    sub->callback([this, sub, verb] {
        if (sub->get_subcommands().empty()) arguments_.verb = verb;
    });
    return sub;
}

CLI::Option* OptionMaker::add_choice(CLI::App* sub, const std::string& name, std::string& target, std::string_view key,
                                     const std::vector<std::string>& choices) const {
    const std::function<void(const std::string&)> store = [this, name, &target, choices](const std::string& text) {
        if (std::ranges::find(choices, text) == choices.end()) {
            throw UsageError(
                texts_.text("usage.choice", {{"name", name}, {"value", text}, {"choices", joined(choices, ", ")}}));
        }
        target = text;
    };
    return sub->add_option_function<std::string>(name, store, help(key))->type_name("");
}

CLI::Option* OptionMaker::add_text(CLI::App* sub, const std::string& name, std::string& target, std::string_view key,
                                   const std::string& type) const {
    return sub->add_option(name, target, help(key))->type_name(type);
}

CLI::Option* OptionMaker::add_texts(CLI::App* sub, const std::string& name, std::vector<std::string>& target,
                                    std::string_view key, const std::string& type,
                                    bool (*good)(std::string_view)) const {
    const std::function<void(const std::vector<std::string>&)> store = [this, name, &target,
                                                                        good](const std::vector<std::string>& values) {
        for (const auto& value : values) {
            if (good != nullptr && !good(value))
                throw UsageError(texts_.text("usage.value", {{"name", name}, {"value", value}}));
        }
        target = values;
    };
    return sub->add_option_function<std::vector<std::string>>(name, store, help(key))
        ->type_name(type)
        ->allow_extra_args(false);
}

// Not a list of one: CLI11 lets a list swallow the positionals behind it.
void OptionMaker::add_room(CLI::App* sub) const {
    const std::function<void(const std::string&)> store = [this](const std::string& text) {
        arguments_.rooms = {text};
    };
    sub->add_option_function<std::string>("ROOM", store, help("room"))->type_name("")->required();
}

void OptionMaker::add_thread(CLI::App* sub, std::uint64_t least) const {
    add_number(sub, "THREAD", arguments_.thread, "thread", least)->required();
}

void OptionMaker::add_change_id(CLI::App* sub) const {
    const std::function<void(const std::string&)> store = [this](const std::string& text) {
        const auto id = change_id_from_hex(text);
        if (!id) throw UsageError(texts_.text("usage.change_id"));
        arguments_.change_id = *id;
    };
    sub->add_option_function<std::string>("--change-id", store, help("change_id"))->type_name("HEX32");
}

}  // namespace foorumi::client
