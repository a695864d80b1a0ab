// Immutable bytes shared by the outboxes of one worker: one encoded element of ServerFrame.items, tag and length
// included. Not thread-safe: every worker makes its own copy, so that counting references costs no atomic operation.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace foorumi {

class SharedBytes : public boost::intrusive_ref_counter<SharedBytes, boost::thread_unsafe_counter> {
   public:
    explicit SharedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] std::string_view view() const { return bytes_; }

   private:
    std::string bytes_;
};

using ItemRef = boost::intrusive_ptr<const SharedBytes>;

[[nodiscard]] inline ItemRef make_item(std::string bytes) { return ItemRef(new SharedBytes(std::move(bytes))); }

}  // namespace foorumi
