// libsodium, made ready. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace foorumi::auth {

// Everything in this folder that calls libsodium calls this first. Throws where the system has no random source.
void require_sodium();

// The text's bytes, as libsodium wants them. Valid as long as the text is.
[[nodiscard]] inline std::span<const unsigned char> bytes_of(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace foorumi::auth
