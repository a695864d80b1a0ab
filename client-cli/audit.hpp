// `audit`: the log of what administrators and contact persons do: read, checked, and its heads to be kept elsewhere.
#pragma once

#include <vector>

#include "client/audit_log.hpp"
#include "program.hpp"

namespace foorumi::client {

class Audit final : public Program {
   public:
    using Program::Program;

   private:
    struct Entry {
        std::uint32_t partition = 0;
        std::uint64_t number = 0;
        foorumi::v1::AuditRecord record;
    };

    void begin() override;
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }
    bool read_kept();
    void ask_page();
    void add(const foorumi::v1::AuditPage& page);
    void tell_partition();
    void end();
    void show_entries();
    [[nodiscard]] std::string member_text(std::uint64_t member);
    [[nodiscard]] std::string subject_text(const foorumi::v1::AuditRecord& record);

    std::vector<AuditHead> kept_;
    AuditCheck check_;
    std::vector<Entry> entries_;
    bool whole_ = true;
};

}  // namespace foorumi::client
