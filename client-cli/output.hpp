// Standard output and standard error of the program, a line at a time.
#pragma once

#include <string_view>

namespace foorumi::client {

class Output {
   public:
    // The line, flushed at once. False: nobody reads standard output any more; further lines are dropped.
    bool line(std::string_view text);
    void error(std::string_view text);

    [[nodiscard]] bool broken() const { return broken_; }
    // Whether standard output is a terminal that may be sent our own colours (no NO_COLOR, no TERM=dumb).
    [[nodiscard]] static bool colours();

   private:
    bool broken_ = false;
};

}  // namespace foorumi::client
