// Accepts TCP connections and hands them to the workers in turn.
//
// Thread: the acceptor's io_context, whose thread calls stop() and the destructor, too (or after it has ended); port()
// may be called by any thread. The workers outlive the accepting.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/connection.hpp"
#include "net/connection_budget.hpp"
#include "net/worker_net.hpp"

namespace foorumi::net {

class Listener {
   public:
    // Listens at once; accepts when the context runs. Throws boost::system::system_error if the address cannot be
    // listened on.
    Listener(boost::asio::io_context& context, std::vector<WorkerNet*> workers, const Options& options);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // The bound port, also where the options said 0.
    [[nodiscard]] std::uint16_t port() const;

    // Any thread.
    [[nodiscard]] const ConnectionBudget& budget() const;
    // Connections ended without an answer, since there were too many. The acceptor's thread.
    [[nodiscard]] std::uint64_t dropped() const;

    // Stops accepting and closes the port. Connections live on.
    void stop();

   private:
    class Acceptor;
    std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace foorumi::net
