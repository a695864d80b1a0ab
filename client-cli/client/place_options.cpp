#include <algorithm>

#include "client/entity_key.hpp"
#include "client/options.hpp"

namespace foorumi::client {
namespace {

CLI::Option* add_optional(CLI::App* sub, const OptionMaker& make, const std::string& name,
                          std::optional<std::string>& target, std::string_view key) {
    const std::function<void(const std::string&)> store = [&target](const std::string& text) { target = text; };
    return sub->add_option_function<std::string>(name, store, make.help(key))->type_name(name[0] == '-' ? "TEXT" : "");
}

CLI::Option* add_forum(CLI::App* sub, const OptionMaker& make) {
    return make.add_text(sub, "FORUM", make.arguments().place.forum, "place_forum")->required();
}

// The name for addresses and the title of what is created.
void add_names(CLI::App* sub, const OptionMaker& make) {
    auto& asked = make.arguments().place;
    add_optional(sub, make, "SLUG", asked.slug, "place_slug")->required();
    add_optional(sub, make, "TITLE", asked.title, "place_title")->required();
    add_optional(sub, make, "--description", asked.description, "place_description");
    add_audience_options(sub, make);
}

// What is the same of a forum and a room; `place` adds which one is meant.
template <class Place>
void add_changes(CLI::App& parent, const OptionMaker& make, const std::string& key, Verb describe, Verb archive,
                 Verb restore, Place place) {
    auto& asked = make.arguments().place;
    auto& moderation = make.arguments().moderation;
    const auto command = [&](const char* name, Verb verb) {
        auto* sub = make.command(parent, name, key + '_' + name, verb);
        place(sub);
        make.add_change_id(sub);
        return sub;
    };
    auto* described = command("describe", describe);
    add_optional(described, make, "--slug", asked.slug, "place_slug");
    add_optional(described, make, "--title", asked.title, "place_title");
    add_optional(described, make, "--description", asked.description, "place_description");
    add_optional(command("rename", describe), make, "TITLE", asked.title, "place_title")->required();
    auto* archived = command("archive", archive);
    make.add_text(archived, "--reason", moderation.reason, "place_reason", "TEXT")->required();
    archived->add_flag("--yes", moderation.yes, make.help("erase_yes"));
    make.add_text(command("restore", restore), "--reason", moderation.reason, "place_reason_restore", "TEXT");
}

}  // namespace

void add_room_commands(CLI::App& mod, const OptionMaker& make) {
    auto* room = make.command(mod, "room", "mod_room", Verb::mod_room_describe);
    room->require_subcommand(1);
    auto* create = make.command(*room, "create", "mod_room_create", Verb::mod_room_create);
    add_forum(create, make);
    add_names(create, make);
    make.add_change_id(create);
    add_changes(*room, make, "mod_room", Verb::mod_room_describe, Verb::mod_room_archive, Verb::mod_room_restore,
                [&make](CLI::App* sub) { make.add_room(sub); });
    auto* order = make.command(*room, "order", "mod_room_order", Verb::mod_room_order);
    add_forum(order, make);
    order->add_option("ROOM", make.arguments().rooms, make.help("place_rooms"))->type_name("")->required();
    make.add_change_id(order);
}

void add_forum_commands(CLI::App& admin, const OptionMaker& make) {
    auto* forum = make.command(admin, "forum", "admin_forum", Verb::admin_forum_describe);
    forum->require_subcommand(1);
    auto* create = make.command(*forum, "create", "admin_forum_create", Verb::admin_forum_create);
    add_names(create, make);
    make.add_change_id(create);
    add_changes(*forum, make, "admin_forum", Verb::admin_forum_describe, Verb::admin_forum_archive,
                Verb::admin_forum_restore, [&make](CLI::App* sub) { add_forum(sub, make); });
    auto* order = make.command(*forum, "order", "admin_forum_order", Verb::admin_forum_order);
    order->add_option("FORUM", make.arguments().place.forums, make.help("place_forums"))->type_name("")->required();
    make.add_change_id(order);
}

void name_rooms_of_forum(Arguments& arguments) {
    const std::string forum = arguments.place.forum + '/';
    for (auto& room : arguments.rooms)
        if (!parse_id(room) && room.find('/') == std::string::npos) room.insert(0, forum);
}

}  // namespace foorumi::client
