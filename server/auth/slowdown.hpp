// Tries of many keys, each slowed down on its own: a pure state machine in bounded memory. Not thread-safe. Times are
// nanoseconds of a clock that never jumps.
//
// The first `tries` of a key cost nothing; then the wait before the next doubles with each one, up to the longest. One
// try is forgotten in each forget interval, so whoever goes on and on gets one try in that interval or in the longest
// wait, whichever is shorter.
//
// A full table forgets nobody who counts: a new key takes the place of the least charged one, and begins with what any
// that left has used up, as in the Space-Saving algorithm (Metwally, Agrawal, El Abbadi 2005). So no key ever waits
// shorter than its own tries ask for. Whoever fills the table makes keys that come anew begin with what the least
// charged of all have; to raise that by one try takes a try of every key in the table within a forget interval.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

namespace foorumi::auth {

struct Pace {
    std::uint32_t tries = 1;  // at once, after a pause
    std::int64_t delay_ns = 0;
    std::int64_t longest_delay_ns = 0;
    std::int64_t forget_ns = 1;
};

// What one key has used up.
class Spent {
   public:
    // 0: the next try may come. Else how long not.
    [[nodiscard]] std::int64_t wait_ns(std::int64_t now_ns) const;
    // Counts a try, whatever wait_ns() says.
    void charge(const Pace& pace, std::int64_t now_ns);
    // One try that was charged does not count after all.
    void give_back(const Pace& pace, std::int64_t now_ns);
    // At least what the other has used up as well.
    void raise_to(const Spent& other);
    // Until then something counts.
    [[nodiscard]] std::int64_t until_ns() const { return until_ns_; }

   private:
    std::int64_t until_ns_ = 0;  // as GCRA's theoretical arrival time: each try adds a forget interval
    std::int64_t next_ns_ = 0;   // the next try may come
};

class Slowdown {
   public:
    using Key = std::uint64_t;

    // REQUIRES: keys > 0.
    Slowdown(const Pace& pace, std::size_t keys) : pace_(pace), most_(keys) {}

    [[nodiscard]] std::int64_t wait_ns(Key key, std::int64_t now_ns) const { return spent(key).wait_ns(now_ns); }
    void charge(Key key, std::int64_t now_ns);
    // Of a key that has left the table nothing can be given back.
    void give_back(Key key, std::int64_t now_ns);
    // What the key has used up counts no more.
    void forget(Key key);

    [[nodiscard]] std::size_t size() const { return spent_.size(); }

   private:
    [[nodiscard]] Spent spent(Key key) const;
    void put(Key key, const Spent& value);

    Pace pace_;
    std::size_t most_;
    std::unordered_map<Key, Spent> spent_;
    std::set<std::pair<std::int64_t, Key>> order_;  // by until_ns(): the least charged key first
    Spent left_;                                    // at least what each key that has left had used up
};

}  // namespace foorumi::auth
