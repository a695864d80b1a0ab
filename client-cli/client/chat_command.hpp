// What a line typed into a chat means. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foorumi::client {

struct ChatCommand {
    enum class Kind {
        nothing,  // an empty line
        say,      // text for the open thread
        threads,
        open,     // id
        start,    // text: the title; body: the first message, empty where it is to be asked for
        reply,    // id, text
        react,    // id, text: the emoji
        unreact,  // id, text: the emoji
        edit,     // id, text
        remove,   // id
        read,
        who,
        help,
        quit,
        unknown,     // text: the word
        incomplete,  // text: the word, whose number or text is missing
    };
    Kind kind = Kind::nothing;
    std::uint64_t id = 0;
    std::string text;
    std::string body = {};
    friend bool operator==(const ChatCommand&, const ChatCommand&) = default;
};

// "/reply 57 Hyvä!", "/start Title | First message"; anything without a slash is said, and "//x" says "/x". A number
// may have '#' before it.
[[nodiscard]] ChatCommand parse_chat_command(std::string_view line);

}  // namespace foorumi::client
