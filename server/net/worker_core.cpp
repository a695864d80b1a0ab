#include "net/worker_core.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/http_session.hpp"

namespace foorumi::net {
namespace {

// Deadlines this close together cost one wake-up.
constexpr std::chrono::milliseconds granularity{20};

}  // namespace

WorkerCore::WorkerCore(boost::asio::io_context& context, const Options& options, OnConnection on_connection,
                       Clock clock, std::shared_ptr<const TlsContext> tls, HttpService http_service)
    : context_(context),
      options_(options),
      policy_(options),
      on_connection_(std::move(on_connection)),
      clock_(std::move(clock)),
      tls_(std::move(tls)),
      http_service_(std::move(http_service)),
      flush_list_(context),
      admission_(context, options.handshakes_per_turn),
      timer_(context.get_executor()) {}

WorkerCore::~WorkerCore() { abandon_all(); }

void WorkerCore::adopt(UniqueFd fd, Ticket ticket) {
    ++statistics_.accepted;
    start_http_session(*this, std::move(fd), std::move(ticket));
}

void WorkerCore::close_all(CloseCode code, std::string_view reason, const ItemRef& last) {
    stopping_ = true;
    for (auto it = members_.begin(); it != members_.end();) {
        Member& member = *it;
        ++it;  // before stop(), which may take the member out
        member.stop(code, reason, last);
    }
}

void WorkerCore::abandon_all() {
    stopping_ = true;
    when_empty_.clear();
    while (!members_.empty()) {
        Member& member = members_.front();
        members_.pop_front();
        member.abandon();
    }
    member_count_ = 0;
    timer_.cancel();
}

void WorkerCore::when_empty(std::function<void()> done) {
    when_empty_.push_back(std::move(done));
    tell_if_empty();
}

void WorkerCore::tell_if_empty() {
    if (member_count_ > 0) return;
    timer_.cancel();  // an io_context that has nothing else to do shall end
    timer_due_ = TimePoint::max();
    for (auto& done : std::exchange(when_empty_, {})) boost::asio::post(context_, std::move(done));
}

void WorkerCore::enrol(Member& member) {
    members_.push_back(member);
    ++member_count_;
}

void WorkerCore::leave(Member& member) {
    member.unlink();
    --member_count_;
    tell_if_empty();
}

void WorkerCore::arm(Deadline& deadline, TimePoint due) {
    deadlines_.arm(deadline, due);
    if (due < timer_due_) schedule();
}

void WorkerCore::schedule() {
    const auto next = deadlines_.next();
    if (!next) {
        timer_due_ = TimePoint::max();
        return;
    }
    timer_due_ = *next;
    timer_.expires_after(std::max<std::chrono::steady_clock::duration>(*next - now(), granularity));
    timer_.async_wait([core = weak_from_this()](const boost::system::error_code& error) {
        if (error) return;  // moved to another time
        if (const auto self = core.lock()) self->tick();
    });
}

void WorkerCore::tick() {
    deadlines_.run(now());
    schedule();
}

}  // namespace foorumi::net
