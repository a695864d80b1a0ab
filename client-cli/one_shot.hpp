// The commands that ask or change one thing and end.
#pragma once

#include "program.hpp"

namespace foorumi::client {

class OneShot final : public Program {
   public:
    using Program::Program;

    void on_synced(const foorumi::v1::Synced& synced) override;

   private:
    void begin() override;
    void begin_reading();
    void on_refused(const Answer& answer) override;

    void list_rooms();
    void list_threads();
    void read_history();
    void read_members();
    void show_draft();
    void mark_read();
    void type();

    [[nodiscard]] Request changing() const;
    void commit(Request request);
    // With --json the whole message as one line, else what `render` prints; then the end.
    void answer(const google::protobuf::Message& message, const std::function<void()>& render);
    void print_history(const foorumi::v1::History& history);
    [[nodiscard]] std::string committed_text(const foorumi::v1::Committed& committed) const;

    foorumi::v1::Entity draft_;
    foorumi::v1::Place moved_;  // where what was asked for is now; no thread: where it was
};

}  // namespace foorumi::client
