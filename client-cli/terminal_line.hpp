// The line that is being typed on a terminal: what arrives meanwhile makes it step aside and come back whole.
//
// Thread: everything happens on the io_context's one thread. The terminal's modes are set back by close() and by the
// destructor. REQUIRES: possible(); a locale in UTF-8 (LC_CTYPE).
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

namespace foorumi::client {

class TerminalLine {
   public:
    struct Events {
        std::function<void(std::string line)> line;  // without control characters other than tabs
        std::function<void()> typed;                 // something was typed that is no command ('/')
        std::function<void()> end;                   // Ctrl-D on an empty line, or the terminal has gone
    };

    // Standard input and standard output are a terminal that can move its cursor.
    [[nodiscard]] static bool possible();

    TerminalLine(boost::asio::io_context& io, Events events);
    ~TerminalLine();
    TerminalLine(const TerminalLine&) = delete;
    TerminalLine& operator=(const TerminalLine&) = delete;

    // Shows the prompt and begins to read.
    void start();
    // Takes the line off the screen for what is printed now; it comes back in the next turn of the loop.
    void make_room();
    // Takes the line off the screen and sets the terminal's modes back. No event comes after it.
    void close();
    // As a shell expects it of Ctrl-Z: gives the terminal back, stops, and goes on.
    void suspend();
    // The terminal has another size.
    void resize();

   private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace foorumi::client
