// `mod`: what moderators do to messages. What cannot be undone unseen is shown and asked first.
#pragma once

#include <string>
#include <vector>

#include "admin_program.hpp"

namespace foorumi::client {

class Moderation final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    void remove();
    void restore();
    void purge();
    // Shows the message as it is, and asks; `then` where the answer is yes.
    void when_sure(const std::string& question, std::function<void()> then);

    void read_earlier(std::uint32_t after);
    void show_earlier();

    // A member's messages of a range of time, one after the other: each is removed by itself, so that this may be
    // begun again wherever it ended.
    void find_threads(std::uint64_t before_activity);
    void find_messages(std::uint64_t after);
    void note_message(const foorumi::v1::Entity& entity);
    void show_found();
    void remove_next();
    void tell_removed();

    foorumi::v1::EarlierTexts earlier_;
    std::uint64_t member_ = 0;
    std::vector<std::uint64_t> threads_;
    std::vector<foorumi::v1::Entity> found_;
    std::size_t done_ = 0;
    std::size_t skipped_ = 0;  // deleted meanwhile
};

}  // namespace foorumi::client
