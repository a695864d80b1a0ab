#include "net/admission.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace foorumi::net {

void Admission::enter(std::function<bool()> go) {
    waiting_.push_back(std::move(go));
    if (!scheduled_) schedule();
}

// Behind all that is ready by now: what is posted amid a turn runs when the loop has asked the kernel again.
void Admission::schedule() {
    scheduled_ = true;
    boost::asio::post(context_, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) let_in();
    });
}

void Admission::let_in() {
    const std::weak_ptr alive(alive_);
    for (auto left = at_once_; left > 0 && !waiting_.empty();) {
        const auto go = std::move(waiting_.front());
        waiting_.pop_front();
        const bool began = go();
        if (alive.expired()) return;
        if (began) --left;
    }
    scheduled_ = false;
    if (!waiting_.empty()) schedule();
}

}  // namespace foorumi::net
