// The key that small secrets are sealed with (seal.hpp), in a file outside Redis: 32 raw bytes, of mode 0600 or 0400,
// that belongs to the user that the server runs as. Blocks on the disk, so it belongs to the start. Free functions,
// thread-safe.
//
// A key that is lost is lost with all that it sealed: the file needs a backup, apart from that of Redis.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "auth/secret.hpp"

namespace foorumi::auth {

inline constexpr std::size_t seal_key_bytes = 32;

enum class KeyFileErrc : std::uint8_t {
    missing,
    unreadable,  // also: a symbolic link
    not_a_file,  // a directory, a pipe, a device
    wrong_owner,
    wrong_mode,
    wrong_length,
    unwritable,  // a new one cannot be made
};

struct KeyFileError {
    KeyFileErrc code = KeyFileErrc::missing;
    std::string text;  // a sentence for people, with the file's name
};

[[noreturn]] void throw_exception_from_error(const KeyFileError& error, const boost::source_location& where);

[[nodiscard]] boost::system::result<Secret, KeyFileError> load_key(const std::filesystem::path& file);

[[nodiscard]] Secret random_key();

// Makes a random key where there is no file: whole and on the disk, or not at all. Of several that do so at once all
// get the same key. REQUIRES: nothing has been sealed with the key that is missing.
[[nodiscard]] boost::system::result<Secret, KeyFileError> load_or_create_key(const std::filesystem::path& file);

}  // namespace foorumi::auth
