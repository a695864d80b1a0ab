#include "net/flush_list.hpp"

#include <boost/asio/post.hpp>
#include <cstddef>
#include <utility>

namespace foorumi::net {

using List = boost::intrusive::list<Flushable, boost::intrusive::constant_time_size<false>>;

struct FlushList::Turn : std::enable_shared_from_this<Turn> {
    explicit Turn(boost::asio::io_context& io_context) : context(io_context) {}

    boost::asio::io_context& context;
    List waiting;
    List now;  // those of a flush that has begun
    bool posted = false;

    void post() {
        if (std::exchange(posted, true)) return;
        boost::asio::post(context, [self = shared_from_this()] { self->run(); });
    }

    void run() {
        posted = false;
        if (now.empty()) now.swap(waiting);
        for (std::size_t left = flush_slice; left > 0 && !now.empty(); --left) {
            Flushable& next = now.front();
            now.pop_front();
            next.flush();
        }
        if (!now.empty() || !waiting.empty()) post();
    }
};

FlushList::FlushList(boost::asio::io_context& context) : turn_(std::make_shared<Turn>(context)) {}

FlushList::~FlushList() {
    turn_->waiting.clear();
    turn_->now.clear();
}

void FlushList::add(Flushable& flushable) {
    if (flushable.is_linked()) return;
    turn_->waiting.push_back(flushable);
    turn_->post();
}

}  // namespace foorumi::net
