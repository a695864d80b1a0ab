#include "client/moderation_request.hpp"

#include <array>
#include <utility>

#include "client/standing_words.hpp"

namespace foorumi::client {

std::optional<foorumi::v1::ThreadState> read_state(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, foorumi::v1::ThreadState>, 5> states{
        {{"none", foorumi::v1::THREAD_STATE_NONE},
         {"open", foorumi::v1::THREAD_STATE_OPEN},
         {"helped", foorumi::v1::THREAD_STATE_HELPED},
         {"solved", foorumi::v1::THREAD_STATE_SOLVED},
         {"practice", foorumi::v1::THREAD_STATE_PRACTICE}}};
    for (const auto& [name, state] : states)
        if (name == word) return state;
    return std::nullopt;
}

foorumi::v1::Request moderation_request(const Arguments& arguments, std::uint64_t room) {
    const auto& asked = arguments.moderation;
    foorumi::v1::Request request;
    const auto aimed = [&](auto& command) -> auto& {
        command.set_room(room);
        command.set_thread(arguments.thread);
        return command;
    };
    switch (arguments.verb) {
        case Verb::mod_lock:
        case Verb::mod_unlock: {
            auto& lock = aimed(*request.mutable_lock_thread());
            lock.set_locked(arguments.verb == Verb::mod_lock);
            lock.set_reason(asked.reason);
            break;
        }
        case Verb::mod_pin: {
            auto& pin = aimed(*request.mutable_pin_thread());
            pin.set_until_ms(asked.until_ms);
            pin.set_announcement(asked.announcement);
            break;
        }
        case Verb::mod_unpin:
            aimed(*request.mutable_pin_thread()).set_unpin(true);
            break;
        case Verb::mod_state:
            aimed(*request.mutable_set_thread_state())
                .set_state(read_state(asked.state).value_or(foorumi::v1::THREAD_STATE_NONE));
            break;
        case Verb::mod_restrict: {
            auto& restriction = aimed(*request.mutable_restrict_thread());
            restriction.set_slow_mode_s(asked.slow_s);
            for (const auto& word : asked.write)
                restriction.add_write(read_role(word).value_or(foorumi::v1::ROLE_UNSPECIFIED));
            break;
        }
        case Verb::mod_tag: {
            auto& tagged = aimed(*request.mutable_tag_thread());
            for (const auto& tag : asked.tags) tagged.add_tags(tag);
            break;
        }
        case Verb::mod_rename:
            aimed(*request.mutable_rename_thread()).set_title(arguments.title);
            break;
        default:
            break;
    }
    return request;
}

}  // namespace foorumi::client
