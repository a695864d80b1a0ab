// Reads, and reads with a hand-over to the sink. Each is answered once its state is released, or at its deadline.
//
// Reads of the directory do not wait for what a fence holds: the fence waits for the directory that they bring.
#pragma once

#include <map>
#include <set>

#include "store/recent_changes.hpp"
#include "store/scripts.hpp"
#include "store/store_core.hpp"

namespace foorumi::store {

class Reads {
   public:
    explicit Reads(StoreCore& core) : core_(core), recent_(core.options.recent_bytes) {}

    void entities(std::string channel, std::vector<std::string> keys, ReadDone<EntitiesResult> done);
    void count(std::string channel, CountRead read, ReadDone<CountResult> done);
    void index(std::string channel, IndexRead read, OpenDone<IndexResult> done, bool hand_over);
    void audit(std::uint16_t partition, AuditRead read, ReadDone<AuditResult> done);
    void sync(std::string channel, SyncRead read, OpenDone<SyncResult> done, bool hand_over);

    // Whether nothing has to be read for it, as things are now.
    [[nodiscard]] bool remembered(std::string_view channel, const SyncRead& read) const;
    // Syncs that were answered without a read.
    [[nodiscard]] std::uint64_t from_memory() const { return from_memory_; }
    [[nodiscard]] std::size_t recent_bytes() const { return recent_.bytes(); }

    // A commit is about to go to the sink.
    void released(const std::shared_ptr<const Released>& commit);
    // Replicas are missing: what is asked of channels that nothing waits in is answered.
    void pass(const Partition& partition);
    // Commits of the partition were missed, or its feed was rewound: what was collected for hand-overs is incomplete.
    void start_over(const Partition& partition);
    // Answers all.
    void stop();

   private:
    using Later = std::vector<std::shared_ptr<const Released>>;
    // What a reply tells besides what was asked for.
    struct Kept {
        std::uint64_t position;  // of the feed
        Version version;         // of the channel
        Epoch epoch;             // of a hand-over
    };
    struct Request {
        std::uint64_t number = 0;
        std::string channel;
        Partition* partition = nullptr;
        bool hand_over = false;
        std::function<ScriptCall()> call;
        // Keeps the parsed reply.
        std::function<Kept(const Reply&)> keep;
        std::function<void(std::optional<Failure>, Later)> answer;
        // Of a hand-over: keeps what is remembered, if it is. Null: it has to be read.
        std::function<bool()> recall;

        std::uint64_t attempt = 0;
        std::uint64_t passed = 0;    // what the tail had handed over, or seen, when it was submitted
        std::uint64_t position = 0;  // of the reply that waits for its release
        Version version = 0;
        Epoch epoch = 0;
        Later later;
        Deadlines::Ticket deadline;
        Deadlines::Ticket next;  // where it has to be made again later
        ScriptPipeline::Ticket ticket;
        Release* waits_in = nullptr;
        Release::Ticket wait;
        std::multimap<std::string, std::shared_ptr<Request>>::iterator place;  // with hand_over: among hand_overs_
    };
    using RequestPtr = std::shared_ptr<Request>;

    template <class T, class Parse>
    void add(Partition* partition, std::string channel,
             std::function<ScriptCall(const RedisKeys&, std::string_view)> call, Parse parse, OpenDone<T> done,
             bool hand_over, std::function<std::optional<T>()> recall = nullptr);
    template <class T, class Parse>
    void add(std::string channel, std::function<ScriptCall(const RedisKeys&, std::string_view)> call, Parse parse,
             OpenDone<T> done, bool hand_over, std::function<std::optional<T>()> recall = nullptr);
    void begin(const RequestPtr& request);
    void submit(const RequestPtr& request);
    void recall(const RequestPtr& request);
    void recalled(const RequestPtr& request);
    void replied(const RequestPtr& request, const ScriptResult& result);
    [[nodiscard]] static bool fits_the_tail(const Request& request);
    static void look_again(const Request& request);
    void submit_later(const RequestPtr& request);
    void stop_waiting(const RequestPtr& request);
    void give_up(const RequestPtr& request, Failure failure);
    void answer(const RequestPtr& request, std::optional<Failure> failure);

    StoreCore& core_;
    std::set<RequestPtr, ByNumber<Request>> requests_;
    std::multimap<std::string, RequestPtr> hand_overs_;  // by channel
    RecentChanges recent_;                               // of all channels but the directory
    std::uint64_t from_memory_ = 0;
};

}  // namespace foorumi::store
