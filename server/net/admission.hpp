// Newcomers whose first bytes are there are let in a few in each turn of a worker's loop, in the order in which they
// came, so that a herd's handshakes (with TLS about 1 ms of CPU each) lie between the turns of those who are connected
// already, and not before them. Who is connected and says nothing takes no place.
//
// Thread: the worker's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

namespace foorumi::net {

class Admission {
   public:
    // REQUIRES: at_once > 0.
    Admission(boost::asio::io_context& context, std::size_t at_once) : context_(context), at_once_(at_once) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;

    // Runs it in a later turn, unless this is gone by then. It tells whether it has begun a handshake: one whose
    // connection has ended takes nobody's place.
    void enter(std::function<bool()> go);

    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

   private:
    void schedule();
    void let_in();

    boost::asio::io_context& context_;
    std::size_t at_once_;
    std::deque<std::function<bool()>> waiting_;
    bool scheduled_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace foorumi::net
