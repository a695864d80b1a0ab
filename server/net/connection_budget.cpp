#include "net/connection_budget.hpp"

#include <utility>

#include "net/address_set.hpp"

namespace foorumi::net {

namespace ip = boost::asio::ip;

Ticket::Ticket(std::shared_ptr<ConnectionBudget> budget, Verdict verdict)
    : budget_(std::move(budget)), verdict_(verdict) {}

Ticket::Ticket(Ticket&& other) noexcept
    : budget_(std::move(other.budget_)),
      address_(std::move(other.address_)),
      verdict_(other.verdict_),
      by_address_(other.by_address_) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(address_, other.address_);
    std::swap(verdict_, other.verdict_);
    std::swap(by_address_, other.by_address_);
    return *this;
}

Ticket::~Ticket() {
    if (budget_) budget_->give_back(*this);
}

void Ticket::count_from(const ip::address& address) {
    if (!budget_) return;
    const std::lock_guard lock(budget_->mutex_);
    budget_->count_by_address(*this, address);
}

ConnectionBudget::ConnectionBudget(std::size_t limit, std::size_t limit_per_address, std::size_t answering_limit)
    : limit_(limit), limit_per_address_(limit_per_address), answering_limit_(answering_limit) {}

Ticket ConnectionBudget::admit(const ip::address& address) {
    Ticket ticket(shared_from_this(), Ticket::Verdict::drop);
    const std::lock_guard lock(mutex_);
    count_in_all(ticket);
    count_by_address(ticket, address);
    return ticket;
}

Ticket ConnectionBudget::admit_from_proxy() {
    Ticket ticket(shared_from_this(), Ticket::Verdict::drop);
    const std::lock_guard lock(mutex_);
    count_in_all(ticket);
    return ticket;
}

void ConnectionBudget::count_in_all(Ticket& ticket) {
    if (admitted_ >= limit_) {
        ticket.verdict_ = instead_of_admitting();
        return;
    }
    ++admitted_;
    ticket.verdict_ = Ticket::Verdict::admitted;
}

void ConnectionBudget::count_by_address(Ticket& ticket, const ip::address& address) {
    if (ticket.verdict_ != Ticket::Verdict::admitted || ticket.by_address_) return;
    ticket.address_ = unmapped(address);
    std::size_t& count = by_address_[ticket.address_];
    if (count < limit_per_address_) {
        ++count;
        ticket.by_address_ = true;
        return;
    }
    if (count == 0) by_address_.erase(ticket.address_);  // where none may come at all
    --admitted_;
    ticket.verdict_ = instead_of_admitting();
}

Ticket::Verdict ConnectionBudget::instead_of_admitting() {
    if (answering_ >= answering_limit_) return Ticket::Verdict::drop;
    ++answering_;
    return Ticket::Verdict::answer;
}

void ConnectionBudget::give_back(const Ticket& ticket) {
    if (ticket.verdict_ == Ticket::Verdict::drop) return;
    const std::lock_guard lock(mutex_);
    if (ticket.verdict_ == Ticket::Verdict::answer) {
        --answering_;
        return;
    }
    --admitted_;
    if (!ticket.by_address_) return;
    const auto found = by_address_.find(ticket.address_);
    if (--found->second == 0) by_address_.erase(found);
}

std::size_t ConnectionBudget::admitted() const {
    const std::lock_guard lock(mutex_);
    return admitted_;
}

std::size_t ConnectionBudget::admitted_from(const ip::address& address) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? 0 : found->second;
}

}  // namespace foorumi::net
