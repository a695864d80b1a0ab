// A PostMessage request, encoded once; for each post only its ids are written into it.
#pragma once

#include <random>
#include <string>

#include "foorumi/v1/protocol.pb.h"
#include "session.hpp"
#include "wire.hpp"

namespace foorumi::bench {

class PostFrame {
   public:
    PostFrame(std::uint64_t room, std::uint64_t thread, const std::string& text) : random_(std::random_device()()) {
        v1::Request request;
        request.set_id(0x7fffffff);  // a varint of five bytes, replaced below
        request.set_change_id(std::string(16, '#'));
        // Of all posts: a run is short, and far from the age at which changes are refused.
        request.set_made_at_ms(wall_ms());
        auto& post = *request.mutable_post_message();
        post.set_room(room);
        post.set_thread(thread);
        post.set_text(text);
        v1::ClientFrame frame;
        *frame.add_requests() = request;
        bytes_ = client_frame(frame.SerializeAsString());
        id_at_ = bytes_.find("\x08\xff\xff\xff\xff\x07") + 1;
        change_id_at_ = bytes_.find(std::string(16, '#'));
    }

    // The frame of the next post; valid until the next call.
    [[nodiscard]] const std::string& next() {
        write_padded_varint(bytes_.data() + id_at_, ++id_);
        for (std::size_t i = 0; i < 16; i += 8) {
            const std::uint64_t part = random_();
            std::memcpy(bytes_.data() + change_id_at_ + i, &part, 8);
        }
        return bytes_;
    }

   private:
    std::string bytes_;
    std::size_t id_at_ = 0;
    std::size_t change_id_at_ = 0;
    std::uint32_t id_ = 0;
    std::mt19937_64 random_;
};

}  // namespace foorumi::bench
