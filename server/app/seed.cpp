#include "app/seed.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>

#include "app/await.hpp"
#include "app/demo_content.hpp"
#include "auth/token.hpp"
#include "codec/entity_codec.hpp"
#include "directory/codec.hpp"
#include "dispatch/effects.hpp"
#include "dispatch/failures.hpp"

namespace foorumi::embedded {
extern const std::string_view demo_toml;
extern const std::string_view municipalities_csv;
}  // namespace foorumi::embedded

namespace foorumi::app {
namespace {

constexpr std::chrono::seconds patience{60};  // for one step
constexpr std::size_t rooms_at_once = 1'000;  // far fewer than may be pending

// The same name gives the same change, so that a step that is repeated is done once.
store::ChangeId seed_id(std::string_view name) { return dispatch::effect_id("seed " + std::string(name), 0, 0); }

[[noreturn]] void fail(std::string_view step, const forum::Refusal& refusal) {
    throw std::runtime_error("seeding " + std::string(step) + ": " + refusal.reason);
}

// Written whole or not at all: the server may be killed in between.
void write_secret(const std::filesystem::path& path, const std::string& text) {
    const auto part = path.string() + ".part";
    const int fd = ::open(part.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) throw std::runtime_error("cannot write " + part + ": " + std::strerror(errno));
    const auto written = ::write(fd, text.data(), text.size());
    const bool good = written == static_cast<ssize_t>(text.size()) && ::fchmod(fd, 0600) == 0 && ::fsync(fd) == 0;
    ::close(fd);
    if (!good) throw std::runtime_error("cannot write " + part);
    std::filesystem::rename(part, path);
}

std::string read_secret(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::string token;
    std::getline(in, token);
    return token;
}

}  // namespace

Seed::Seed(dispatch::Shared& shared, const std::filesystem::path& data_directory)
    : shared_(shared), demo_directory_(data_directory / "demo") {}

std::filesystem::path Seed::token_path(const std::string& handle) const {
    return demo_directory_ / (handle + ".token");
}

template <class T>
T Seed::wait_for(std::future<T>& answer) {
    auto result = await(answer, shared_.stopping);
    if (!result) throw std::runtime_error("seeding: the server stops");
    return std::move(*result);
}

Seed::Step Seed::creation(std::string_view name, store::Put put) {
    return {std::string(name), [this, id = seed_id(name), put = std::move(put)] {
                auto done = std::make_shared<std::promise<dispatch::ChangeResult>>();
                shared_.post_home(forum::directory_channel, [done, id, put](dispatch::Worker& home) {
                    home.home().write_directory(id, {put}, false, [done](dispatch::ChangeResult result) {
                        done->set_value(std::move(result));
                    });
                });
                return done->get_future();
            }};
}

forum::Id Seed::create(std::string_view name, store::Put put) {
    return persist(creation(name, std::move(put))).version;
}

store::Committed Seed::persist(const Step& step) { return persist_all({step}).front(); }

std::vector<store::Committed> Seed::persist_all(const std::vector<Step>& steps) {
    const auto deadline = shared_.clock.steady() + patience;
    std::vector<std::future<dispatch::ChangeResult>> answers;
    answers.reserve(steps.size());
    for (const auto& step : steps) answers.push_back(step.start());
    std::vector<store::Committed> committed;
    committed.reserve(steps.size());
    for (std::size_t n = 0; n < steps.size(); ++n) {
        for (;;) {
            auto result = wait_for(answers[n]);
            if (result.has_value()) {
                committed.push_back(*result);
                break;
            }
            const auto wait = std::chrono::milliseconds(result.error().retry_after_ms);
            if (wait.count() == 0 || shared_.clock.steady() + wait > deadline) fail(steps[n].name, result.error());
            std::this_thread::sleep_for(wait);
            answers[n] = steps[n].start();
        }
    }
    return committed;
}

void Seed::mark(std::string_view name) {
    create("marker " + std::string(name),
           {"marker:" + std::string(name), directory::encode_marker(shared_.clock.wall_ms()), {}});
}

bool Seed::first_start(bool with_demo) {
    if (!directory()->has_marker("municipalities")) {
        if (with_demo && !directory()->has_marker("demo begun")) mark("demo begun");
        municipalities();
    }
    return directory()->has_marker("demo begun") || directory()->has_marker("demo");
}

void Seed::municipalities() {
    for (const auto& card : parse_municipalities(embedded::municipalities_csv)) {
        if (directory()->municipality(card.code) != nullptr) continue;
        create("municipality " + card.code, {"municipality:" + card.code, directory::encode(card), {}});
    }
    mark("municipalities");
}

Seed::Step Seed::room_entity(forum::Id id, const forum::RoomCard& card) {
    forum::Room room{card.forum, card.slug, card.title, card.description, false};
    const forum::Effect effect{forum::room_channel(id), std::string(forum::room_key), room, ""};
    return {"room " + card.slug, [this, effect] {
                auto done = std::make_shared<std::promise<dispatch::ChangeResult>>();
                shared_.post_home(effect.channel, [this, done, effect](dispatch::Worker& home) {
                    dispatch::apply_effect(
                        home.store(), effect, seed_id("room entity " + effect.channel),
                        [this] { return shared_.directory.current(); }, home.shared().clock.wall_ms(),
                        [done](store::ChangeOutcome outcome) {
                            done->set_value(outcome.failure
                                                ? dispatch::ChangeResult(dispatch::refusal_of(*outcome.failure))
                                                : dispatch::ChangeResult(outcome.committed));
                        });
                });
                return done->get_future();
            }};
}

// Each room is a card in the directory and an entity in its own channel, which is named by the card's id.
void Seed::create_rooms(const std::vector<forum::RoomCard>& cards) {
    const auto current = directory();
    std::vector<Step> creations;
    for (const auto& card : cards)
        if (current->room_by_slug(card.slug) == nullptr)
            creations.push_back(creation("room " + card.slug, {"room:@", directory::encode(card), {}}));
    const auto created = persist_all(creations);
    std::vector<Step> entities;
    std::size_t next = 0;
    for (const auto& card : cards) {
        const auto* known = current->room_by_slug(card.slug);
        entities.push_back(room_entity(known != nullptr ? known->id : created[next++].version, card));
    }
    static_cast<void>(persist_all(entities));
}

void Seed::ensure_token(const forum::MemberCard& member) {
    const auto path = token_path(member.handle);
    auto token = read_secret(path);
    if (!token.empty() && directory()->member_by_token(auth::hash_token(token)) != nullptr) return;
    if (token.empty()) {
        token = auth::make_token();
        write_secret(path, token + "\n");
    }
    const auto hash = auth::hash_token(token);
    create("token " + hash, {"token:" + hash, directory::encode_token(member.id, shared_.clock.wall_ms()), {}});
}

void Seed::create_member(const DemoMember& member) {
    auto card = member.card;
    for (const auto& slug : member.moderates) {
        const auto* forum = directory()->forum_by_slug(slug);
        if (forum == nullptr) throw std::runtime_error("demo member " + card.handle + ": no forum " + slug);
        card.moderates.push_back(forum->id);
    }
    if (directory()->member_by_handle(card.handle) == nullptr)
        create("member " + card.handle, {"member:@", directory::encode(card), {}});
    ensure_token(*directory()->member_by_handle(card.handle));
}

forum::Id Seed::change(std::string_view name, const std::string& author, dispatch::Command command) {
    const auto current = directory();
    const auto* member = current->member_by_handle(author);
    if (member == nullptr) throw std::runtime_error("demo content: no member " + author);
    return persist({std::string(name),
                    [&] {
                        auto done = std::make_shared<std::promise<dispatch::ChangeResult>>();
                        auto job = std::make_shared<dispatch::ChangeJob>();
                        job->command = command;
                        job->member = member->id;
                        job->channel = dispatch::channel_of(job->command, member->id);
                        job->change_id = seed_id(name);
                        job->fingerprint = seed_id(name);
                        job->done = [done](const dispatch::ChangeResult& result) { done->set_value(result); };
                        shared_.post_home(job->channel, [job](dispatch::Worker& home) {
                            home.refresh_directory();
                            home.home().change(job);
                        });
                        return done->get_future();
                    }})
        .version;
}

void Seed::post_thread(const DemoThread& thread, std::size_t number) {
    const auto* room = directory()->room_by_slug(thread.room);
    if (room == nullptr) throw std::runtime_error("demo thread: no room " + thread.room);
    const std::string name = "thread " + std::to_string(number);
    std::vector<forum::Id> ids;
    for (const auto& message : thread.messages) {
        const auto step = name + " message " + std::to_string(ids.size());
        const auto id = ids.empty()
                            ? change(step, message.author, forum::StartThread{room->id, thread.title, message.text})
                            : change(step, message.author,
                                     forum::PostMessage{room->id, ids.front(), message.text,
                                                        message.reply_to ? ids.at(*message.reply_to) : forum::Id{0}});
        ids.push_back(id);
        for (const auto& reaction : message.reactions)
            for (const auto& member : reaction.members) {
                forum::React react;
                react.room = room->id;
                react.message = id;
                react.emoji = reaction.emoji;
                auto name_of_reaction = step;
                name_of_reaction.append(reaction.emoji).append(member);
                change(name_of_reaction, member, react);
            }
    }
}

void Seed::demo() {
    std::filesystem::create_directories(demo_directory_);
    std::filesystem::permissions(demo_directory_, std::filesystem::perms::owner_all);
    const auto content = parse_demo(embedded::demo_toml);
    if (directory()->has_marker("demo")) return;
    for (const auto& forum : content.forums)
        if (directory()->forum_by_slug(forum.card.slug) == nullptr)
            create("forum " + forum.card.slug, {"forum:@", directory::encode(forum.card), {}});
    for (const auto& room : content.rooms) {
        auto card = room.card;
        const auto* forum = directory()->forum_by_slug(room.forum);
        if (forum == nullptr) throw std::runtime_error("demo room " + card.slug + ": no forum " + room.forum);
        card.forum = forum->id;
        create_rooms({card});
    }
    for (const auto& member : content.members) create_member(member);
    for (std::size_t n = 0; n < content.threads.size(); ++n) {
        const auto name = "demo thread " + std::to_string(n);
        if (directory()->has_marker(name)) continue;
        post_thread(content.threads[n], n);
        mark(name);
    }
    mark("demo");
    spdlog::info("demo content: {} forums, {} rooms, {} members, {} threads", content.forums.size(),
                 content.rooms.size(), content.members.size(), content.threads.size());
}

void Seed::bench_rooms(unsigned count) {
    const auto marker = "bench rooms " + std::to_string(count);
    if (directory()->has_marker(marker)) return;
    const auto* known = directory()->forum_by_slug("bench");
    forum::Id forum = known != nullptr ? known->id : 0;
    if (forum == 0) {
        forum::ForumCard card;
        card.slug = card.title = "bench";
        card.position = 1'000;
        forum = create("forum bench", {"forum:@", directory::encode(card), {}});
    }
    std::vector<forum::RoomCard> cards;
    for (unsigned n = 0; n < count; ++n) {
        forum::RoomCard card;
        card.forum = forum;
        card.slug = card.title = "bench-" + std::to_string(n);
        card.position = n;
        cards.push_back(std::move(card));
        if (cards.size() < rooms_at_once && n + 1 < count) continue;
        create_rooms(cards);
        cards.clear();
    }
    mark(marker);
}

std::vector<DemoLogin> Seed::logins() const {
    std::vector<DemoLogin> result;
    if (!directory()->has_marker("demo")) return result;
    for (const auto& member : parse_demo(embedded::demo_toml).members) {
        const auto path = token_path(member.card.handle);
        if (!std::filesystem::exists(path)) continue;
        DemoLogin login{member.card.name, "", "", path, member.room};
        const auto& language = shared_.settings.language;
        for (const auto& [role, name] : {std::pair{forum::Role::councillor, "councillor"},
                                         {forum::Role::office_holder, "office_holder"},
                                         {forum::Role::expert, "expert"},
                                         {forum::Role::moderator, "moderator"},
                                         {forum::Role::administrator, "administrator"}}) {
            if (!member.card.roles.has(role)) continue;
            if (!login.roles.empty()) login.roles += ", ";
            login.roles += shared_.catalogue.text(language, std::string("role.") + name);
        }
        if (const auto* municipality = directory()->municipality(member.card.municipality))
            login.municipality = language == "sv" ? municipality->name_sv : municipality->name_fi;
        result.push_back(std::move(login));
    }
    return result;
}

}  // namespace foorumi::app
