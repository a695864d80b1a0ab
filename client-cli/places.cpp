#include "places.hpp"

#include <algorithm>

namespace foorumi::client {
namespace {

// Verbs of forums and rooms that do the same.
bool creates(Verb verb) { return verb == Verb::mod_room_create || verb == Verb::admin_forum_create; }
bool describes(Verb verb) { return verb == Verb::mod_room_describe || verb == Verb::admin_forum_describe; }
bool orders(Verb verb) { return verb == Verb::mod_room_order || verb == Verb::admin_forum_order; }
bool archives(Verb verb) { return verb == Verb::mod_room_archive || verb == Verb::admin_forum_archive; }

template <class Command>
void fill_names(Command& command, const PlaceArguments& asked) {
    command.set_slug(asked.slug.value_or(""));
    command.set_title(asked.title.value_or(""));
    command.set_description(asked.description.value_or(""));
}

}  // namespace

void Places::begin() {
    const auto& asked = arguments().place;
    const bool registers_needed = creates(arguments().verb) || !asked.forum.empty() || !asked.forums.empty();
    if (!registers_needed) return begin_with(0);
    with_registers([this, &asked] {
        if (asked.forum.empty()) return begin_with(0);
        const auto forum = registers().forum(asked.forum, "forum");
        if (forum.has_error()) return refuse(forum.error().error());
        begin_with(*forum);
    });
}

void Places::begin_with(std::uint64_t forum) {
    const auto verb = arguments().verb;
    if (creates(verb)) return verb == Verb::mod_room_create ? create_room(forum) : create_forum();
    if (describes(verb)) return describe(forum);
    if (orders(verb)) return order(forum);
    if (!archives(verb)) return set_archived(forum, false);
    if (arguments().moderation.yes) return set_archived(forum, true);
    verb == Verb::mod_room_archive ? archive_room() : archive_forum(forum);
}

void Places::create_forum() {
    const auto audience = registers().audience(arguments().admin.audience);
    if (audience.has_error()) return refuse(audience.error().error());
    Request request;
    auto& create = *request.mutable_create_forum();
    fill_names(create, arguments().place);
    *create.mutable_audience() = *audience;
    commit(std::move(request));
}

void Places::create_room(std::uint64_t forum) {
    const auto& asked = arguments().admin.audience;
    const auto audience = registers().audience(asked);
    if (audience.has_error()) return refuse(audience.error().error());
    Request request;
    auto& create = *request.mutable_create_room();
    create.set_forum(forum);
    fill_names(create, arguments().place);
    if (asked.given()) *create.mutable_audience() = *audience;
    commit(std::move(request));
}

void Places::describe(std::uint64_t forum) {
    const auto& asked = arguments().place;
    Request request;
    auto& describe = *request.mutable_describe_place();
    forum != 0 ? describe.set_forum(forum) : describe.set_room(room());
    if (asked.slug) describe.set_slug(*asked.slug);
    if (asked.title) describe.set_title(*asked.title);
    if (asked.description) describe.set_description(*asked.description);
    commit(std::move(request));
}

void Places::order(std::uint64_t forum) {
    Request request;
    auto& order = *request.mutable_order_places();
    order.set_forum(forum);
    for (const auto& name : arguments().place.forums) {
        const auto id = registers().forum(name, "places");
        if (id.has_error()) return refuse(id.error().error());
        order.add_places(*id);
    }
    for (const auto id : rooms()) order.add_places(id);
    commit(std::move(request));
}

void Places::set_archived(std::uint64_t forum, bool archived) {
    Request request;
    auto& archive = *request.mutable_archive_place();
    forum != 0 ? archive.set_forum(forum) : archive.set_room(room());
    archive.set_archived(archived);
    archive.set_reason(arguments().moderation.reason);
    commit(std::move(request));
}

void Places::archive_room() {
    Request request;
    request.mutable_list_rooms();
    ask_rooms(std::move(request), [this](const foorumi::v1::Rooms& all) {
        const auto found = std::ranges::find(all.rooms(), room(), [](const auto& one) { return one.id(); });
        if (found != all.rooms().end()) note(renderer().room(*found));
        if (is_sure(text("mod.archive_room_sure"))) set_archived(0, true);
    });
}

void Places::archive_forum(std::uint64_t forum) {
    Request request;
    request.mutable_list_forums();
    ask(std::move(request), [this, forum](const Response& response) {
        const auto& all = response.forums().forums();
        const auto found = std::ranges::find(all, forum, [](const auto& one) { return one.id(); });
        if (found != all.end()) note(renderer().forum(*found));
        if (is_sure(text("mod.archive_forum_sure"))) set_archived(forum, true);
    });
}

}  // namespace foorumi::client
