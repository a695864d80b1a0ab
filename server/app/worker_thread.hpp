// One worker with its thread and its io_context.
//
// Thread: constructed and joined by the thread that owns it; the rest runs on the worker's own.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>

#include "dispatch/worker.hpp"
#include "net/worker_net.hpp"

namespace foorumi::app {

class WorkerThread {
   public:
    WorkerThread(std::uint16_t index, dispatch::Shared& shared, const net::Options& net, store::Options store,
                 std::shared_ptr<const net::TlsContext> tls, net::HttpService service);
    ~WorkerThread();
    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;

    void start();
    // Ends the loop, whatever it still has to do, and waits for the thread.
    void stop();

    // Any thread.
    void post(std::function<void(dispatch::Worker&)> task);

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    // On the worker's thread, but for give() while it accepts.
    [[nodiscard]] net::WorkerNet& net() { return net_; }

   private:
    void tick();
    void after(std::chrono::milliseconds delay, std::function<void()> task);

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    boost::asio::steady_timer ticker_{context_};
    dispatch::Worker worker_;
    net::WorkerNet net_;
    std::thread thread_;
};

}  // namespace foorumi::app
