// What the connections of one worker share: options, flush list, deadlines, statistics, and the list of themselves.
// Thread: the worker. Internal to net/.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "net/admission.hpp"
#include "net/connection.hpp"
#include "net/connection_budget.hpp"
#include "net/deadline_list.hpp"
#include "net/flush_list.hpp"
#include "net/http_policy.hpp"
#include "net/http_service.hpp"
#include "net/statistics.hpp"
#include "net/tls_context.hpp"
#include "net/unique_fd.hpp"

namespace foorumi::net {

struct MemberTag;

// A socket of the worker, before or after its WebSocket handshake.
class Member : public boost::intrusive::list_base_hook<boost::intrusive::tag<MemberTag>,
                                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    // The worker stops: a WebSocket is closed as Connection::close() does, a handshake ends at once.
    virtual void stop(CloseCode code, std::string_view reason, const ItemRef& last) = 0;
    // The worker is gone: ends without a word, and never touches the WorkerCore again.
    virtual void abandon() = 0;

   protected:
    ~Member() = default;
};

class WorkerCore : public std::enable_shared_from_this<WorkerCore> {
   public:
    WorkerCore(boost::asio::io_context& context, const Options& options, OnConnection on_connection, Clock clock,
               std::shared_ptr<const TlsContext> tls, HttpService http_service);
    ~WorkerCore();

    void adopt(UniqueFd fd, Ticket ticket);
    void close_all(CloseCode code, std::string_view reason, const ItemRef& last);
    void when_empty(std::function<void()> done);
    void abandon_all();

    [[nodiscard]] TimePoint now() const { return clock_(); }
    void arm(Deadline& deadline, TimePoint due);
    void tick();

    void enrol(Member& member);
    // REQUIRES: the member was enrolled.
    void leave(Member& member);

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] const HttpPolicy& policy() const { return policy_; }
    // Null: connections are plain.
    [[nodiscard]] const TlsContext* tls() const { return tls_.get(); }
    [[nodiscard]] const OnConnection& on_connection() const { return on_connection_; }
    // Empty: there is none.
    [[nodiscard]] const HttpService& http_service() const { return http_service_; }
    [[nodiscard]] Statistics& statistics() { return statistics_; }
    [[nodiscard]] Admission& admission() { return admission_; }
    [[nodiscard]] FlushList& flush_list() { return flush_list_; }
    [[nodiscard]] std::size_t members() const { return member_count_; }
    [[nodiscard]] bool stopping() const { return stopping_; }

   private:
    using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                                    boost::asio::io_context::executor_type>;
    void schedule();
    void tell_if_empty();

    boost::asio::io_context& context_;
    const Options options_;
    const HttpPolicy policy_;
    const OnConnection on_connection_;
    const Clock clock_;
    const std::shared_ptr<const TlsContext> tls_;
    const HttpService http_service_;
    Statistics statistics_;
    FlushList flush_list_;
    Admission admission_;
    DeadlineList deadlines_;
    Timer timer_;
    TimePoint timer_due_ = TimePoint::max();
    boost::intrusive::list<
        Member,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<
            boost::intrusive::tag<MemberTag>, boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
        boost::intrusive::constant_time_size<false>>
        members_;
    std::size_t member_count_ = 0;
    std::vector<std::function<void()>> when_empty_;
    bool stopping_ = false;
};

}  // namespace foorumi::net
