// Keeps in Redis up to where a partition's feed is consumed, lazily: what is done twice after a crash does no harm.
#pragma once

#include "store/store_core.hpp"

namespace foorumi::store {

class ConsumedMark {
   public:
    ConsumedMark(StoreCore& core, const Partition& partition) : core_(core), partition_(partition) {}

    void consumed(std::uint64_t position);
    // The feed ends here, before what was consumed.
    void rewind(std::uint64_t position) { position_ = written_ = position; }
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
    std::function<void()> flushed_;
};

}  // namespace foorumi::store
