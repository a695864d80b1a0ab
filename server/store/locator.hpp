// Tells a connection at every connect which Redis is the right one for it.
//
// Thread: the one that runs the io_context. A locator outlives the connections that use it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/endpoint.hpp"

namespace foorumi::store {

class Locator {
   public:
    // Nothing: it is not known at present.
    using Found = std::function<void(std::optional<Endpoint>)>;

    Locator() = default;
    Locator(const Locator&) = delete;
    Locator& operator=(const Locator&) = delete;
    virtual ~Locator() = default;

    // `found` is called once, maybe from within, and not later than a few seconds; it is kept until then.
    virtual void locate(Found found) = 0;
    // The connection to it is ready.
    virtual void connected(const Endpoint& endpoint) { static_cast<void>(endpoint); }
    // By now another place than this one is known to be right: nothing that a server says there counts any more, since
    // it may not know yet. Asked for every command and reply of a connection that is ready.
    [[nodiscard]] virtual bool elsewhere(const Endpoint& endpoint) const {
        static_cast<void>(endpoint);
        return false;
    }
    // The connection to it, or an attempt to make one, has failed.
    virtual void lost(const Endpoint& endpoint) { static_cast<void>(endpoint); }
    // It answered a command with this error.
    virtual void refused(const Endpoint& by, std::string_view error) {
        static_cast<void>(by);
        static_cast<void>(error);
    }
    // For logs, as long as nothing was found.
    [[nodiscard]] virtual std::string display() const = 0;
};

// One that never changes.
class FixedLocator final : public Locator {
   public:
    explicit FixedLocator(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

    void locate(Found found) override { found(endpoint_); }
    [[nodiscard]] std::string display() const override { return endpoint_.display(); }

   private:
    Endpoint endpoint_;
};

[[nodiscard]] inline std::shared_ptr<Locator> always_at(Endpoint endpoint) {
    return std::make_shared<FixedLocator>(std::move(endpoint));
}

}  // namespace foorumi::store
