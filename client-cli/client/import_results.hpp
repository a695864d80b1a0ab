// The file that tells what became of each person of an import: comma-separated values, a line for each. Pure.
//
// An invitation stands in it before it is sent. So an import that was interrupted goes on with the same invitations,
// and the server takes each of them once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "names/import_rows.hpp"

namespace foorumi::client {

struct ImportResult {
    std::size_t line = 0;  // of the file that was imported last
    std::string name;
    std::string email;
    std::string handle;
    std::string invitation;  // the token; empty where the server refused it
    std::string result;      // "open": perhaps sent; "invited"; else the reason of the refusal
    friend bool operator==(const ImportResult&, const ImportResult&) = default;

    [[nodiscard]] bool invited() const { return result == "invited"; }
};

class ImportResults {
   public:
    // Nothing: no file of this form.
    [[nodiscard]] static std::optional<ImportResults> read(std::string_view text);
    // A field that a spreadsheet would take for a formula begins with an apostrophe, which read() takes away.
    [[nodiscard]] std::string write() const;

    // That of this person, by their address: a new one is open, has no invitation yet, and the first handle of their
    // name that nobody else here has. Valid until the next call.
    [[nodiscard]] ImportResult& of(const names::ImportRow& row);
    // Another handle, since the present one is taken. False: there are no more.
    [[nodiscard]] bool next_handle(ImportResult& result);

    [[nodiscard]] const std::vector<ImportResult>& all() const { return all_; }

   private:
    [[nodiscard]] std::string free_handle(const std::string& name);

    std::vector<ImportResult> all_;
    std::map<std::string, std::size_t, std::less<>> places_;  // in it, by the key of the address
    std::set<std::string> handles_;                           // that somebody here has, or that were taken
};

}  // namespace foorumi::client
