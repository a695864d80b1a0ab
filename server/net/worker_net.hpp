// The connections of one worker.
//
// The io_context outlives it. Thread: constructed before the context runs; give() may be called by any thread, the rest
// on the worker. Lifetime: outlives its listener's accepting; to end well, call close_all() and wait for when_empty().
// The destructor ends what is left at once, without on_closed().
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "net/connection.hpp"
#include "net/connection_budget.hpp"
#include "net/deadline_list.hpp"
#include "net/http_service.hpp"
#include "net/statistics.hpp"
#include "net/tls_context.hpp"
#include "net/unique_fd.hpp"

namespace foorumi::net {

class WorkerCore;

class WorkerNet {
   public:
    // With `tls`, which has been loaded, connections are served over TLS. Without a service, calls get a 404.
    WorkerNet(boost::asio::io_context& context, const Options& options, OnConnection on_connection,
              Clock clock = &std::chrono::steady_clock::now, std::shared_ptr<const TlsContext> tls = nullptr,
              HttpService http_service = {});
    ~WorkerNet();
    WorkerNet(const WorkerNet&) = delete;
    WorkerNet& operator=(const WorkerNet&) = delete;

    // Takes over a connected, non-blocking socket. Any thread.
    void give(UniqueFd fd, Ticket ticket);

    // Closes every connection as Connection::close() does, each with the same last item; sockets that come later get an
    // HTTP 503.
    void close_all(CloseCode code, std::string_view reason, ItemRef last = nullptr);

    // Sockets of this worker, those in their handshake included.
    [[nodiscard]] std::size_t connections() const;

    // Of these, that have spoken and wait for Options::handshakes_per_turn.
    [[nodiscard]] std::size_t handshakes_waiting() const;

    // Calls back once, posted, when no socket is left; soon, if there is none now.
    void when_empty(std::function<void()> done);

    [[nodiscard]] const Statistics& statistics() const;

    // Does what is due by the clock. The worker's own timer does this by itself; tests with their own clock call it.
    void tick();

   private:
    std::shared_ptr<WorkerCore> core_;
    boost::asio::io_context& context_;
};

}  // namespace foorumi::net
