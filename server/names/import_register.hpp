// Where an import finds municipalities and terms.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "forum/entities.hpp"

namespace foorumi::names {

// Asked with names in the form of lookup_form(). Nothing: there is none, or more than one.
class ImportRegister {
   public:
    virtual ~ImportRegister() = default;
    // By three-digit code, or by name in Finnish or Swedish: the code.
    [[nodiscard]] virtual std::optional<std::string> municipality(std::string_view code_or_name) const = 0;
    [[nodiscard]] virtual std::optional<forum::Id> term(std::string_view name) const = 0;
};

// One made once for an import. Thread-safe to share when const.
class NamedRegister final : public ImportRegister {
   public:
    void add_municipality(std::string_view code, std::string_view name_fi, std::string_view name_sv);
    void add_term(forum::Id id, std::string_view name);

    [[nodiscard]] std::optional<std::string> municipality(std::string_view code_or_name) const override;
    [[nodiscard]] std::optional<forum::Id> term(std::string_view name) const override;

   private:
    std::map<std::string, std::optional<std::string>, std::less<>> municipalities_;  // nothing: of several
    std::map<std::string, std::optional<forum::Id>, std::less<>> terms_;
};

}  // namespace foorumi::names
