// E-mail addresses, as far as the server must tell good ones from bad ones before it writes to them. Pure and
// thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "forum/decision.hpp"

namespace foorumi::names {

// Of RFC 5321, sections 4.5.3.1.1 to 4.5.3.1.3: a path has 256 octets with its angle brackets.
inline constexpr std::size_t email_bytes = 254;
inline constexpr std::size_t email_local_bytes = 64;
inline constexpr std::size_t domain_label_bytes = 63;

// An address in ASCII of the form dot-atom@domain (RFC 5322, section 3.4.1): no quoted local part, no comment, no
// address of a host by numbers, no control characters and no white space, so it may stand in a header as it is. The
// domain has at least two labels of letters, digits and inner hyphens, the last not only of digits; names of other
// letters come as "xn--". Reasons, of the field "email": email_too_long, email_invalid.
[[nodiscard]] forum::Result<void> check_email(std::string_view address);

// The address as it is kept and written to: the domain in lower case, the local part as it was given, since it is for
// its own server to read. REQUIRES: check_email() passes.
[[nodiscard]] std::string normal_email(std::string_view address);

// Two addresses are one person's where their keys are the same: all of it in lower case. REQUIRES: as normal_email().
[[nodiscard]] std::string email_key(std::string_view address);

}  // namespace foorumi::names
