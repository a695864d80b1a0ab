// Serves metrics: GET /metrics on a listener of its own, with a thread of its own, so that no member waits for a page
// to be written, and a worker that stands still shows.
//
// Thread: constructed, stopped and destroyed by a thread that is none of the workers'. Lifetime: stopped before the
// workers, and destroyed after them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "app/figures.hpp"
#include "app/scrapes.hpp"
#include "config/metrics_options.hpp"
#include "net/listen_address.hpp"
#include "net/listener.hpp"
#include "net/worker_net.hpp"

namespace foorumi::app {

class Metrics {
   public:
    using FiguresOf = std::function<Figures(dispatch::Worker&)>;  // called on that worker
    using HashesTaken = std::function<std::uint64_t()>;           // see auth::Hasher; any thread

    // Throws boost::system::system_error if the address cannot be listened on.
    // REQUIRES: options.listen is an address.
    Metrics(const config::MetricsOptions& options, dispatch::Shared& shared, FiguresOf figures_of, HashesTaken hashes);
    ~Metrics() { stop(); }
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    [[nodiscard]] const std::string& address() const { return where_.address; }
    // The bound one.
    [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

    // Answers nothing more.
    void stop();

   private:
    void gather(std::function<void(std::string)> done);
    [[nodiscard]] std::string page(const Figures& figures) const;

    const net::ListenAddress where_;
    dispatch::Shared& shared_;
    const FiguresOf figures_of_;
    const HashesTaken hashes_taken_;
    boost::asio::io_context context_{1};
    Scrapes scrapes_;
    net::WorkerNet net_;
    net::Listener listener_;
    std::thread thread_;
};

}  // namespace foorumi::app
