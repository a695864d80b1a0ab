#include "client/options.hpp"
#include "client/standing_words.hpp"
#include "client/times.hpp"

namespace foorumi::client {

void add_thread_commands(CLI::App& mod, const OptionMaker& make) {
    auto& asked = make.arguments().moderation;
    const auto on_thread = [&](const char* name, Verb verb) {
        auto* sub = make.command(mod, name, std::string("mod_") + name, verb);
        make.add_room(sub);
        make.add_thread(sub);
        make.add_change_id(sub);
        return sub;
    };
    make.add_text(on_thread("lock", Verb::mod_lock), "REASON", asked.reason, "mod_reason")->required();
    make.add_text(on_thread("unlock", Verb::mod_unlock), "REASON", asked.reason, "mod_reason_unlock");

    auto* pin = on_thread("pin", Verb::mod_pin);
    const std::function<void(const std::string&)> until = [&make](const std::string& text) {
        const auto time = parse_time(text, OfDay::end);
        if (!time) throw UsageError(make.texts().text("usage.value", {{"name", "--until"}, {"value", text}}));
        make.arguments().moderation.until_ms = *time;
    };
    pin->add_option_function<std::string>("--until", until, make.help("mod_until"))->type_name("TIME");
    pin->add_flag("--announcement", asked.announcement, make.help("mod_announcement"));
    on_thread("unpin", Verb::mod_unpin);

    make.add_choice(on_thread("state", Verb::mod_state), "STATE", asked.state, "mod_state",
                    {"none", "open", "helped", "solved", "practice"})
        ->required();

    auto* restricted = on_thread("restrict", Verb::mod_restrict);
    make.add_number(restricted, "--slow", asked.slow_s, "mod_slow", std::uint32_t{1})->type_name("S");
    make.add_texts(restricted, "--write", asked.write, "mod_write", "ROLE",
                   [](std::string_view text) { return read_role(text).has_value(); });

    on_thread("tag", Verb::mod_tag)->add_option("TAG", asked.tags, make.help("mod_tag"))->type_name("");
    make.add_text(on_thread("rename", Verb::mod_rename), "TITLE", make.arguments().title, "mod_title")->required();
}

}  // namespace foorumi::client
