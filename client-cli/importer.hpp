// `admin import`: an invitation for each person of a file.
//
// What is to be sent stands in the result file before it is sent, so that nobody gets two invitations, and no
// invitation is lost, whenever this ends. The time limit counts from the last answer.
#pragma once

#include "admin_program.hpp"
#include "client/import_people.hpp"
#include "client/import_results.hpp"

namespace foorumi::client {

class Importer final : public AdminProgram {
   public:
    using AdminProgram::AdminProgram;

   private:
    void begin() override;
    void on_finish() override;

    void import(const std::string& contents);
    void tell_errors();
    // False, and ended: it cannot be read.
    [[nodiscard]] bool read_results();
    // False, and ended: it cannot be written.
    [[nodiscard]] bool save();
    // Everybody who is not invited yet gets an invitation, in the file only.
    void prepare();
    void show_plan();

    void send_next();
    void send(const ImportPerson& person);
    void on_answer(const ImportPerson& person, const Answer& answer);
    // Whether the others are tried as well.
    [[nodiscard]] bool concerns_one(const foorumi::v1::Error& error) const;
    void tell_end();
    void tell_person(const ImportResult& result, std::string_view outcome);

    [[nodiscard]] std::string results_path() const;

    ImportPeople read_;
    ImportResults results_;
    std::size_t next_ = 0;
    std::size_t unsaved_ = 0;
    bool sending_ = false;
};

}  // namespace foorumi::client
