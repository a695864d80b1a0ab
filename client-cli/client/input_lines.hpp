// Lines of a file descriptor (terminal, pipe or file) for a program that lives on an io_context.
//
// Thread: reads on a thread of its own, since neither files nor a terminal shared with the shell can be used without
// blocking; the handler is called on the io_context. Bounded: the next block is read only after more().
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foorumi::client {

class InputLines {
   public:
    static constexpr std::size_t block_bytes = 64 * 1024;
    static constexpr std::size_t longest_line = 1024 * 1024;

    struct Block {
        std::vector<std::string> lines;  // without their line feeds; a last line without one counts
        bool end = false;                // nothing follows
        bool too_long = false;           // it ended because a line is longer than longest_line
    };
    using OnBlock = std::function<void(Block block)>;

    // Reading begins with the first more(). The descriptor stays the caller's.
    InputLines(boost::asio::io_context& io, int fd, OnBlock on_block);
    ~InputLines();  // after it, the handler is not called any more
    InputLines(const InputLines&) = delete;
    InputLines& operator=(const InputLines&) = delete;

    // Asks for one more block, which comes with at least one line unless it is the end.
    void more();

   private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace foorumi::client
