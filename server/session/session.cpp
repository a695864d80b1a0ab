#include "session/session.hpp"

#include <utility>

namespace foorumi::session {

bool Subscription::deliver(const ItemRef& item, net::Priority priority) {
    if (live_) {
        session_.send(item, priority);
        return true;
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
    if (!connection_.send(std::move(item), priority) && priority == net::Priority::reliable && !closing_)
        events_.overflow(*this);
}

void Session::close(net::CloseCode code, std::string_view reason, ItemRef last) {
    if (std::exchange(closing_, true)) return;
    connection_.close(code, reason, std::move(last));
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
