// Counts connections, in all and by remote address, and says whether one more may come.
// Thread-safe: asked by the listener, given back by the workers.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace foorumi::net {

class ConnectionBudget;

// A connection's place in the budget, given back when the ticket is destroyed.
class Ticket {
   public:
    enum class Verdict : std::uint8_t {
        admitted,
        answer,  // over a limit: it gets an answer that says so, and then ends
        drop,    // over a limit, and too many are being answered already
    };

    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();
    [[nodiscard]] Verdict verdict() const { return verdict_; }

    // The client behind the proxy is known now: it counts by its address, and the verdict may change. Nothing happens
    // to a ticket that is not admitted, or counted by an address already.
    void count_from(const boost::asio::ip::address& address);

   private:
    friend class ConnectionBudget;
    Ticket(std::shared_ptr<ConnectionBudget> budget, Verdict verdict);

    std::shared_ptr<ConnectionBudget> budget_;
    boost::asio::ip::address address_;
    Verdict verdict_ = Verdict::drop;
    bool by_address_ = false;  // it counts by its address, too
};

class ConnectionBudget : public std::enable_shared_from_this<ConnectionBudget> {
   public:
    ConnectionBudget(std::size_t limit, std::size_t limit_per_address, std::size_t answering_limit = 64);

    // An IPv4 address mapped into IPv6 counts as the IPv4 address.
    [[nodiscard]] Ticket admit(const boost::asio::ip::address& address);

    // From a proxy, whose clients are not known yet: it counts in all only.
    [[nodiscard]] Ticket admit_from_proxy();

    [[nodiscard]] std::size_t admitted() const;
    [[nodiscard]] std::size_t admitted_from(const boost::asio::ip::address& address) const;

   private:
    friend class Ticket;
    // REQUIRE: the mutex is held.
    void count_in_all(Ticket& ticket);
    void count_by_address(Ticket& ticket, const boost::asio::ip::address& address);
    [[nodiscard]] Ticket::Verdict instead_of_admitting();

    void give_back(const Ticket& ticket);

    const std::size_t limit_;
    const std::size_t limit_per_address_;
    const std::size_t answering_limit_;
    mutable std::mutex mutex_;
    std::size_t admitted_ = 0;
    std::size_t answering_ = 0;
    std::map<boost::asio::ip::address, std::size_t> by_address_;
};

}  // namespace foorumi::net
