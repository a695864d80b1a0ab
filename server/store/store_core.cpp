#include "store/store_core.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

namespace foorumi::store {

void StoreCore::later(std::function<void()> function) {
    boost::asio::post(context, [guard = std::weak_ptr(alive), function = std::move(function)] {
        if (!guard.expired()) function();
    });
}

void StoreCore::reconnect_all(ScriptPipeline& pipeline) {
    for (auto& [number, partition] : partitions) {
        if (partition.pipeline != &pipeline) continue;
        spdlog::warn("partition {}: its feed and its commands are of different runs, or histories, of Redis", number);
        partition.tail->reconnect();
    }
    pipeline.client().reconnect();
}

}  // namespace foorumi::store
