#include "client/chat_room.hpp"

#include <algorithm>

#include "client/entity_key.hpp"

namespace foorumi::client {

using foorumi::v1::Entity;
using foorumi::v1::Watch;

void ChatRoom::on_snapshot(const foorumi::v1::Synced& synced) {
    title_ = synced.room().title();
    for (const auto& summary : synced.threads().threads()) {
        const auto id = parse_entity_key(summary.thread().key()).id();
        learn(id, summary.thread().thread());
        Thread& thread = threads_[id];
        thread.last_message = summary.last_activity();
        thread.muted = summary.watch() == Watch::LEVEL_MUTE;
    }
    for (const auto& entity : synced.entities()) on_entity(entity);
}

void ChatRoom::learn(std::uint64_t id, const foorumi::v1::Thread& told) {
    Thread& thread = threads_[id];
    thread.title = told.title();
    thread.known = true;
    thread.locked = told.locked();
    thread.lock_reason = told.lock().reason();
}

void ChatRoom::on_entity(const Entity& entity) {
    const auto id = parse_entity_key(entity.key()).id();
    if (entity.has_room()) title_ = entity.room().title();
    if (entity.has_thread()) learn(id, entity.thread());
    if (entity.has_message()) {
        Thread& thread = threads_[entity.message().thread()];
        thread.last_message = std::max(thread.last_message, id);
    }
}

void ChatRoom::on_watch(std::uint64_t thread, Watch::Level level) {
    const auto found = threads_.find(thread);
    if (found != threads_.end()) found->second.muted = level == Watch::LEVEL_MUTE;
}

ChatRoom::Movement ChatRoom::on_presence(const foorumi::v1::Presence& presence) {
    Movement movement;
    if (presence.full()) present_.clear();
    for (const std::uint64_t member : presence.joined()) {
        if (present_.insert(member).second && !presence.full()) movement.joined.push_back(member);
    }
    for (const std::uint64_t member : presence.left()) {
        if (present_.erase(member) > 0) movement.left.push_back(member);
    }
    present_count_ = std::max(presence.present(), static_cast<std::uint32_t>(present_.size()));
    return movement;
}

std::uint64_t ChatRoom::latest_thread() const {
    const auto latest =
        std::ranges::max_element(threads_, {}, [](const auto& entry) { return entry.second.last_message; });
    return latest == threads_.end() ? 0 : latest->first;
}

ChatRoom::Thread ChatRoom::thread(std::uint64_t id) const {
    const auto found = threads_.find(id);
    return found == threads_.end() ? Thread{} : found->second;
}

void ChatRoom::said(std::uint64_t thread, std::string text) {
    if (said_.size() >= most_said) said_.pop_front();
    said_.push_back({.thread = thread, .text = std::move(text)});
}

bool ChatRoom::take_said(std::uint64_t thread, const std::string& text) {
    const auto found =
        std::ranges::find_if(said_, [&](const Said& said) { return said.thread == thread && said.text == text; });
    if (found == said_.end()) return false;
    said_.erase(found);
    return true;
}

}  // namespace foorumi::client
