#include "app/worker_thread.hpp"

#include <boost/asio/post.hpp>
#include <string>

#include "app/run_context.hpp"
#include "app/stalls.hpp"

namespace foorumi::app {

WorkerThread::WorkerThread(std::uint16_t index, dispatch::Shared& shared, const net::Options& net, store::Options store,
                           std::shared_ptr<const net::TlsContext> tls, net::HttpService service)
    : worker_(index, shared,
              [this](std::chrono::milliseconds delay, std::function<void()> task) { after(delay, std::move(task)); }),
      net_(
          context_, net, [this](net::Connection& connection) { return worker_.dispatcher().open_session(connection); },
          &std::chrono::steady_clock::now, std::move(tls), std::move(service)) {
    store.worker = index;
    store.workers = shared.settings.workers;
    worker_.set_store(store::make_channel_store(context_, std::move(store), worker_.sinks()));
}

WorkerThread::~WorkerThread() { stop(); }

void WorkerThread::start() {
    tick();
    thread_ = std::thread([this] {
        make_room_on_the_heap();
        run_context(context_, "worker " + std::to_string(worker_.index()));
    });
}

void WorkerThread::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

void WorkerThread::post(std::function<void(dispatch::Worker&)> task) {
    boost::asio::post(context_, [this, task = std::move(task)] { task(worker_); });
}

void WorkerThread::tick() {
    ticker_.expires_after(std::chrono::seconds(1));
    ticker_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        worker_.tick();
        tick();
    });
}

void WorkerThread::after(std::chrono::milliseconds delay, std::function<void()> task) {
    auto timer = std::make_shared<boost::asio::steady_timer>(context_, delay);
    timer->async_wait([timer, task = std::move(task)](boost::system::error_code error) {
        if (!error) task();
    });
}

}  // namespace foorumi::app
