#include <algorithm>
#include <numeric>

#include "forum/rule_parts.hpp"
#include "forum/text.hpp"

namespace foorumi::forum {

using namespace parts;

namespace {

std::size_t member_count(const Reactions& all) {
    return std::accumulate(all.reactions.begin(), all.reactions.end(), std::size_t{0},
                           [](std::size_t sum, const Reaction& reaction) { return sum + reaction.members.size(); });
}

auto find_emoji(Reactions& all, std::string_view emoji) {
    return std::find_if(all.reactions.begin(), all.reactions.end(),
                        [emoji](const Reaction& reaction) { return reaction.emoji == emoji; });
}

// False: it was there already.
Result<bool> add(Reactions& all, const std::string& emoji, Id member, const ContentLimits& limits) {
    const auto found = find_emoji(all, emoji);
    const bool is_new = found == all.reactions.end();
    if (!is_new && std::find(found->members.begin(), found->members.end(), member) != found->members.end())
        return false;
    if (is_new && all.reactions.size() >= limits.reactions) {
        return refusal(ErrorCode::limited, "too_many_reactions", "emoji");
    }
    if (member_count(all) >= limits.reaction_members) {
        return refusal(ErrorCode::limited, "too_many_reaction_members", "emoji");
    }
    if (is_new) {
        all.reactions.push_back({emoji, {member}});
    } else {
        found->members.push_back(member);
    }
    return true;
}

// False: it was not there.
bool remove(Reactions& all, std::string_view emoji, Id member) {
    const auto found = find_emoji(all, emoji);
    if (found == all.reactions.end()) return false;
    if (std::erase(found->members, member) == 0) return false;
    if (found->members.empty()) all.reactions.erase(found);
    return true;
}

}  // namespace

Result<void> check(const Actor& actor, const React& command) {
    if (auto emoji = check_emoji(command.emoji, actor.limits.emoji_bytes); !emoji) return emoji;
    if (auto room = writable_room(actor, command.room); !room) return room.error();
    return {};
}

std::vector<std::string> needs(const Actor&, const React& command) {
    return {std::string(room_key), thread_key(command.thread), message_key(command.message),
            reactions_key(command.message)};
}

Result<Decision> decide(const Actor& actor, const React& command, const View& view) {
    const Place place(view, command.thread);
    const Seen<Message> message(view, message_key(command.message));
    const Seen<Reactions> present(view, reactions_key(command.message));
    Refusal no_message = refusal(ErrorCode::not_found, "message_not_found", "message");
    if (auto exists = place.exists(); !exists)
        return exists.error().reason == "thread_not_found" ? no_message : exists.error();
    if (message.value() == nullptr || message.value()->thread != command.thread) return no_message;
    if (auto open = place.open(actor, command.room); !open) return open.error();
    if (message.value()->deleted != 0) return refusal(ErrorCode::forbidden, "message_deleted", "message");

    Reactions all = present.value() == nullptr ? Reactions{} : *present.value();
    const Id member = actor.member.id;
    const auto changed = command.remove ? Result<bool>(remove(all, command.emoji, member))
                                        : add(all, command.emoji, member, actor.limits);
    if (!changed) return changed.error();
    if (!*changed) return Decision{};

    Decision decision;
    place.expect(decision);
    decision.expectations.push_back(message.expectation());
    decision.expectations.push_back(present.expectation());
    decision.writes = {{present.key, all.reactions.empty() ? Entity{} : Entity{std::move(all)}}};
    return decision;
}

}  // namespace foorumi::forum
