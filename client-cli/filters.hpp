// `mod filter` and `mod held`: what texts are compared with, and what waits to be approved; `me held`: what waits of
// one's own.
#pragma once

#include "admin_program.hpp"

namespace foorumi::client {

class Filters final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;

    // By number or slug, 0 for everywhere; refuses where there is none.
    void with_forum(std::function<void()> then);
    void set();
    void lift();
    void list(std::uint64_t after);
    void show_list();
    // Those that wait, up to the end; then calls `then`.
    void read_held(std::uint64_t after, std::function<void()> then);
    void show_held();
    void approve();
    void reject();
    void when_sure(std::function<void()> then);

    std::uint64_t forum_ = 0;
    foorumi::v1::Filters filters_;
    foorumi::v1::HeldMessages held_;
};

}  // namespace foorumi::client
