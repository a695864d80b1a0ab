#include "net/worker_net.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "net/worker_core.hpp"

namespace foorumi::net {

WorkerNet::WorkerNet(boost::asio::io_context& context, const Options& options, OnConnection on_connection, Clock clock,
                     std::shared_ptr<const TlsContext> tls, HttpService http_service)
    : core_(std::make_shared<WorkerCore>(context, options, std::move(on_connection), std::move(clock), std::move(tls),
                                         std::move(http_service))),
      context_(context) {}

WorkerNet::~WorkerNet() { core_->abandon_all(); }

void WorkerNet::give(UniqueFd fd, Ticket ticket) {
    boost::asio::post(context_,
                      [core = std::weak_ptr(core_), fd = std::move(fd), ticket = std::move(ticket)]() mutable {
                          if (const auto self = core.lock()) self->adopt(std::move(fd), std::move(ticket));
                      });
}

void WorkerNet::close_all(CloseCode code, std::string_view reason, ItemRef last) {
    core_->close_all(code, reason, last);
}

std::size_t WorkerNet::connections() const { return core_->members(); }

std::size_t WorkerNet::handshakes_waiting() const { return core_->admission().waiting(); }

void WorkerNet::when_empty(std::function<void()> done) { core_->when_empty(std::move(done)); }

const Statistics& WorkerNet::statistics() const { return core_->statistics(); }

void WorkerNet::tick() { core_->tick(); }

}  // namespace foorumi::net
