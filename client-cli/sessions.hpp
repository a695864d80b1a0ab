// `sessions`: one's own sign-ins, and ending them.
#pragma once

#include "program.hpp"

namespace foorumi::client {

class Sessions final : public Program {
   public:
    using Program::Program;

   private:
    void begin() override;
    void show(const foorumi::v1::Sessions& sessions);
};

}  // namespace foorumi::client
