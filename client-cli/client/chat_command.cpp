#include "client/chat_command.hpp"

#include <algorithm>
#include <array>

#include "client/entity_key.hpp"

namespace foorumi::client {
namespace {

using Kind = ChatCommand::Kind;

struct Word {
    std::string_view word;
    Kind kind;
    bool number;
    bool text;
};

constexpr std::array chat_words{
    Word{"threads", Kind::threads, false, false}, Word{"open", Kind::open, true, false},
    Word{"start", Kind::start, false, true},      Word{"reply", Kind::reply, true, true},
    Word{"react", Kind::react, true, true},       Word{"unreact", Kind::unreact, true, true},
    Word{"edit", Kind::edit, true, true},         Word{"delete", Kind::remove, true, false},
    Word{"read", Kind::read, false, false},       Word{"who", Kind::who, false, false},
    Word{"help", Kind::help, false, false},       Word{"quit", Kind::quit, false, false},
};

std::string_view without_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Takes the first word off the text.
std::string_view take_word(std::string_view& text) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text = without_blanks(text.substr(end));
    return word;
}

}  // namespace

ChatCommand parse_chat_command(std::string_view line) {
    std::string_view rest = without_blanks(line);
    if (rest.empty()) return {};
    if (rest.front() != '/') return {.kind = Kind::say, .id = 0, .text = std::string(rest), .body = {}};
    rest.remove_prefix(1);
    if (rest.starts_with('/')) return {.kind = Kind::say, .id = 0, .text = std::string(rest), .body = {}};
    const std::string_view name = take_word(rest);
    const auto* word = std::ranges::find(chat_words, name, &Word::word);
    if (word == chat_words.end()) return {.kind = Kind::unknown, .id = 0, .text = '/' + std::string(name), .body = {}};
    ChatCommand command{.kind = word->kind, .id = 0, .text = {}, .body = {}};
    ChatCommand incomplete{.kind = Kind::incomplete, .id = 0, .text = '/' + std::string(name), .body = {}};
    if (word->number) {
        std::string_view number = take_word(rest);
        if (number.starts_with('#')) number.remove_prefix(1);
        const auto id = parse_id(number);
        if (!id) return incomplete;
        command.id = *id;
    }
    if (word->text && rest.empty()) return incomplete;
    if (word->text) command.text = rest;
    if (command.kind == Kind::start) {
        const auto bar = std::min(rest.find('|'), rest.size());
        command.text = without_blanks(rest.substr(0, bar));
        command.body = bar < rest.size() ? without_blanks(rest.substr(bar + 1)) : "";
        if (command.text.empty()) return incomplete;
    }
    return command;
}

}  // namespace foorumi::client
