#include "net/listener.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "net/address_set.hpp"

namespace foorumi::net {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;

namespace {

constexpr std::chrono::milliseconds exhausted_pause{
    100};                             // out of descriptors or memory: accepting again at once spins
constexpr int accepts_per_turn = 16;  // so that a storm of connections leaves time for others

}  // namespace

class Listener::Acceptor : public std::enable_shared_from_this<Acceptor> {
   public:
    Acceptor(asio::io_context& context, std::vector<WorkerNet*> workers, const Options& options)
        : workers_(std::move(workers)),
          budget_(std::make_shared<ConnectionBudget>(options.max_connections, options.max_connections_per_address)),
          proxies_(options.http.trusted_proxies),
          acceptor_(context.get_executor()),
          pause_(context.get_executor()) {
        const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(asio::socket_base::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen(asio::socket_base::max_listen_connections);
        acceptor_.native_non_blocking(true);
        ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);  // not for child processes
        port_ = acceptor_.local_endpoint().port();
    }

    void wait() {
        acceptor_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](error_code error) {
            if (!error) self->accept_waiting();
        });
    }

    void stop() {
        error_code ignored;  // nothing can be done about a failed close
        acceptor_.close(ignored);
        pause_.cancel();
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const ConnectionBudget& budget() const { return *budget_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

   private:
    void accept_waiting() {
        if (!acceptor_.is_open()) return;
        for (int i = 0; i < accepts_per_turn; ++i) {
            asio::ip::tcp::endpoint remote;
            auto size = static_cast<socklen_t>(remote.capacity());
            UniqueFd fd(::accept4(acceptor_.native_handle(), remote.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!fd) {
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return wait_a_little();
                if (errno == EAGAIN || errno == EWOULDBLOCK) break;
                continue;  // that connection is gone already
            }
            remote.resize(size);
            hand_over(std::move(fd), remote.address());
        }
        wait();
    }

    void hand_over(UniqueFd fd, const asio::ip::address& remote) {
        Ticket ticket = proxies_.contains(remote) ? budget_->admit_from_proxy() : budget_->admit(remote);
        if (ticket.verdict() == Ticket::Verdict::drop) {
            ++dropped_;
            return;
        }
        workers_[next_]->give(std::move(fd), std::move(ticket));
        next_ = (next_ + 1) % workers_.size();
    }

    void wait_a_little() {
        pause_.expires_after(exhausted_pause);
        pause_.async_wait([self = shared_from_this()](error_code error) {
            if (!error) self->accept_waiting();
        });
    }

    std::vector<WorkerNet*> workers_;
    std::size_t next_ = 0;
    std::shared_ptr<ConnectionBudget> budget_;
    const AddressSet proxies_;
    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>
        pause_;
    std::uint16_t port_ = 0;
    std::uint64_t dropped_ = 0;
};

Listener::Listener(asio::io_context& context, std::vector<WorkerNet*> workers, const Options& options)
    : acceptor_(std::make_shared<Acceptor>(context, std::move(workers), options)) {
    acceptor_->wait();
}

Listener::~Listener() { stop(); }

std::uint16_t Listener::port() const { return acceptor_->port(); }

const ConnectionBudget& Listener::budget() const { return acceptor_->budget(); }

std::uint64_t Listener::dropped() const { return acceptor_->dropped(); }

void Listener::stop() { acceptor_->stop(); }

}  // namespace foorumi::net
