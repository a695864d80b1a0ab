// The process: its own Redis where none is configured, the server, the demo content, signals, and the exit status.
//
// Thread: run() is called by the main thread and returns when everything has ended. Starting and stopping happen on a
// thread of its own, so that the main thread can watch over the Redis child all the time.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/new_administrator.hpp"
#include "app/server.hpp"
#include "config/config.hpp"
#include "net/tls_context.hpp"
#include "store/embedded_redis.hpp"

namespace foorumi::app {

struct ProcessOptions {
    config::Config config;
    bool demo = false;
    bool restored = false;  // Redis has a backup
    unsigned bench_rooms = 0;
    std::string version;  // "foorumid 0.1.0"
    // Set: nothing is served; an invitation is made and told, beside a server that may run in the same data directory.
    std::optional<NewAdministrator> administrator;
};

class Process {
   public:
    explicit Process(ProcessOptions options);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // The exit status: 0 after a clean end, 1 if something could not be started.
    [[nodiscard]] int run();

   private:
    [[nodiscard]] bool load_tls();
    [[nodiscard]] bool take_data_directory();
    void start();
    void seed();
    [[nodiscard]] auth::Sealer load_sealer() const;
    void listen();
    void tell();
    void invite_administrator();
    void fail(const std::string& problem);
    void on_signal();
    void on_hangup();
    void begin_stop();
    void stop();

    ProcessOptions options_;
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_;
    boost::asio::signal_set hangup_;
    std::shared_ptr<net::TlsContext> tls_;            // null: plain
    std::optional<store::OwnerLock::Acquired> lock_;  // with an external Redis; else the embedded one holds it
    std::unique_ptr<store::EmbeddedRedis> redis_;
    std::mutex server_mutex_;  // while the starter makes the server
    std::unique_ptr<Server> server_;
    std::thread starter_;
    std::thread stopper_;
    std::atomic<bool> stopping_{false};
    std::atomic<int> status_{0};
};

}  // namespace foorumi::app
