#include "net/flush_list.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "base/prefetch.hpp"

namespace foorumi::net {

// Two lists: one that a flush goes through, and one that collects. Who leaves, leaves a gap.
struct Flushable::Turn : std::enable_shared_from_this<Turn> {
    explicit Turn(boost::asio::io_context& io_context) : context(io_context) {}

    boost::asio::io_context& context;
    std::array<std::vector<Flushable*>, 2> lists;
    std::uint32_t flushing = 0;
    std::size_t next = 0;  // of the list that is flushed
    bool posted = false;

    [[nodiscard]] bool flushed() const { return next == lists[flushing].size(); }

    void add(Flushable& flushable) {
        const std::uint32_t collecting = 1 - flushing;
        flushable.turn_ = this;
        flushable.list_ = collecting;
        flushable.place_ = static_cast<std::uint32_t>(lists[collecting].size());
        lists[collecting].push_back(&flushable);
        post();
    }

    void post() {
        if (std::exchange(posted, true)) return;
        boost::asio::post(context, [self = shared_from_this()] { self->run(); });
    }

    void run() {
        posted = false;
        if (flushed()) {
            lists[flushing].clear();
            next = 0;
            flushing = 1 - flushing;
        }
        auto& list = lists[flushing];
        for (std::size_t left = flush_slice; left > 0 && !flushed();) {
            if (next + prefetch_distance < list.size()) prefetch(list[next + prefetch_distance], connection_lines);
            Flushable* const flushable = std::exchange(list[next++], nullptr);
            if (flushable == nullptr) continue;
            flushable->turn_ = nullptr;
            --left;
            flushable->flush();  // which may end the list
        }
        if (!flushed() || !lists[1 - flushing].empty()) post();
    }

    void forget_all() {
        for (auto& list : lists) {
            for (auto* const flushable : list) {
                if (flushable != nullptr) flushable->turn_ = nullptr;
            }
            list.clear();
        }
        next = 0;
    }
};

void Flushable::leave() {
    if (turn_ == nullptr) return;
    turn_->lists[list_][place_] = nullptr;
    turn_ = nullptr;
}

FlushList::FlushList(boost::asio::io_context& context) : turn_(std::make_shared<Turn>(context)) {}

FlushList::~FlushList() { turn_->forget_all(); }

void FlushList::add(Flushable& flushable) {
    if (flushable.turn_ == nullptr) turn_->add(flushable);
}

}  // namespace foorumi::net
