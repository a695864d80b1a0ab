#include "net/flush_list.hpp"

#include <boost/asio/post.hpp>

namespace foorumi::net {

using List = boost::intrusive::list<Flushable, boost::intrusive::constant_time_size<false>>;

struct FlushList::Turn {
    List waiting;
    bool posted = false;

    void run() {
        posted = false;
        List now;
        now.swap(waiting);
        while (!now.empty()) {
            Flushable& next = now.front();
            now.pop_front();
            next.flush();
        }
    }
};

FlushList::FlushList(boost::asio::io_context& context) : context_(context), turn_(std::make_shared<Turn>()) {}

FlushList::~FlushList() { turn_->waiting.clear(); }

void FlushList::add(Flushable& flushable) {
    if (flushable.is_linked()) return;
    turn_->waiting.push_back(flushable);
    if (turn_->posted) return;
    turn_->posted = true;
    boost::asio::post(context_, [turn = turn_] { turn->run(); });
}

}  // namespace foorumi::net
