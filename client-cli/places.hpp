// `mod room` and `admin forum`: what becomes of forums and rooms. An archiving is shown and asked first.
#pragma once

#include <cstdint>
#include <optional>

#include "admin_program.hpp"

namespace foorumi::client {

class Places final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    // The forum is known where the command names one.
    void begin_with(std::uint64_t forum);
    void create_forum();
    void create_room(std::uint64_t forum);
    void describe(std::uint64_t forum);
    void order(std::uint64_t forum);
    void set_archived(std::uint64_t forum, bool archived);
    // Shows the place as it is, and asks.
    void archive_room();
    void archive_forum(std::uint64_t forum);
};

}  // namespace foorumi::client
