// The demo content and the register of municipalities, read from their files' text. Pure. config/demo.toml explains the
// format.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/snapshot.hpp"
#include "forum/access.hpp"

namespace foorumi::app {

struct DemoForum {
    forum::ForumCard card;
};
struct DemoRoom {
    std::string forum;  // slug
    forum::RoomCard card;
};
struct DemoMember {
    forum::MemberCard card;
    std::vector<std::string> moderates;  // forum slugs
    std::string room;                    // slug of the room its chat command opens
};
struct DemoReaction {
    std::string emoji;
    std::vector<std::string> members;
};
struct DemoMessage {
    std::string author;
    std::string text;
    std::optional<std::size_t> reply_to;  // index in the thread
    std::vector<DemoReaction> reactions;
};
struct DemoThread {
    std::string room;
    std::string title;
    std::string author;
    std::vector<DemoMessage> messages;
};
struct DemoContent {
    std::vector<DemoForum> forums;
    std::vector<DemoRoom> rooms;
    std::vector<DemoMember> members;
    std::vector<DemoThread> threads;
};

// Throws std::runtime_error with the place and the problem: the files are part of the program, so that is a bug.
[[nodiscard]] DemoContent parse_demo(std::string_view toml);
// code,name_fi,name_sv,population with a header line.
[[nodiscard]] std::vector<directory::MunicipalityCard> parse_municipalities(std::string_view csv);

}  // namespace foorumi::app
