// The channel store on Redis: puts the parts together. One part each for changes, reads, fences, purges, rewrites of
// the log, consumed positions and ephemerals; a tail for each partition; a few pipelined connections for script calls,
// each of some of the partitions, of a Redis Cluster of one.
#pragma once

#include "store/changes.hpp"
#include "store/consumed_mark.hpp"
#include "store/ephemerals.hpp"
#include "store/feed_purges.hpp"
#include "store/fences.hpp"
#include "store/locators.hpp"
#include "store/log_rewrites.hpp"
#include "store/reads.hpp"
#include "store/store_core.hpp"

namespace foorumi::store {

class RedisChannelStore final : public ChannelStore {
   public:
    RedisChannelStore(boost::asio::io_context& context, Options options, Sinks sinks, Topology topology);

    void change(ChangeRequest request, Decide decide, std::function<void(ChangeOutcome)> done) override;
    void read_entities(std::string channel, std::vector<std::string> keys, ReadDone<EntitiesResult> done) override;
    void read_index(std::string channel, IndexRead read, ReadDone<IndexResult> done) override;
    void count_indexes(std::string channel, CountRead read, ReadDone<CountResult> done) override;
    void read_sync(std::string channel, SyncRead read, ReadDone<SyncResult> done) override;
    void open_sync(std::string channel, SyncRead read, OpenDone<SyncResult> done) override;
    void open_index(std::string channel, IndexRead read, OpenDone<IndexResult> done) override;
    void read_audit(std::uint16_t partition, AuditRead read, ReadDone<AuditResult> done) override;
    [[nodiscard]] bool remembers(std::string_view channel, const SyncRead& read) const override;
    void consumed(std::uint16_t partition, std::uint64_t position) override;
    void fence(Version directory_version, std::function<void(std::optional<Failure>)> done) override;
    void purge_feed(std::uint16_t partition, std::function<void(std::optional<Failure>)> done) override;
    void rewrite_log(std::function<void(std::optional<RewriteFailure>)> done) override;
    void publish(std::string_view channel, std::string bytes) override;
    void directory_changed() override;
    void resume_tails() override;
    [[nodiscard]] Figures figures() const override;
    void stop(std::function<void()> done) override;

   private:
    [[nodiscard]] std::string connection_name(std::string_view role) const;
    [[nodiscard]] RedisClientOptions client_options(std::string_view role, std::uint16_t partition) const;
    [[nodiscard]] RedisClientOptions ephemeral_options() const;
    [[nodiscard]] ScriptPipeline* pipeline_of(std::uint16_t partition);
    void pipeline_lost(const ScriptPipeline& pipeline);
    void add_partition(std::uint16_t number);
    [[nodiscard]] FeedTailHooks tail_hooks(Partition& partition);
    void gather(Partition& partition, std::function<void()> gathered, int turns);
    [[nodiscard]] bool is_wide(const Released& commit) const;
    void release(const std::shared_ptr<const Released>& commit);
    void unsure(Partition& partition);
    void began(Partition& partition);
    void replicated(Partition& partition, std::uint64_t position);
    void replicas_missing(Partition& partition);
    void missed(Partition& partition);
    [[nodiscard]] std::optional<ReleasedMark> remembered(std::uint16_t partition) const;
    void remember(std::uint16_t partition, const ReleasedMark& mark);
    void wait_for_answers(std::chrono::steady_clock::time_point until);
    void flush_consumed();
    void close();

    StoreCore core_;
    Locators locators_;
    Changes changes_;
    Reads reads_;
    Fences fences_;
    FeedPurges purges_;
    LogRewrites rewrites_;
    std::map<std::uint16_t, ConsumedMark> consumed_;
    std::unique_ptr<Ephemerals> ephemerals_;
    std::size_t flushing_ = 0;
    bool closed_ = false;
    bool writes_released_ = false;  // in a while
    std::function<void()> stopped_;
};

}  // namespace foorumi::store
