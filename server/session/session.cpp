#include "session/session.hpp"

#include <utility>

namespace foorumi::session {

Subscription::Subscription(Session& session, std::string channel, std::uint32_t generation, std::uint64_t serial)
    : Subscriber(&session.connection()),
      connection_(session.connection()),
      generation_(generation),
      session_(session),
      channel_(std::move(channel)),
      serial_(serial) {}

std::size_t Subscription::deliver(std::span<const ItemRef> items, net::Priority priority) {
    std::size_t taken = 0;
    while (taken < items.size() && deliver_one(items[taken], priority)) ++taken;
    return taken;
}

bool Subscription::deliver_one(const ItemRef& item, net::Priority priority) {
    if (live_) {
        if (connection_.send(item, priority)) return true;
        session_.refused(priority);
        return false;
    }
    if (priority == net::Priority::ephemeral) return true;
    waiting_bytes_ += item->view().size();
    if (waiting_bytes_ > session_.waiting_limit()) {
        session_.overflowed();
        return false;
    }
    waiting_.push_back(item);
    return true;
}

void Subscription::go_live() {
    live_ = true;
    auto waiting = std::exchange(waiting_, {});
    for (auto& item : waiting) session_.send(std::move(item));
}

Session::Session(net::Connection& connection, SessionEvents& events, std::uint64_t id)
    : connection_(connection), events_(events), id_(id), anchor_(std::make_shared<Anchor>(Anchor{this})) {}

Session::~Session() { anchor_->session = nullptr; }

void Session::on_closed(net::EndReason reason) {
    closing_ = true;
    events_.ended(*this, reason);
    anchor_->session = nullptr;
}

void Session::send(ItemRef item, net::Priority priority) {
    if (closing_) return;
    if (!connection_.send(std::move(item), priority)) refused(priority);
}

void Session::refused(net::Priority priority) {
    if (priority == net::Priority::reliable && !closing_) events_.overflow(*this);
}

void Session::close(net::CloseCode code, std::string_view reason, ItemRef last) {
    if (std::exchange(closing_, true)) return;
    connection_.close(code, reason, std::move(last));
}

void Session::hold() {
    holding_ = true;
    connection_.pause_reading();
}

std::vector<std::string> Session::release() {
    holding_ = false;
    return std::exchange(held_, {});
}

void Session::read_on() {
    if (!paused_ && !holding_) connection_.resume_reading();
}

void Session::request_started(std::size_t limit) {
    if (++under_way_ >= limit && !paused_) {
        paused_ = true;
        connection_.pause_reading();
    }
}

void Session::request_finished(std::size_t limit) {
    --under_way_;
    if (paused_ && under_way_ <= limit / 2) {
        paused_ = false;
        connection_.resume_reading();
    }
}

}  // namespace foorumi::session
