// `mod mark`, `mod unmark` and `mod export`: what is done for the records.
#pragma once

#include <functional>

#include "admin_program.hpp"
#include "client/manifest.hpp"
#include "client/records.hpp"

namespace foorumi::client {

class RecordKeeping final : public AdminProgram {
   public:
    explicit RecordKeeping(const Environment& environment);

   private:
    void begin() override;
    void on_refused(const Answer& answer) override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    void mark();
    // `then` when the room is found among those that one may read, and all names are known.
    void with_room(std::function<void()> then);
    [[nodiscard]] std::string readers() const;

    void begin_export();
    void export_page();
    void add_page(const foorumi::v1::RecordsPage& page);
    void write_export();
    [[nodiscard]] Heading heading() const;
    [[nodiscard]] ExportFacts facts() const;
    [[nodiscard]] bool write(const std::vector<RecordsFile>& files);

    foorumi::v1::Rooms::Room room_;
    Records records_;
    foorumi::v1::RecordsPage last_;  // without its entities
    int begun_ = 0;                  // how often
};

// `mod verify-export`: needs no server.
[[nodiscard]] Exit verify_export(const Arguments& arguments, const Catalogue& texts);

}  // namespace foorumi::client
