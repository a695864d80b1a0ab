#include "entrance/account_name.hpp"

#include "names/email.hpp"

namespace foorumi::entrance {

AccountName account_name(std::string_view typed) {
    constexpr std::string_view white = " \t\r\n";
    const auto begin = typed.find_first_not_of(white);
    if (begin == std::string_view::npos) return {};
    typed = typed.substr(begin, typed.find_last_not_of(white) - begin + 1);
    if (typed.front() == '@') typed.remove_prefix(1);
    AccountName name;
    name.text = names::email_key(typed);
    if (typed.find('@') != std::string_view::npos) name.kind = membership::NameKind::email;
    return name;
}

}  // namespace foorumi::entrance
