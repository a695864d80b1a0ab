// Real listener and workers on loopback for tests, with a handler that tells the test what it is told.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/listener.hpp"
#include "net/worker_net.hpp"

namespace foorumi::test {

inline constexpr std::chrono::seconds deadline{10};

struct Event {
    std::string what;  // "opened", "frame", "text", "too big", "closed"
    std::string bytes;
    net::Connection* connection = nullptr;
    net::EndReason reason = net::EndReason::error;
    std::size_t worker = 0;
};

class TestServer;

class Scripted final : public net::ConnectionHandler {
   public:
    Scripted(TestServer& server, net::Connection& connection, std::size_t worker)
        : server_(server), connection_(connection), worker_(worker) {}
    void on_frame(std::string_view bytes) override;
    void on_text_frame() override;
    void on_frame_too_big() override;
    void on_closed(net::EndReason reason) override;

   private:
    void tell(std::string what, std::string bytes = {}, net::EndReason reason = net::EndReason::error);
    TestServer& server_;
    net::Connection& connection_;
    std::size_t worker_;
};

inline net::Options test_options() {
    net::Options options;
    options.port = 0;
    return options;
}

class TestServer {
   public:
    explicit TestServer(net::Options options = test_options(), std::size_t workers = 1,
                        std::shared_ptr<const net::TlsContext> tls = nullptr, const net::HttpService& service = {})
        : options_(std::move(options)), contexts_(workers) {
        now_ = std::chrono::steady_clock::now();
        std::vector<net::WorkerNet*> nets;
        for (std::size_t i = 0; i < workers; ++i) {
            contexts_[i] = std::make_unique<boost::asio::io_context>(1);
            nets_.push_back(std::make_unique<net::WorkerNet>(
                *contexts_[i], options_,
                [this, i](net::Connection& connection) {
                    push({"opened", std::string(connection.remote_address()), &connection, net::EndReason::error, i});
                    return std::make_unique<Scripted>(*this, connection, i);
                },
                [this] { return own_clock_ ? now_.load() : std::chrono::steady_clock::now(); }, tls, service));
            nets.push_back(nets_.back().get());
        }
        listener_ = std::make_unique<net::Listener>(*contexts_[0], nets, options_);
        for (auto& context : contexts_) {
            guards_.emplace_back(context->get_executor());
            threads_.emplace_back([&context] { context->run(); });
        }
    }

    ~TestServer() {
        for (auto& context : contexts_) context->stop();
        for (auto& thread : threads_) thread.join();
        listener_.reset();
        nets_.clear();
    }

    [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
    net::Listener& listener() { return *listener_; }
    net::WorkerNet& net(std::size_t worker = 0) { return *nets_[worker]; }

    // Runs it on the worker and returns its result.
    template <class Function>
    auto run(Function function, std::size_t worker = 0) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto result = task.get_future();
        boost::asio::post(*contexts_[worker], [&task] { task(); });
        if (result.wait_for(deadline) != std::future_status::ready) throw std::runtime_error("the worker hangs");
        return result.get();
    }

    // Waits until it is so on the worker, of what tells nobody when it happens.
    template <class Function>
    void until(Function function) {
        const auto end = std::chrono::steady_clock::now() + deadline;
        while (!run(function)) {
            if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it does not come to that");
            std::this_thread::yield();
        }
    }

    Event next() {
        std::unique_lock lock(mutex_);
        if (!come_.wait_for(lock, deadline, [this] { return !events_.empty(); })) throw std::runtime_error("no event");
        Event event = std::move(events_.front());
        events_.pop_front();
        return event;
    }

    // The next event, which has to be this.
    Event expect(const std::string& what) {
        Event event = next();
        if (event.what != what) throw std::runtime_error("expected " + what + ", got " + event.what);
        return event;
    }

    net::Connection& opened() { return *expect("opened").connection; }

    void push(Event event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        come_.notify_one();
    }

    // From now on time stands still for deadlines, but for this.
    void stop_clock() { own_clock_ = true; }
    void advance(std::chrono::milliseconds by) {
        now_ = now_.load() + by;
        run([this] { net().tick(); });
    }

    // What the handlers do when called, on the worker. To be set before a client comes.
    std::function<void(net::Connection&, std::string_view)> when_frame;
    std::function<void(net::Connection&)> when_too_big;

   private:
    net::Options options_;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::vector<std::unique_ptr<net::WorkerNet>> nets_;
    std::unique_ptr<net::Listener> listener_;
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable come_;
    std::deque<Event> events_;
    std::atomic<bool> own_clock_ = false;
    std::atomic<net::TimePoint> now_;
};

inline void Scripted::tell(std::string what, std::string bytes, net::EndReason reason) {
    server_.push({std::move(what), std::move(bytes), &connection_, reason, worker_});
}

inline void Scripted::on_frame(std::string_view bytes) {
    if (server_.when_frame) server_.when_frame(connection_, bytes);
    tell("frame", std::string(bytes));
}

inline void Scripted::on_text_frame() { tell("text"); }

inline void Scripted::on_frame_too_big() {
    if (server_.when_too_big) server_.when_too_big(connection_);
    tell("too big");
}

inline void Scripted::on_closed(net::EndReason reason) { tell("closed", {}, reason); }

}  // namespace foorumi::test
