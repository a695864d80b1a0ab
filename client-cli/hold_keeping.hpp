// `mod hold`, `mod release`, `mod holds` and `mod retention`: what is kept from being deleted, and what is not.
#pragma once

#include <functional>
#include <vector>

#include "admin_program.hpp"

namespace foorumi::client {

class HoldKeeping final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    void hold(bool held);

    void list(std::uint64_t forum, std::uint64_t after);
    void show_holds();

    // What a retention would delete is counted and asked about; what a longer one, or none, would not.
    void set_retention();
    void find_old_threads(std::uint64_t before_activity);
    void count_old(std::uint64_t after);
    void ask_about_old();

    foorumi::v1::Holds holds_;
    std::vector<std::uint64_t> threads_;
    std::int64_t before_ms_ = 0;
    std::size_t old_ = 0;
};

}  // namespace foorumi::client
