#include "net/connection_budget.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <utility>

namespace foorumi::net {

namespace ip = boost::asio::ip;

Ticket::Ticket(std::shared_ptr<ConnectionBudget> budget, const ip::address& address, Verdict verdict)
    : budget_(std::move(budget)), address_(address), verdict_(verdict) {}

Ticket::Ticket(Ticket&& other) noexcept
    : budget_(std::move(other.budget_)), address_(std::move(other.address_)), verdict_(other.verdict_) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(address_, other.address_);
    std::swap(verdict_, other.verdict_);
    return *this;
}

Ticket::~Ticket() {
    if (budget_) budget_->give_back(address_, verdict_);
}

ConnectionBudget::ConnectionBudget(std::size_t limit, std::size_t limit_per_address, std::size_t answering_limit)
    : limit_(limit), limit_per_address_(limit_per_address), answering_limit_(answering_limit) {}

Ticket ConnectionBudget::admit(ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(address);
    const std::size_t from_address = found == by_address_.end() ? 0 : found->second;
    if (admitted_ < limit_ && from_address < limit_per_address_) {
        ++admitted_;
        ++by_address_[address];
        return {shared_from_this(), address, Ticket::Verdict::admitted};
    }
    if (answering_ < answering_limit_) {
        ++answering_;
        return {shared_from_this(), address, Ticket::Verdict::answer};
    }
    return {};
}

void ConnectionBudget::give_back(const ip::address& address, Ticket::Verdict verdict) {
    const std::lock_guard lock(mutex_);
    if (verdict == Ticket::Verdict::answer) {
        --answering_;
        return;
    }
    --admitted_;
    const auto found = by_address_.find(address);
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
