#include "fanout/topic_registry.hpp"

#include <algorithm>
#include <utility>

#include "base/prefetch.hpp"

namespace foorumi::fanout {

struct TopicRegistry::Topic {
    std::string channel;
    std::vector<Subscriber*> subscribers;  // null: removed during a delivery
    std::size_t live = 0;                  // those that are not null
    std::uint32_t deliveries = 0;          // under way: positions must not move
};

struct TopicRegistry::Link {
    Topic* topic;
    std::size_t position;
    std::uint32_t generation;
};

TopicRegistry::TopicRegistry() = default;
TopicRegistry::~TopicRegistry() = default;

TopicRegistry::Topic* TopicRegistry::find(std::string_view channel) const {
    const auto found = topics_.find(channel);
    return found == topics_.end() ? nullptr : found->second.get();
}

TopicRegistry::Links::iterator TopicRegistry::find_link(Links& links, const Topic* topic) const {
    return std::ranges::find(links, topic, &Link::topic);
}

bool TopicRegistry::add(std::string_view channel, Subscriber& subscriber, std::uint32_t generation) {
    Topic* topic = find(channel);
    if (topic == nullptr) {
        auto created = std::make_unique<Topic>();
        created->channel = channel;
        topic = created.get();
        topics_.emplace(channel, std::move(created));
    }
    Links& links = links_[&subscriber];
    if (const auto link = find_link(links, topic); link != links.end()) {
        link->generation = generation;
        return false;
    }
    links.push_back({topic, topic->subscribers.size(), generation});
    topic->subscribers.push_back(&subscriber);
    if (topic->live++ > 0) return false;
    ++live_topics_;
    return true;
}

bool TopicRegistry::remove(std::string_view channel, Subscriber& subscriber) {
    const auto of_subscriber = links_.find(&subscriber);
    if (of_subscriber == links_.end()) return false;
    Links& links = of_subscriber->second;
    const auto found = find_link(links, find(channel));
    if (found == links.end()) return false;
    const Link link = *found;
    *found = links.back();
    links.pop_back();
    if (links.empty()) links_.erase(of_subscriber);
    return detach(link);
}

std::vector<std::string> TopicRegistry::remove_all(Subscriber& subscriber) {
    std::vector<std::string> emptied;
    const auto found = links_.find(&subscriber);
    if (found == links_.end()) return emptied;
    const Links links = std::move(found->second);
    links_.erase(found);
    for (const Link& link : links) {
        std::string channel = link.topic->channel;  // the topic may go
        if (detach(link)) emptied.push_back(std::move(channel));
    }
    return emptied;
}

bool TopicRegistry::detach(const Link& link) {
    Topic& topic = *link.topic;
    const bool emptied = --topic.live == 0;
    if (emptied) --live_topics_;
    if (topic.deliveries > 0) {
        topic.subscribers[link.position] = nullptr;
    } else {
        take_out(topic, link.position);
        erase_if_empty(topic);
    }
    return emptied;
}

// The last subscriber moves into the gap.
void TopicRegistry::take_out(Topic& topic, std::size_t position) {
    Subscriber* const last = topic.subscribers.back();
    topic.subscribers.pop_back();
    if (position == topic.subscribers.size()) return;
    topic.subscribers[position] = last;
    find_link(links_.at(last), &topic)->position = position;
}

void TopicRegistry::compact(Topic& topic) {
    if (topic.live == topic.subscribers.size()) return;
    std::size_t kept = 0;
    for (Subscriber* const subscriber : topic.subscribers) {
        if (subscriber == nullptr) continue;
        find_link(links_.at(subscriber), &topic)->position = kept;
        topic.subscribers[kept++] = subscriber;
    }
    topic.subscribers.resize(kept);
}

void TopicRegistry::erase_if_empty(Topic& topic) {
    if (topic.live > 0 || topic.deliveries > 0) return;
    const auto found = topics_.find(topic.channel);
    topics_.erase(found);
}

std::size_t TopicRegistry::deliver(std::string_view channel, std::span<const ItemRef> items, net::Priority priority) {
    Topic* const topic = find(channel);
    if (topic == nullptr) return 0;
    ++topic->deliveries;
    std::size_t taken = 0;
    const std::size_t count = topic->subscribers.size();  // who comes during the delivery is not meant
    const auto fetch = [&](std::size_t subscriber, std::size_t target) {
        if (subscriber < count) prefetch(topic->subscribers[subscriber]);
        if (target < count && topic->subscribers[target] != nullptr) {
            prefetch(topic->subscribers[target]->target(), connection_lines);
        }
    };
    for (std::size_t i = 0; i < count; ++i) {
        fetch(i + 2 * prefetch_distance, i + prefetch_distance);
        Subscriber* const subscriber = topic->subscribers[i];
        if (subscriber != nullptr) taken += subscriber->deliver(items, priority);
    }
    if (--topic->deliveries == 0) {
        compact(*topic);
        erase_if_empty(*topic);
    }
    return taken;
}

std::optional<std::uint32_t> TopicRegistry::generation(std::string_view channel, const Subscriber& subscriber) const {
    const auto found = links_.find(&subscriber);
    if (found == links_.end()) return std::nullopt;
    const auto link = std::ranges::find(found->second, find(channel), &Link::topic);
    if (link == found->second.end()) return std::nullopt;
    return link->generation;
}

std::size_t TopicRegistry::subscribers(std::string_view channel) const {
    const Topic* const topic = find(channel);
    return topic == nullptr ? 0 : topic->live;
}

}  // namespace foorumi::fanout
