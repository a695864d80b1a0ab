// The running server: its workers, the listener, and the order in which they start and stop.
//
// Thread: constructed, started and stopped by one thread that is no worker; the calls block. shared() is for all
// threads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "dispatch/worker.hpp"
#include "entrance/entrance.hpp"

namespace foorumi::net {
class Listener;
class TlsContext;
}  // namespace foorumi::net

namespace foorumi::app {

class Metrics;
class WorkerThread;
struct Figures;

class Server {
   public:
    // `config.store.url` names the Redis to use, whose installation has been checked. `tls` has been loaded; null:
    // plain. Nothing runs yet.
    Server(const config::Config& config, std::string version, const std::shared_ptr<const net::TlsContext>& tls,
           auth::Sealer sealer);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Starts the workers and waits until the directory is loaded. False: stop() was called meanwhile, from another
    // thread.
    [[nodiscard]] bool start();

    // Begins to serve metrics, where the configuration says so. Throws as listen() does.
    void serve_metrics();

    // Begins to accept connections. Throws boost::system::system_error if the address cannot be listened on.
    void listen();
    [[nodiscard]] std::uint16_t port() const;

    // Stops accepting, tells the clients to reconnect within the configured time and waits for that long at most,
    // closes what is left, lets the stores answer and ends the workers. Bounded by the configured deadline.
    void stop();

    [[nodiscard]] dispatch::Shared& shared() { return *shared_; }

   private:
    [[nodiscard]] Figures figures(dispatch::Worker& worker);
    using Deadline = std::chrono::steady_clock::time_point;
    void drain(Deadline deadline);
    void stop_stores(Deadline deadline);

    config::Config config_;
    config::Catalogue catalogue_;
    Clock clock_;
    std::unique_ptr<entrance::Entrance> entrance_;  // outlives the workers, which ask it
    std::unique_ptr<dispatch::Shared> shared_;
    std::unique_ptr<Metrics> metrics_;  // outlives the workers, which it asks
    std::vector<std::unique_ptr<WorkerThread>> workers_;
    std::unique_ptr<net::Listener> listener_;
    bool stopped_ = false;
};

}  // namespace foorumi::app
