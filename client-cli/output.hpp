// Standard output and standard error of the program, a line at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace foorumi::client {

class Output {
   public:
    enum class State {
        good,
        reader_gone,  // nobody reads standard output any more
        failed,       // it cannot be written, as on a full disk
    };

    // The line, written at once; waits for a slow reader even where the descriptor is in non-blocking mode. False:
    // standard output takes nothing more; further lines are dropped.
    bool line(std::string_view text);
    void error(std::string_view text);

    [[nodiscard]] State state() const { return state_; }
    // Of State::failed: the system's word for it.
    [[nodiscard]] const std::string& why() const { return why_; }

    // Called before each write, so that what stands on the terminal's last line can make room.
    void make_room_with(std::function<void()> make_room) { make_room_ = std::move(make_room); }

    // Whether standard output is a terminal that may be sent our own colours (no NO_COLOR, no TERM=dumb).
    [[nodiscard]] static bool colours();

   private:
    State state_ = State::good;
    std::string why_;
    std::function<void()> make_room_;
};

}  // namespace foorumi::client
