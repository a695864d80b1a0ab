// `post ROOM THREAD -` and `start ROOM TITLE -`: every line of standard input is a message.
//
// Lines are sent side by side, in their order, each with its own change id; every outcome is printed in the order of
// the lines. With `start` the first line opens the thread, and the others follow when that is done. The time limit
// counts from the last outcome.
#pragma once

#include <optional>

#include "client/input_lines.hpp"
#include "client/line_log.hpp"
#include "program.hpp"

namespace foorumi::client {

class LinePoster final : public Program {
   public:
    explicit LinePoster(const Environment& environment);

   private:
    void begin() override;
    void on_time_limit() override;
    void on_output_end() override;
    [[nodiscard]] std::optional<double> default_time_limit() const override;

    void on_block(InputLines::Block block);
    void post(std::string text);
    void send(Request request);
    void on_answer(std::uint64_t line, const Answer& answer);
    void tell(const PostedLine& line);
    void tell_open();
    // Reads on, or ends when everything is done.
    void proceed();

    InputLines input_;
    LineLog log_;
    std::vector<std::string> waiting_;  // behind the start of the thread
    std::uint64_t thread_ = 0;          // 0: not started yet
    std::uint64_t line_ = 0;            // the last one read
    bool reading_ = false;
    bool input_ended_ = false;
    bool starting_ = false;
    bool any_refused_ = false;
    bool any_unknown_ = false;
    bool output_ended_ = false;
};

}  // namespace foorumi::client
