// What happened in a simulation, as a hash, and as text for who wants to read it. Not thread-safe.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace foorumi::core {

using Time = std::chrono::steady_clock::time_point;

class Trace {
   public:
    explicit Trace(bool readable) : readable_(readable) {}

    template <class... Arguments>
    void tell(Time now, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        line_.clear();
        fmt::format_to(std::back_inserter(line_), "{:>12} ", now.time_since_epoch().count() / 1'000);
        fmt::format_to(std::back_inserter(line_), text, std::forward<Arguments>(arguments)...);
        for (const char c : line_) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        if (readable_) fmt::print("{}\n", printable());
    }

    [[nodiscard]] std::uint64_t hash() const { return hash_; }

   private:
    [[nodiscard]] std::string printable() const {
        auto text = line_;
        for (char& c : text) {
            if (c < ' ' || c > '~') c = '.';
        }
        return text;
    }

    bool readable_;
    std::string line_;
    std::uint64_t hash_ = 0xcbf29ce484222325;  // FNV-1a
};

}  // namespace foorumi::core
