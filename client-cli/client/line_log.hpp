// Brings the outcomes of lines that were posted side by side into the order of the input. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "client/request_queue.hpp"

namespace foorumi::client {

struct PostedLine {
    std::uint64_t line = 0;  // in the input, from 1; empty lines count, though they are not posted
    std::string change_id;
    std::optional<Answer> answer;  // nothing yet
};

class LineLog {
   public:
    // Lines come in ascending order.
    void posted(std::uint64_t line, std::string change_id) {
        lines_.push_back({.line = line, .change_id = std::move(change_id), .answer = {}});
    }

    // Those that can be told now: the answered ones that no unanswered one stands before.
    [[nodiscard]] std::vector<PostedLine> answered(std::uint64_t line, const Answer& answer) {
        for (auto& entry : lines_) {
            if (entry.line == line) entry.answer = answer;
        }
        std::vector<PostedLine> out;
        while (!lines_.empty() && lines_.front().answer) {
            out.push_back(std::move(lines_.front()));
            lines_.pop_front();
        }
        return out;
    }

    // What is still to be told, in order; answered ones among them were held back.
    [[nodiscard]] const std::deque<PostedLine>& open() const { return lines_; }

   private:
    std::deque<PostedLine> lines_;
};

}  // namespace foorumi::client
