// Bytes that are wiped when their owner goes, such as a password on its way to be hashed. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace foorumi::auth {

class Secret {
   public:
    Secret() = default;
    // Takes the text over: what is left in `text` is wiped.
    explicit Secret(std::string&& text);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret() { wipe(); }

    // Valid until this is moved from or destroyed.
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

   private:
    void wipe();

    // Not a std::string: a short one is copied when it is moved, and what it leaves behind is not wiped.
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

// Overwrites all that the text has memory for, and leaves it empty.
void wipe(std::string& text);

}  // namespace foorumi::auth
