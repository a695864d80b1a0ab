// Sessions with something waiting are flushed once per turn of the loop: the first one of a turn posts one flush for
// all. Of very many, the rest is flushed in the turns that follow, so that the worker hears others meanwhile. Thread:
// the worker that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace foorumi::net {

class FlushList;

// Leaves its list when it is destroyed, also in the midst of a flush. What flush() looks at first should lie right
// behind it: it is fetched ahead.
class Flushable {
   public:
    Flushable() = default;
    Flushable(const Flushable&) = delete;
    Flushable& operator=(const Flushable&) = delete;

    virtual void flush() = 0;

   protected:
    ~Flushable() { leave(); }

   private:
    friend class FlushList;
    struct Turn;
    void leave();

    Turn* turn_ = nullptr;  // null: not in the list
    std::uint32_t list_ = 0;
    std::uint32_t place_ = 0;
};

// Flushed in one turn. While these are written, some 7 us each, the worker reads nothing; smaller slices also mean that
// what is posted meanwhile goes out with another write to most sessions (docs/performance.md).
inline constexpr std::size_t flush_slice = 1024;

class FlushList {
   public:
    explicit FlushList(boost::asio::io_context& context);
    ~FlushList();
    FlushList(const FlushList&) = delete;
    FlushList& operator=(const FlushList&) = delete;

    // flush() follows once, in this turn, or in a later one where more than flush_slice wait. Added while a flush runs:
    // in a later turn.
    void add(Flushable& flushable);
    static void remove(Flushable& flushable) { flushable.leave(); }

   private:
    using Turn = Flushable::Turn;
    std::shared_ptr<Turn> turn_;  // shared with the flush that is posted
};

}  // namespace foorumi::net
