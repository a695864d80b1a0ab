// Immutable bytes shared by the outboxes of one worker: one encoded element of ServerFrame.items, tag and length
// included, or several of them one behind another. Not thread-safe: every worker makes its own copy, so that counting
// references costs no atomic operation.
#pragma once

#include <array>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/frame_header.hpp"

namespace foorumi {

class SharedBytes : public boost::intrusive_ref_counter<SharedBytes, boost::thread_unsafe_counter> {
   public:
    // The first `header` bytes are the header of the frame that holds just this.
    explicit SharedBytes(std::string bytes, std::uint32_t header = 0, std::uint32_t items = 1)
        : bytes_(std::move(bytes)), header_(header), items_(items) {}

    [[nodiscard]] std::string_view view() const { return std::string_view(bytes_).substr(header_); }
    // How many there are in it.
    [[nodiscard]] std::uint32_t items() const { return items_; }
    // As a whole frame; empty: it was made without a header.
    [[nodiscard]] std::string_view frame() const { return header_ == 0 ? std::string_view() : bytes_; }

   private:
    std::string bytes_;
    std::uint32_t header_;
    std::uint32_t items_;
};

using ItemRef = boost::intrusive_ptr<const SharedBytes>;

[[nodiscard]] inline ItemRef make_item(std::string bytes) { return ItemRef(new SharedBytes(std::move(bytes))); }

// For what goes to many: where it waits alone, it is written as it stands.
[[nodiscard]] inline ItemRef make_framed_item(std::string_view bytes, std::uint32_t items = 1) {
    std::array<std::uint8_t, longest_frame_header> header;
    const std::uint32_t size = write_frame_header(header, bytes.size());
    std::string framed;
    framed.reserve(size + bytes.size());
    framed.append(reinterpret_cast<const char*>(header.data()), size).append(bytes);
    return ItemRef(new SharedBytes(std::move(framed), size, items));
}

}  // namespace foorumi
