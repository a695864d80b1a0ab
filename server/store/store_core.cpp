#include "store/store_core.hpp"

#include <boost/asio/post.hpp>

namespace foorumi::store {

void StoreCore::later(std::function<void()> function) {
    boost::asio::post(context, [guard = std::weak_ptr(alive), function = std::move(function)] {
        if (!guard.expired()) function();
    });
}

}  // namespace foorumi::store
