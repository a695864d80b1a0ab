// Foorumi's own protocol, as far as the load needs it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "dialect.hpp"
#include "post_frame.hpp"
#include "session.hpp"
#include "wire.hpp"

namespace foorumi::bench {

// Calls back for each Change of a ServerFrame; responses that are errors throw.
inline void read_changes(std::string_view payload, const OnVersion& delivered) {
    for (Fields items(payload); items.next();) {
        Fields item(items.bytes());
        if (!item.next()) continue;
        if (item.tag() == change_tag) {
            delivered(change_version(item.bytes()));
        } else if (item.tag() == response_tag) {
            for (Fields response(item.bytes()); response.next();) {
                if (response.tag() == error_tag) throw std::runtime_error("a post was refused");
            }
        }
    }
}

[[nodiscard]] inline Dialect foorumi_dialect(const Room& room, std::size_t text_size) {
    Dialect dialect;
    auto post = std::make_shared<PostFrame>(room.id, room.thread, std::string(text_size, 'x'));
    dialect.post = [post](std::uint64_t) { return std::string_view(post->next()); };
    dialect.read = read_changes;
    dialect.answer = [](std::string_view payload) { read_changes(payload, [](std::uint64_t) {}); };
    return dialect;
}

}  // namespace foorumi::bench
