#include "fanout/broadcaster.hpp"

#include <algorithm>
#include <utility>

namespace foorumi::fanout {
namespace {

// Acknowledgements come in steps of a part of the window, so that they cost little.
constexpr std::size_t steps_in_window = 4;

std::span<const Message> run_at_front(std::span<const Message> messages) {
    const auto& front = messages.front();
    const auto end = std::ranges::find_if(messages, [&](const Message& message) {
        return message.channel != front.channel || message.priority != front.priority;
    });
    return {messages.begin(), end};
}

// Neighbours in one, so that a session has one thing to keep and to write. Ephemeral ones are dropped one by one.
std::vector<ItemRef> joined(std::span<const Message> run) {
    std::vector<ItemRef> items;
    std::string bytes;
    std::uint32_t count = 0;
    const auto finish = [&] {
        if (count > 0) items.push_back(make_framed_item(bytes, std::exchange(count, 0)));
        bytes.clear();
    };
    for (const auto& message : run) {
        const bool apart = message.priority == net::Priority::ephemeral;
        if (apart || bytes.size() + message.bytes.size() > joined_bytes) finish();
        bytes += message.bytes;
        ++count;
    }
    finish();
    return items;
}

}  // namespace

std::uint64_t deliver(TopicRegistry& topics, std::span<const Message> messages) {
    std::uint64_t acknowledge = 0;
    for (const auto& message : messages) {
        if (message.acknowledge != 0) acknowledge = message.acknowledge;
    }
    while (!messages.empty()) {
        const auto run = run_at_front(messages);
        messages = messages.subspan(run.size());
        topics.deliver(run.front().channel, joined(run), run.front().priority);
    }
    return acknowledge;
}

Broadcaster::Broadcaster(Post post, std::uint16_t workers, std::function<void()> on_room, std::size_t window)
    : post_(std::move(post)),
      on_room_(std::move(on_room)),
      window_(std::max(window, steps_in_window)),
      targets_(workers) {}

void Broadcaster::add_interest(std::string_view channel, std::uint16_t worker) {
    auto found = interests_.find(channel);
    if (found == interests_.end()) found = interests_.emplace(channel, std::vector<Interest>{}).first;
    const auto interest = std::ranges::find(found->second, worker, &Interest::worker);
    if (interest == found->second.end()) {
        found->second.push_back({worker, 1});
    } else {
        ++interest->subscriptions;
    }
}

void Broadcaster::remove_interest(std::string_view channel, std::uint16_t worker) {
    const auto found = interests_.find(channel);
    if (found == interests_.end()) return;
    const auto interest = std::ranges::find(found->second, worker, &Interest::worker);
    if (interest == found->second.end() || --interest->subscriptions > 0) return;
    found->second.erase(interest);
    if (found->second.empty()) interests_.erase(found);
}

void Broadcaster::broadcast(std::string_view channel, std::string bytes, net::Priority priority) {
    const auto found = interests_.find(channel);
    if (found == interests_.end()) return;
    const std::vector<Interest> interests = found->second;  // the seam may come back to here
    const auto offer = [&](std::uint16_t worker, std::string copy) {
        if (priority == net::Priority::ephemeral && targets_[worker].full) {
            ++dropped_;
            return;
        }
        send(worker, channel, std::move(copy), priority);
    };
    for (std::size_t i = 0; i + 1 < interests.size(); ++i) offer(interests[i].worker, bytes);
    offer(interests.back().worker, std::move(bytes));
}

void Broadcaster::send(std::uint16_t worker, std::string_view channel, std::string bytes, net::Priority priority) {
    Target& target = targets_[worker];
    ++target.sent;
    if (!target.full && target.sent - target.acknowledged >= window_) {
        target.full = true;
        ++full_workers_;
    }
    const bool step = target.sent % (window_ / steps_in_window) == 0;
    post_(worker, Message{std::string(channel), std::move(bytes), priority, step ? target.sent : 0});
}

void Broadcaster::acknowledged(std::uint16_t worker, std::uint64_t up_to) {
    Target& target = targets_[worker];
    target.acknowledged = std::max(target.acknowledged, up_to);
    if (!target.full || target.sent - target.acknowledged >= window_) return;
    target.full = false;
    if (--full_workers_ == 0 && on_room_) on_room_();
}

std::size_t Broadcaster::audience(std::string_view channel) const {
    const auto found = interests_.find(channel);
    std::size_t subscriptions = 0;
    if (found == interests_.end()) return subscriptions;
    for (const auto& interest : found->second) subscriptions += interest.subscriptions;
    return subscriptions;
}

std::vector<std::string> Broadcaster::channels() const {
    std::vector<std::string> names;
    names.reserve(interests_.size());
    for (const auto& [channel, interests] : interests_) names.push_back(channel);
    return names;
}

}  // namespace foorumi::fanout
