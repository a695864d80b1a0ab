// Immutable bytes shared by the outboxes of one worker: one encoded element of ServerFrame.items, tag and length
// included. Not thread-safe: every worker makes its own copy, so that counting references costs no atomic operation.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/frame_header.hpp"

namespace foorumi {

class SharedBytes : public boost::intrusive_ref_counter<SharedBytes, boost::thread_unsafe_counter> {
   public:
    // The first `header` bytes are the header of the frame that holds just this item.
    explicit SharedBytes(std::string bytes, std::size_t header = 0) : bytes_(std::move(bytes)), header_(header) {}

    [[nodiscard]] std::string_view view() const { return std::string_view(bytes_).substr(header_); }
    // The item as a whole frame; empty: it was made without a header.
    [[nodiscard]] std::string_view frame() const { return header_ == 0 ? std::string_view() : bytes_; }

   private:
    std::string bytes_;
    std::size_t header_;
};

using ItemRef = boost::intrusive_ptr<const SharedBytes>;

[[nodiscard]] inline ItemRef make_item(std::string bytes) { return ItemRef(new SharedBytes(std::move(bytes))); }

// For an item that goes to many: where it waits alone, it is written as it stands.
[[nodiscard]] inline ItemRef make_framed_item(std::string_view bytes) {
    std::array<std::uint8_t, longest_frame_header> header;
    const std::size_t size = write_frame_header(header, bytes.size());
    std::string framed;
    framed.reserve(size + bytes.size());
    framed.append(reinterpret_cast<const char*>(header.data()), size).append(bytes);
    return ItemRef(new SharedBytes(std::move(framed), size));
}

}  // namespace foorumi
