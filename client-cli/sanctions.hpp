// Sanctions: what moderators and administrators impose and lift, what there is of a member, and one's own.
#pragma once

#include <functional>

#include "admin_program.hpp"

namespace foorumi::client {

class Sanctions final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    void impose();
    void lift();
    // All of a member's; member 0: one's own.
    void read(std::uint64_t member, std::uint64_t after, std::function<void()> then);
    void show_all();
    // Tells what there is already, and asks; `then` where the answer is yes.
    void when_sure(std::function<void()> then);
    // `then` when the names of forums, and of those who acted, are known as far as they can be.
    void with_their_names(std::function<void()> then);
    [[nodiscard]] std::string line(const foorumi::v1::SanctionRecord& record);

    std::uint64_t member_ = 0;
    Registers forums_;
    foorumi::v1::Sanctions found_;
};

}  // namespace foorumi::client
