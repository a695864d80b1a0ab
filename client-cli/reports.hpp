// `report`, `appeal`, and the moderators' queue under `mod`.
#pragma once

#include "admin_program.hpp"

namespace foorumi::client {

class Reports final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;

    // By number or slug; refuses where there is none.
    void with_forum(std::function<void(std::uint64_t)> then);
    void act(std::uint64_t place, std::uint64_t member);
    void list(std::uint64_t after);
    void show_list();
    void read(std::uint32_t after);
    void show_report();

    std::uint64_t forum_ = 0;
    foorumi::v1::Reports found_;
    foorumi::v1::ReportDetails details_;
};

}  // namespace foorumi::client
