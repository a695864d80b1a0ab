// The server's municipalities, council terms and forums, found by what people call them. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "client/arguments.hpp"
#include "client/standing_words.hpp"
#include "foorumi/v1/protocol.pb.h"
#include "names/import_register.hpp"

namespace foorumi::client {

// A refusal of the client's own, with the reasons of the server.
struct Unknown {
    Unknown() = default;
    Unknown(std::string_view why, std::string_view where) : reason(why), field(where) {}
    std::string reason;
    std::string field;
    [[nodiscard]] foorumi::v1::Error error() const;
};

template <class T>
using Found = boost::system::result<T, Unknown>;

[[noreturn]] void throw_exception_from_error(const Unknown& unknown, const boost::source_location& where);

class Registers {
   public:
    void add(const foorumi::v1::Terms& terms);
    void add(const foorumi::v1::Municipalities& municipalities);
    void add(const foorumi::v1::Forums& forums);

    // By number or name; empty: 0.
    [[nodiscard]] Found<std::uint64_t> term(std::string_view text, std::string_view field) const;
    // By code or name; empty: empty.
    [[nodiscard]] Found<std::string> municipality(std::string_view text, std::string_view field) const;
    // By number or slug.
    [[nodiscard]] Found<std::uint64_t> forum(std::string_view text, std::string_view field) const;

    [[nodiscard]] Found<foorumi::v1::Position> position(const PositionWords& words) const;
    [[nodiscard]] Found<foorumi::v1::Standing> standing(const StandingArguments& asked) const;
    [[nodiscard]] Found<foorumi::v1::Audience> audience(const AudienceArguments& asked) const;

    // "#3" where it is not known.
    [[nodiscard]] std::string name_of_term(std::uint64_t term) const;
    [[nodiscard]] std::string name_of_forum(std::uint64_t forum) const;
    // The code where it is not known.
    [[nodiscard]] std::string name_of_municipality(const std::string& code, std::string_view language) const;

    [[nodiscard]] const foorumi::v1::Municipalities& municipalities() const { return all_; }
    [[nodiscard]] const names::NamedRegister& names() const { return names_; }

   private:
    names::NamedRegister names_;
    std::map<std::uint64_t, std::string> terms_;
    std::map<std::uint64_t, std::string> forums_;                                      // slugs
    std::map<std::string, foorumi::v1::Municipalities::Municipality> municipalities_;  // by code
    foorumi::v1::Municipalities all_;
};

}  // namespace foorumi::client
