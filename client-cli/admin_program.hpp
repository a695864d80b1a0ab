// What the commands of `admin` share: the server's registers, members by handle, changes.
#pragma once

#include <functional>
#include <string>

#include "client/registers.hpp"
#include "program.hpp"

namespace foorumi::client {

class AdminProgram : public Program {
   public:
    using Program::Program;

   protected:
    // `then` when terms, municipalities and forums are known.
    void with_registers(std::function<void()> then);
    // By number or handle ("@" before one of digits only); refuses where there is none.
    void with_member(const std::string& who, std::function<void(std::uint64_t)> then);
    // Changes, tells, ends.
    void commit(Request request);

    [[nodiscard]] const Registers& registers() const { return registers_; }
    [[nodiscard]] std::uint32_t page() const { return welcome().limits().page(); }
    // Ends. With --json the whole as one line, else a table.
    void show(const google::protobuf::Message& message, const std::vector<std::vector<std::string>>& rows);

   private:
    void read_municipalities(std::string after, std::function<void()> then);

    Registers registers_;
};

// What opens an invitation, and by what the server knows it.
struct InvitationToken {
    std::string token;  // never begins with '-', which a spreadsheet would take for a formula
    std::string hash;
};
[[nodiscard]] InvitationToken new_invitation_token();

}  // namespace foorumi::client
