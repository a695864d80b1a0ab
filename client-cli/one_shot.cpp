#include "one_shot.hpp"

#include <map>

#include "client/entity_key.hpp"
#include "client/json_lines.hpp"
#include "client/moderation_request.hpp"

namespace foorumi::client {

using foorumi::v1::Entity;
using foorumi::v1::Watch;

void OneShot::begin() {
    if (is_moderation_verb(arguments().verb)) return commit(moderation_request(arguments(), room()));
    switch (arguments().verb) {
        case Verb::edit:
        case Verb::remove:
        case Verb::react:
        case Verb::unreact:
        case Verb::post:
        case Verb::start:
        case Verb::watch:
        case Verb::seen:
        case Verb::me_keep:
            return commit(changing());
        case Verb::draft:
            return arguments().text || !arguments().title.empty() ? commit(changing()) : show_draft();
        case Verb::read:
            return mark_read();
        case Verb::typing:
            return type();
        default:
            return begin_reading();
    }
}

void OneShot::begin_reading() {
    switch (arguments().verb) {
        case Verb::rooms:
            return list_rooms();
        case Verb::threads:
            return list_threads();
        case Verb::history:
            return read_history();
        case Verb::members:
            return read_members();
        case Verb::forums: {
            Request request;
            request.mutable_list_forums();
            return ask(std::move(request), [this](const Response& response) {
                answer(response.forums(), [&] {
                    for (const auto& forum : response.forums().forums()) print(renderer().forum(forum));
                });
            });
        }
        default:
            answer(welcome().self(), [this] { print(renderer().member(welcome().self())); });
    }
}

void OneShot::answer(const google::protobuf::Message& message, const std::function<void()>& render) {
    if (arguments().json) {
        print(to_json(message));
    } else {
        render();
    }
    finish(Exit::done);
}

void OneShot::list_rooms() {
    Request request;
    auto& list = *request.mutable_list_rooms();
    if (const auto id = parse_id(arguments().forum)) {
        list.set_forum(*id);
    } else {
        list.set_forum_slug(arguments().forum);
    }
    ask_rooms(std::move(request), [this](const foorumi::v1::Rooms& rooms) {
        answer(rooms, [&] {
            for (const auto& room : rooms.rooms()) print(renderer().room(room));
        });
    });
}

void OneShot::list_threads() {
    Request request;
    auto& list = *request.mutable_list_threads();
    list.set_room(room());
    list.set_before_activity(arguments().before);
    list.set_limit(arguments().limit);
    ask(std::move(request), [this](const Response& response) {
        answer(response.threads(), [&] {
            for (const auto& thread : response.threads().threads()) print(renderer().thread(thread));
            if (response.threads().more() && response.threads().threads_size() > 0) {
                const auto last = response.threads().threads().rbegin()->last_activity();
                print(renderer().dim(text("list.more", {{"option", "--before " + std::to_string(last)}})));
            }
        });
    });
}

void OneShot::read_history() {
    Request request;
    auto& read = *request.mutable_read_history();
    read.set_room(moved_.thread() == 0 ? room() : moved_.room());
    read.set_thread(moved_.thread() == 0 ? arguments().thread : moved_.thread());
    read.set_before(arguments().before);
    read.set_after(arguments().after);
    read.set_limit(arguments().limit);
    ask(std::move(request), [this](const Response& response) {
        if (arguments().json) return answer(response.history(), [] {});
        std::vector<std::uint64_t> authors;
        for (const auto& message : response.history().messages()) collect_members(message, authors);
        with_names(std::move(authors), [this, history = response.history()] { print_history(history); });
    });
}

// A thread that has gone elsewhere is shown there.
void OneShot::on_refused(const Answer& answer) {
    const auto& error = answer.response.error();
    const bool follows = arguments().verb == Verb::history && error.has_moved() && moved_.thread() == 0;
    if (!follows) return Program::on_refused(answer);
    moved_ = error.moved();
    note(text("history.moved", {{"room", std::to_string(moved_.room())}, {"thread", std::to_string(moved_.thread())}}));
    read_history();
}

void OneShot::print_history(const foorumi::v1::History& history) {
    std::map<std::uint64_t, const Entity*> reactions;
    for (const auto& entity : history.reactions()) reactions[parse_entity_key(entity.key()).id()] = &entity;
    const auto id_of = [](const Entity& entity) { return std::to_string(parse_entity_key(entity.key()).id()); };
    const bool forwards = arguments().after != 0;
    if (history.more() && !forwards && history.messages_size() > 0) {
        print(renderer().dim(text("list.more", {{"option", "--before " + id_of(*history.messages().begin())}})));
    }
    for (const auto& message : history.messages()) {
        const auto found = reactions.find(parse_entity_key(message.key()).id());
        print(renderer().message(message, found == reactions.end() ? nullptr : found->second));
    }
    if (history.more() && forwards && history.messages_size() > 0) {
        print(renderer().dim(text("list.more", {{"option", "--after " + id_of(*history.messages().rbegin())}})));
    }
    finish(Exit::done);
}

void OneShot::read_members() {
    Request request;
    for (const auto& handle : arguments().handles) {
        request.mutable_read_members()->add_handles(handle.substr(handle.starts_with('@') ? 1 : 0));
    }
    ask(std::move(request), [this](const Response& response) {
        answer(response.members(), [&] {
            for (const auto& member : response.members().members()) print(renderer().member(member));
        });
    });
}

// A draft is read where it lives, in the member's own channel.
void OneShot::show_draft() {
    draft_.set_key("draft:" + std::to_string(room()) + ':' + std::to_string(arguments().thread));
    client().subscribe("member:" + std::to_string(welcome().self().id()), 0);
}

void OneShot::on_synced(const foorumi::v1::Synced& synced) {
    if (finished()) return;
    if (synced.has_error()) return refuse(synced.error());
    for (const auto& entity : synced.entities()) {
        if (entity.key() == draft_.key()) draft_ = entity;
    }
    if (synced.more()) return;
    answer(draft_, [this] { print(draft_.has_draft() ? renderer().draft(draft_.draft()) : text("draft.none")); });
}

void OneShot::mark_read() {
    const auto mark = [this](std::uint64_t to) {
        Request request;
        request.mutable_mark_read()->set_room(room());
        request.mutable_mark_read()->set_thread(arguments().thread);
        request.mutable_mark_read()->set_to(to);
        commit(std::move(request));
    };
    if (arguments().to) return mark(*arguments().to);
    Request request;
    request.mutable_read_history()->set_room(room());
    request.mutable_read_history()->set_thread(arguments().thread);
    request.mutable_read_history()->set_limit(1);
    ask(std::move(request), [this, mark](const Response& response) {
        const auto& messages = response.history().messages();
        mark(messages.empty() ? arguments().thread : parse_entity_key(messages.rbegin()->key()).id());
    });
}

void OneShot::type() {
    Request request;
    request.mutable_typing()->set_room(room());
    request.mutable_typing()->set_thread(arguments().thread);
    ask(std::move(request), [this](const Response& response) { answer(response.done(), [] {}); });
}

OneShot::Request OneShot::changing() const {
    const Arguments& asked = arguments();
    const auto aimed = [&](auto& command) -> auto& {
        command.set_room(room());
        return command;
    };
    Request request;
    switch (asked.verb) {
        case Verb::start: {
            auto& start = aimed(*request.mutable_start_thread());
            start.set_title(asked.title);
            start.set_text(asked.text.value_or(""));
            break;
        }
        case Verb::post: {
            auto& post = aimed(*request.mutable_post_message());
            post.set_thread(asked.thread);
            post.set_text(asked.text.value_or(""));
            post.set_reply_to(asked.reply_to);
            break;
        }
        case Verb::edit: {
            auto& edit = aimed(*request.mutable_edit_message());
            edit.set_message(asked.message);
            edit.set_text(asked.text.value_or(""));
            break;
        }
        case Verb::remove:
            aimed(*request.mutable_delete_message()).set_message(asked.message);
            break;
        case Verb::react:
        case Verb::unreact: {
            auto& react = aimed(*request.mutable_react());
            react.set_message(asked.message);
            react.set_emoji(asked.emoji);
            react.set_remove(asked.verb == Verb::unreact);
            break;
        }
        case Verb::draft: {
            auto& draft = aimed(*request.mutable_save_draft());
            draft.set_thread(asked.thread);
            draft.set_text(asked.text.value_or(""));
            draft.set_title(asked.title);
            break;
        }
        case Verb::watch: {
            auto& watch = aimed(*request.mutable_set_watch());
            watch.set_thread(asked.thread);
            watch.set_level(asked.level == "follow" ? Watch::LEVEL_FOLLOW
                            : asked.level == "mute" ? Watch::LEVEL_MUTE
                                                    : Watch::LEVEL_NORMAL);
            break;
        }
        case Verb::seen: {
            auto& seen = aimed(*request.mutable_mark_inbox_seen());
            seen.set_message(asked.message);
            seen.set_act(asked.act);
            break;
        }
        case Verb::me_keep:
            request.mutable_keep_member()->set_member(welcome().self().id());
            break;
        default:
            break;
    }
    return request;
}

void OneShot::commit(Request request) {
    change(std::move(request), [this](const Response& response) {
        if (response.has_held())
            print_outcome(arguments().json ? to_json(response.held()) : renderer().held_answer(response.held()));
        else
            print_outcome(arguments().json ? to_json(response.committed()) : committed_text(response.committed()));
        finish(Exit::done);
    });
}

// What was created is told by its id alone, for scripts.
std::string OneShot::committed_text(const foorumi::v1::Committed& committed) const {
    if (arguments().verb == Verb::me_keep) return text("account.kept");
    const bool created = arguments().verb == Verb::start || arguments().verb == Verb::post;
    const std::string version = std::to_string(committed.version());
    return created ? version : text("change.done", {{"version", version}});
}

}  // namespace foorumi::client
