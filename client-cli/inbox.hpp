// `inbox`: mentions and replies, with the titles of rooms and threads as far as few requests tell them.
#pragma once

#include <set>
#include <utility>

#include "program.hpp"

namespace foorumi::client {

class Inbox final : public Program {
   public:
    using Program::Program;

   private:
    void begin() override;

    void read_room_titles();
    void read_thread_titles();
    void show();

    foorumi::v1::Inbox inbox_;
    std::vector<std::uint64_t> rooms_to_ask_;
    std::map<std::uint64_t, std::string> rooms_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> threads_;  // by room and thread
};

}  // namespace foorumi::client
