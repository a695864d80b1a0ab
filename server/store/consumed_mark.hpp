// Keeps in Redis up to where a partition's feed is consumed, lazily: what is done twice after a crash does no harm.
#pragma once

#include "store/store_core.hpp"

namespace foorumi::store {

class ConsumedMark {
   public:
    ConsumedMark(StoreCore& core, const Partition& partition) : core_(core), partition_(partition) {}

    void consumed(std::uint64_t position);
    // The feed ends before what was consumed, and is consumed up to here. What was said before is not sent any more.
    void rewind(std::uint64_t position);
    // Writes what is not written yet; `done` is called once nothing is under way.
    void flush(std::function<void()> done);

   private:
    void write();
    void written();

    StoreCore& core_;
    const Partition& partition_;
    std::uint64_t position_ = 0;
    std::uint64_t written_ = 0;  // sent, at least
    bool waiting_ = false;       // for the delay
    bool under_way_ = false;
    ScriptPipeline::Ticket ticket_;
    std::function<void()> flushed_;
};

}  // namespace foorumi::store
