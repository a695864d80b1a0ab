#include "app/server.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "app/await.hpp"
#include "app/figures.hpp"
#include "app/metrics.hpp"
#include "app/worker_thread.hpp"
#include "codec/frame_codec.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "net/listener.hpp"

namespace foorumi::app {
namespace {

std::string random_name() {
    std::array<unsigned char, 8> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::string name(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(name.data(), name.size(), bytes.data(), bytes.size());
    name.pop_back();
    return name;
}

dispatch::Settings settings_of(const config::Config& config, std::string version) {
    dispatch::Settings settings;
    settings.session = config.session;
    settings.content = config.content;
    settings.frame_bytes = config.net.frame_bytes;
    settings.outbox_bytes = config.net.outbox_bytes;
    settings.ping_interval_ms = config.net.ping_interval_ms;
    settings.change_id_hours = static_cast<std::uint32_t>(config.store.change_id_window.count());
    settings.max_pending = config.store.max_pending;
    settings.change_deadline = config.store.change_deadline;
    settings.membership = config.membership;
    settings.membership.names = config.members;
    settings.membership.reason_bytes = config.content.reason_bytes;
    settings.sign_in = config.sign_in;
    settings.membership.erasure_removes_content = config.erased_content == config::erased_content_removed;
    settings.installation = config.store.installation;
    settings.language = config.language;
    settings.server = std::move(version);
    settings.node = random_name();
    settings.workers = config.workers != 0
                           ? config.workers
                           : static_cast<std::uint16_t>(std::max(1U, std::thread::hardware_concurrency()));
    settings.partitions = config.store.partitions;
    return settings;
}

// Waits for a number of signals from other threads.
class Countdown {
   public:
    explicit Countdown(std::size_t count) : left_(count) {
        if (count == 0) done_.set_value();
    }
    void one() {
        if (left_.fetch_sub(1) == 1) done_.set_value();
    }
    [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point deadline) {
        return done_.get_future().wait_until(deadline) == std::future_status::ready;
    }

   private:
    std::atomic<std::size_t> left_;
    std::promise<void> done_;
};

}  // namespace

Server::Server(const config::Config& config, std::string version, const std::shared_ptr<const net::TlsContext>& tls,
               auth::Sealer sealer)
    : config_(config),
      entrance_(std::make_unique<entrance::Entrance>(
          entrance::Options{config.passwords, config.second_factor, config.sign_in}, std::move(sealer), catalogue_)),
      shared_(new dispatch::Shared{settings_of(config, std::move(version)), clock_, catalogue_, {}, {}, {}, {}}) {
    shared_->post = [this](std::uint16_t worker, std::function<void(dispatch::Worker&)> task) {
        workers_[worker]->post(std::move(task));
    };
    auto store = config_.store;
    store.node = shared_->settings.node;
    for (std::uint16_t index = 0; index < shared_->settings.workers; ++index)
        workers_.push_back(std::make_unique<WorkerThread>(index, *shared_, config_.net, store, tls,
                                                          entrance::service_for(*entrance_, *shared_, index)));
}

Server::~Server() { stop(); }

bool Server::start() {
    auto loaded = std::make_shared<std::promise<bool>>();
    auto future = loaded->get_future();
    for (auto& worker : workers_) worker->start();
    shared_->post_home(forum::directory_channel, [loaded, this](dispatch::Worker& home) {
        home.home().load_directory([loaded, this, &home] {
            // Finishes what another process may have left between the directory's commit and its fences.
            const auto fence = shared_->directory.current()->fence();
            if (fence == 0) return loaded->set_value(true);
            home.home().fence_all(fence, [loaded](bool) { loaded->set_value(true); });
        });
    });
    loaded.reset();
    return await(future, shared_->stopping).has_value();
}

void Server::serve_metrics() {
    if (config_.metrics.listen.empty()) return;
    metrics_ = std::make_unique<Metrics>(
        config_.metrics, *shared_, [this](dispatch::Worker& worker) { return figures(worker); },
        [this] { return entrance_->hasher.taken(); });
    spdlog::info("metrics are served on {} port {}", metrics_->address(), metrics_->port());
}

// On that worker.
Figures Server::figures(dispatch::Worker& worker) {
    auto figures = figures_of(worker, workers_[worker.index()]->net());
    if (worker.index() == shared_->home_of(forum::directory_channel)) figures.entrance = entrance_->counts;
    if (worker.index() == 0 && listener_) figures.net.dropped += listener_->dropped();
    return figures;
}

void Server::listen() {
    std::vector<net::WorkerNet*> nets;
    for (auto& worker : workers_) nets.push_back(&worker->net());
    std::promise<void> done;
    boost::asio::post(workers_.front()->context(), [&] {
        try {
            listener_ = std::make_unique<net::Listener>(workers_.front()->context(), nets, config_.net);
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    });
    done.get_future().get();
}

std::uint16_t Server::port() const { return listener_->port(); }

void Server::drain(Deadline deadline) {
    if (!listener_) return;
    auto closed = std::make_shared<Countdown>(workers_.size());
    const auto within = config_.shutdown.drain_ms;
    workers_.front()->post([this](dispatch::Worker&) { listener_->stop(); });
    for (auto& worker : workers_)
        worker->post([&net = worker->net(), closed, within](dispatch::Worker& self) {
            self.dispatcher().announce_drain(within);
            net.when_empty([closed] { closed->one(); });
        });
    const auto window = std::chrono::steady_clock::now() + std::chrono::milliseconds(within);
    if (closed->wait_until(std::min(window, deadline))) return;
    auto all = std::make_shared<Countdown>(workers_.size());
    for (auto& worker : workers_)
        worker->post([&net = worker->net(), all](dispatch::Worker&) {
            net.close_all(net::CloseCode::going_away, "stopping");
            net.when_empty([all] { all->one(); });
        });
    if (!all->wait_until(deadline)) spdlog::warn("connections are left at the end of the shutdown's deadline");
}

void Server::stop_stores(Deadline deadline) {
    auto stopped = std::make_shared<Countdown>(workers_.size());
    for (auto& worker : workers_)
        worker->post([stopped](dispatch::Worker& self) { self.store().stop([stopped] { stopped->one(); }); });
    if (!stopped->wait_until(deadline)) spdlog::warn("the stores have not stopped within the shutdown's deadline");
}

void Server::stop() {
    if (std::exchange(stopped_, true)) return;
    shared_->stopping = true;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(config_.shutdown.deadline_ms);
    drain(deadline);
    entrance_->stop();
    stop_stores(deadline);
    if (metrics_) metrics_->stop();
    for (auto& worker : workers_) worker->stop();
    // The listener's acceptor lives on the first worker's context; sessions end with their workers' net.
    listener_.reset();
}

}  // namespace foorumi::app
