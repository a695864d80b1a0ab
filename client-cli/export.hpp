// `me export`: everything of one's own as one JSON object: the account, the sign-ins, sanctions, what one has
// written and reported, and what the member's channel keeps (read marks, drafts, followed threads, the inbox).
#pragma once

#include <string>

#include "program.hpp"

namespace foorumi::client {

class Export final : public Program {
   public:
    using Program::Program;

   private:
    void begin() override;
    void on_synced(const foorumi::v1::Synced& synced) override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }
    void ask_sessions();
    void ask_sanctions(std::uint64_t after);
    void ask_own(std::uint64_t room, std::uint64_t since);
    void end();

    static void add(std::string& list, const std::string& json) { list += (list.empty() ? "" : ",\n") + json; }

    std::string account_;
    std::string sessions_, sanctions_, written_, reports_, kept_;  // the elements of arrays
};

}  // namespace foorumi::client
