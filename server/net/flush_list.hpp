// Sessions with something waiting are flushed once per turn of the loop: the first one of a turn posts one flush for
// all. Thread: the worker that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>

namespace foorumi::net {

// Leaves its list when it is destroyed, also in the midst of a flush.
class Flushable : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    virtual void flush() = 0;

   protected:
    ~Flushable() = default;
};

class FlushList {
   public:
    explicit FlushList(boost::asio::io_context& context);
    ~FlushList();
    FlushList(const FlushList&) = delete;
    FlushList& operator=(const FlushList&) = delete;

    // flush() follows in this turn, once. Added while a flush runs: in the next turn.
    void add(Flushable& flushable);
    static void remove(Flushable& flushable) {
        if (flushable.is_linked()) flushable.unlink();
    }

   private:
    struct Turn;
    boost::asio::io_context& context_;
    std::shared_ptr<Turn> turn_;  // shared with the flush that is posted
};

}  // namespace foorumi::net
