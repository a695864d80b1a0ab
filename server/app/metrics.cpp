#include "app/metrics.hpp"

#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "app/metrics_page.hpp"
#include "app/run_context.hpp"
#include "observability/exposition.hpp"
#include "observability/process_figures.hpp"

namespace foorumi::app {
namespace {

net::Options net_options(const config::MetricsOptions& options, const net::ListenAddress& where) {
    net::Options net;
    net.address = where.address;
    net.port = where.port;
    net.max_connections = net.max_connections_per_address = options.connections;
    net.handshake_timeout_ms = options.timeout_ms;
    net.http.body_bytes = 0;
    net.metrics_only = true;
    return net;
}

net::HttpAnswer answer_with(std::optional<std::string> page) {
    net::HttpAnswer answer;
    if (page) {
        answer.body = std::move(*page);
        answer.type = observability::exposition_type;
        return answer;
    }
    answer.status = 503;
    answer.body = "a worker does not answer\n";
    answer.type = "text/plain; charset=utf-8";
    return answer;
}

}  // namespace

Metrics::Metrics(const config::MetricsOptions& options, dispatch::Shared& shared, FiguresOf figures_of,
                 HashesTaken hashes)
    : where_(net::parse_listen_address(options.listen).value()),
      shared_(shared),
      figures_of_(std::move(figures_of)),
      hashes_taken_(std::move(hashes)),
      scrapes_(context_, std::chrono::milliseconds(options.workers_ms),
               [this](std::function<void(std::string)> done) { gather(std::move(done)); }),
      net_(
          context_, net_options(options, where_), [](net::Connection&) { return nullptr; },
          &std::chrono::steady_clock::now, nullptr,
          [this](const net::HttpCall&, std::function<void(net::HttpAnswer)> done) {
              scrapes_.add(
                  [done = std::move(done)](std::optional<std::string> page) { done(answer_with(std::move(page))); });
          }),
      listener_(context_, {&net_}, net_options(options, where_)),
      thread_([this] { run_context(context_, "the metrics' thread"); }) {}

void Metrics::stop() {
    context_.stop();
    if (!thread_.joinable()) return;
    thread_.join();
    listener_.stop();  // else who comes now would wait for an answer
}

void Metrics::gather(std::function<void(std::string)> done) {
    struct Gathering {
        std::optional<Figures> sum;
        std::size_t left;
        std::function<void(std::string)> done;
    };
    auto gathering = std::make_shared<Gathering>(Gathering{{}, shared_.settings.workers, std::move(done)});
    shared_.post_all([this, gathering](dispatch::Worker& worker) {
        auto told = std::make_shared<const Figures>(figures_of_(worker));
        boost::asio::post(context_, [this, gathering, told] {
            gathering->sum ? * gathering->sum += *told : gathering->sum.emplace(*told);
            if (--gathering->left == 0) gathering->done(page(*gathering->sum));
        });
    });
}

std::string Metrics::page(const Figures& figures) const {
    return metrics_page(figures, {.server = shared_.settings.server,
                                  .workers = shared_.settings.workers,
                                  .draining = shared_.stopping,
                                  .hashes_taken = hashes_taken_(),
                                  .process = observability::process_figures()});
}

}  // namespace foorumi::app
