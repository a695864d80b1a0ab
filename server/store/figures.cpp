// Of RedisChannelStore: what it tells of itself.
#include "store/figures.hpp"

#include "store/redis_channel_store.hpp"

namespace foorumi::store {

Figures RedisChannelStore::figures() const {
    Figures figures;
    figures.pending = core_.pending;
    figures.remembered = reads_.from_memory();
    figures.recent_bytes = reads_.recent_bytes();
    for (const auto& [number, partition] : core_.partitions) {
        figures.partitions.push_back(
            {number, partition.release.position(), partition.release.held(), partition.replicas_missing});
        figures.feeds += partition.tail->counts();
        figures.tails.add(partition.tail->client().ready(), partition.tail->client().losses());
    }
    for (const auto& pipeline : core_.pipelines) {
        figures.commands.add(pipeline->client().ready(), pipeline->client().losses());
    }
    if (!core_.partitions.empty()) {
        figures.ephemerals.add(ephemerals_->client().ready(), ephemerals_->client().losses());
    }
    return figures;
}

}  // namespace foorumi::store
