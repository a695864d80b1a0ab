// Reports by what people call them, and what the commands on them ask for. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/arguments.hpp"
#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

// What members choose of: "harassment", "off_topic" and so on: the protocol's words in lower case.
[[nodiscard]] std::vector<std::string> category_words();
[[nodiscard]] std::optional<foorumi::v1::Report::Category> read_category(std::string_view word);
// The last part of a key in the catalogues, "other" for one of a later server.
[[nodiscard]] std::string category_word(int category);

// The channel that `follow` names as "moderation:FORUM"; nothing: it is a room. The answer is a view into `text`.
[[nodiscard]] std::optional<std::string_view> followed_queue(std::string_view text);

// What a command of reports asks for. `place`: of report and appeal the room, of the others the forum. `member`: the
// number of the one that is named. REQUIRES: is_report_verb(), and neither mod_queue nor mod_show.
[[nodiscard]] foorumi::v1::Request report_request(const Arguments& arguments, std::uint64_t place,
                                                  std::uint64_t member);

}  // namespace foorumi::client
