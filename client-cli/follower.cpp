#include "follower.hpp"

#include <csignal>
#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/registers.hpp"
#include "client/report_words.hpp"

namespace foorumi::client {

Follower::Follower(const Environment& environment) : Program(environment), signals_(io(), SIGINT, SIGTERM) {
    signals_.async_wait([this](boost::system::error_code error, int) {
        if (!error) finish(Exit::done);
    });
}

void Follower::begin() {
    std::set<std::string> each;
    for (const std::uint64_t room : rooms()) each.insert("room:" + std::to_string(room));
    std::vector<std::string> queues;
    for (const auto& named : arguments().rooms)
        if (const auto queue = followed_queue(named)) queues.emplace_back(*queue);
    if (queues.empty()) return follow(each);
    Request request;
    request.mutable_list_forums();
    ask(std::move(request), [this, each, queues](const Response& response) mutable {
        Registers forums;
        forums.add(response.forums());
        for (const auto& queue : queues) {
            const auto id = forums.forum(queue, "channel");
            if (id.has_error()) return refuse(id.error().error());
            each.insert("moderation:" + std::to_string(*id));
        }
        follow(each);
    });
}

void Follower::follow(const std::set<std::string>& channels) {
    channels_ = channels.size();
    for (const auto& channel : channels) client().subscribe(channel, arguments().since, arguments().epoch);
}

// Nothing more came within the time: that is what was asked for.
void Follower::on_time_limit() {
    if (connected() && synced_) return finish(Exit::done);
    Program::on_time_limit();
}

void Follower::on_change(const foorumi::v1::Change& change) {
    if (complete_) return;
    if (arguments().json) {
        print(to_json(change));
    } else {
        show(change.channel(), change.entities());
    }
    count(change.version() - change.previous_version());
}

void Follower::on_synced(const foorumi::v1::Synced& synced) {
    if (complete_) return;
    if (synced.has_error()) return ended(synced.channel(), synced.error());
    synced_ = true;
    if (synced.reset() && synced.since() != 0) return show_reset(synced);
    if (arguments().count == 0 || synced.since() == 0) return show_synced(synced);
    show_synced(up_to(synced, synced.since() + (arguments().count - counted_)));
}

void Follower::show_synced(const foorumi::v1::Synced& synced) {
    const bool snapshot = synced.since() == 0;
    const bool news = snapshot || synced.version() != synced.since();
    if (arguments().json && news) print(synced_line(synced));
    if (!arguments().json && !snapshot) show(synced.channel(), synced.entities());
    if (!snapshot) count(synced.version() - synced.since());
}

// Far behind, of another epoch, or ahead of what there is: --since may name a version of another room, or of the
// future.
void Follower::show_reset(const foorumi::v1::Synced& synced) {
    const std::string told = text(synced.since() > synced.version() ? "follow.future" : "follow.reset",
                                  {{"channel", visible(synced.channel(), Lines::one)},
                                   {"since", std::to_string(synced.since())},
                                   {"version", std::to_string(synced.version())}});
    if (!arguments().json) return print(told);
    print(reset_line(synced));
    note(told);
}

void Follower::on_notice(const foorumi::v1::Notice& notice) {
    Program::on_notice(notice);
    if (!notice.has_access_changed()) return;
    foorumi::v1::Error error;
    error.set_code(foorumi::v1::Error::CODE_NOT_FOUND);
    error.set_reason("access_changed");
    error.set_field("channel");
    ended(notice.access_changed().channel(), error);
}

void Follower::ended(const std::string& channel, const foorumi::v1::Error& error) {
    if (arguments().json) print(ended_line(channel, error));
    note(visible(channel, Lines::one) + ": " + renderer().error(error));
    if (--channels_ == 0) finish(Exit::refused);
}

void Follower::show(const std::string& channel,
                    const google::protobuf::RepeatedPtrField<foorumi::v1::Entity>& entities) {
    std::vector<std::uint64_t> named;
    for (const auto& entity : entities) collect_members(entity, named);
    with_names(std::move(named), [this, channel, entities] {
        for (const auto& entity : entities) {
            if (!is_shown(entity)) continue;
            const std::string where = visible(channel, Lines::one) + ' ' + std::to_string(entity.version());
            print(renderer().dim('[' + where + "] ") + renderer().entity(entity));
        }
    });
}

void Follower::count(std::uint64_t versions) {
    counted_ += versions;
    if (arguments().count == 0 || counted_ < arguments().count || complete_) return;
    complete_ = true;
    // Behind what still waits for names.
    with_names({}, [this] { finish(Exit::done); });
}

}  // namespace foorumi::client
