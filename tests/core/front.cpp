#include "core/front.hpp"

#include <boost/asio/post.hpp>

namespace foorumi::core {
namespace {

// Small, so that it is often reached.
constexpr std::size_t window = 8;

std::string change_of(const store::Released& commit) {
    return encode({Item::Kind::change, commit.version, 0, commit.entities});
}

}  // namespace

Front::Front(World& world, boost::asio::io_context& context, std::size_t place, std::size_t outbox_limit,
             std::function<store::ChannelStore&()> store)
    : world_(world),
      context_(context),
      place_(place),
      outbox_limit_(outbox_limit),
      store_(std::move(store)),
      broadcaster_([this](std::uint16_t, fanout::Message message) { outgoing_.push_back(std::move(message)); }, 1,
                   [this] { store_().resume_tails(); }, window) {}

Front::~Front() = default;

std::vector<std::function<void()>> Front::vanish() {
    std::vector<std::function<void()>> told;
    for (const auto& [number, peer] : peers_) told.push_back(peer->vanish());
    return told;
}

void Front::post(std::function<void()> function) {
    boost::asio::post(context_, [weak = std::weak_ptr(alive_), function = std::move(function)] {
        if (!weak.expired()) function();
    });
}

std::uint64_t Front::connect(Peer::Client client) {
    const auto number = next_++;
    peers_[number] = std::make_shared<Peer>(world_, place_, *this, number, outbox_limit_, std::move(client));
    return number;
}

void Front::disconnect(std::uint64_t peer) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    const auto kept = found->second;
    kept->drop();
    kept->session().on_closed(net::EndReason::peer_closed);
}

void Front::stall(std::uint64_t peer, Time until) {
    if (const auto found = peers_.find(peer); found != peers_.end()) found->second->stall_until(until);
}

void Front::subscribe(std::uint64_t peer, const std::string& channel, const store::SyncRead& read) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    auto& session = found->second->session();
    unsubscribe(session, channel);
    const Opening opening{peer, channel, next_++};
    session.subscriptions[channel] = std::make_unique<session::Subscription>(session, channel, 1U, opening.serial);
    store_().open_sync(channel, read,
                       [this, opening](const auto& outcome, const auto& later) { opened(opening, outcome, later); });
}

// As the channel's home: from here on the session's worker gets every change, in order behind this.
void Front::opened(const Opening& opening, const store::ReadOutcome<store::SyncResult>& outcome, const Later& later) {
    if (outcome.failure == store::Failure::stopping) return;
    const auto& result = outcome.result;
    Item item{Item::Kind::synced, result.version, result.epoch, result.entities};
    if (outcome.failure)
        item.kind = Item::Kind::refused;
    else if (result.unknown_version)
        item.kind = Item::Kind::reset;
    else if (result.more)
        item.kind = Item::Kind::page;
    const bool live = item.kind == Item::Kind::synced;
    std::vector<std::string> changes;
    for (const auto& commit : later) changes.push_back(change_of(*commit));
    if (live) broadcaster_.add_interest(opening.channel, 0);
    post([this, opening, item = std::move(item), changes = std::move(changes), live] {
        answer(opening, item, changes, live);
    });
}

// As the session's worker.
void Front::answer(const Opening& opening, Item item, const std::vector<std::string>& later, bool live) {
    const auto found = peers_.find(opening.peer);
    auto* const session = found == peers_.end() ? nullptr : &found->second->session();
    const auto at = session == nullptr ? decltype(session->subscriptions)::iterator()
                                       : session->subscriptions.find(opening.channel);
    const bool wanted =
        session != nullptr && at != session->subscriptions.end() && at->second->serial() == opening.serial;
    if (!wanted) {
        if (live) leave_later(opening.channel);
        return;
    }
    auto& subscription = *at->second;
    if (live) {
        topics_.add(opening.channel, subscription);
        subscription.registered = true;
        for (const auto& change : later) subscription.deliver(make_item(change), net::Priority::reliable);
    }
    session->send(make_item(encode(item)));
    if (!live) return unsubscribe(*session, opening.channel);
    const auto still = session->subscriptions.find(opening.channel);
    if (still != session->subscriptions.end()) still->second->go_live();
}

void Front::unsubscribe(session::Session& session, const std::string& channel) {
    const auto found = session.subscriptions.find(channel);
    if (found == session.subscriptions.end()) return;
    const auto subscription = std::move(found->second);
    session.subscriptions.erase(found);
    if (!subscription->registered) return;
    topics_.remove(channel, *subscription);
    leave_later(channel);
}

void Front::leave_later(const std::string& channel) {
    post([this, channel] { broadcaster_.remove_interest(channel, 0); });
}

void Front::released(const store::Released& commit) {
    if (!broadcaster_.interested(commit.channel)) return;
    broadcaster_.broadcast(commit.channel, change_of(commit), net::Priority::reliable);
}

// What is released together travels together.
void Front::released_all() {
    if (outgoing_.empty()) return;
    post([this, messages = std::exchange(outgoing_, {})] {
        const auto acknowledge = fanout::deliver(topics_, messages);
        if (acknowledge != 0) post([this, acknowledge] { broadcaster_.acknowledged(0, acknowledge); });
    });
}

void Front::gap(unsigned partition) {
    for (auto& channel : broadcaster_.channels()) {
        if (store::partition_of(channel, partition_count) != partition) continue;  // as the store has it
        post([this, channel] {
            const auto peers = peers_;
            for (const auto& [number, peer] : peers) {
                if (peer->session().subscriptions.contains(channel))
                    peer->session().close(net::CloseCode::try_again_later, "changes_missed");
            }
        });
    }
}

void Front::overflow(session::Session& session) { session.close(net::CloseCode::policy, "slow_reader"); }

void Front::ended(session::Session& session, net::EndReason) {
    std::vector<std::string> channels;
    for (const auto& [channel, subscription] : session.subscriptions) channels.push_back(channel);
    for (const auto& channel : channels) unsubscribe(session, channel);
    peers_.erase(session.id());
}

}  // namespace foorumi::core
