#include "client/subscriptions.hpp"

#include "client/request_queue.hpp"

namespace foorumi::client {

void Subscriptions::add(const std::string& channel, std::uint64_t since, std::uint64_t epoch) {
    channels_.try_emplace(
        channel, Channel{.state = State::idle, .epoch = epoch, .version = since, .generation = 0, .request = 0});
}

void Subscriptions::remove(std::string_view channel) {
    const auto found = channels_.find(channel);
    if (found != channels_.end()) channels_.erase(found);
}

std::uint64_t Subscriptions::version(std::string_view channel) const {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? 0 : found->second.version;
}

std::vector<foorumi::v1::Subscribe::Cursor> Subscriptions::ask(std::uint64_t request) {
    std::vector<foorumi::v1::Subscribe::Cursor> cursors;
    for (auto& [name, channel] : channels_) {
        if (channel.state != State::idle) continue;
        channel.state = State::asked;
        channel.generation = ++generations_;
        channel.request = request;
        auto& cursor = cursors.emplace_back();
        cursor.set_channel(name);
        cursor.set_since(channel.version);
        cursor.set_epoch(channel.epoch);
        cursor.set_generation(channel.generation);
    }
    return cursors;
}

std::vector<std::string> Subscriptions::on_refused(std::uint64_t request, bool ask_again) {
    std::vector<std::string> names;
    for (auto& [name, channel] : channels_) {
        if (channel.state != State::asked || channel.request != request) continue;
        channel.state = State::idle;
        names.push_back(name);
    }
    if (!ask_again) {
        for (const auto& name : names) remove(name);
    }
    return names;
}

Verdict Subscriptions::on_change(const foorumi::v1::Change& change) {
    const auto found = channels_.find(change.channel());
    if (found == channels_.end() || found->second.state != State::live) return Verdict::drop;
    Channel& channel = found->second;
    if (change.version() <= channel.version) return Verdict::drop;
    if (change.previous_version() != channel.version) {
        channel.state = State::idle;
        return Verdict::resubscribe;
    }
    channel.version = change.version();
    return Verdict::deliver;
}

Subscriptions::OnSynced Subscriptions::on_synced(const foorumi::v1::Synced& synced) {
    const auto found = channels_.find(synced.channel());
    if (found == channels_.end()) return {};
    Channel& channel = found->second;
    if (channel.state != State::asked || channel.generation != synced.generation()) return {};
    if (synced.has_error()) {
        if (is_temporary(synced.error())) {
            channel.state = State::idle;
            return {.verdict = Verdict::drop, .ask_again = true, .ended = false};
        }
        channels_.erase(found);
        return {.verdict = Verdict::deliver, .ask_again = false, .ended = true};
    }
    channel.version = synced.version();
    channel.epoch = synced.epoch();
    channel.state = synced.more() ? State::idle : State::live;
    return {.verdict = Verdict::deliver, .ask_again = synced.more(), .ended = false};
}

void Subscriptions::on_disconnected() {
    for (auto& [name, channel] : channels_) channel.state = State::idle;
}

}  // namespace foorumi::client
