// Files that nobody else may read: tokens and invitations. Not followed through a symbolic link, made with mode 0600,
// and not read where somebody else could have.
//
// Thread: any, one at a time for one file.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "client/catalogue.hpp"

namespace foorumi::client {

enum class PrivateFileFault {
    system = 1,  // `error` tells it
    not_a_file,
    not_a_directory,
    foreign,    // of another user
    open_file,  // others may read or write it
    open_directory,
    too_long,
};

struct PrivateFileError {
    PrivateFileFault fault = PrivateFileFault::system;
    int error = 0;     // of errno
    std::string file;  // not yet fit for a terminal
};

template <class T>
using PrivateFileResult = boost::system::result<T, PrivateFileError>;

[[noreturn]] void throw_exception_from_error(const PrivateFileError& error, const boost::source_location& where);

// Fit for a terminal.
[[nodiscard]] std::string words_of(const PrivateFileError& error, const Catalogue& texts);

// At most `limit` bytes.
[[nodiscard]] PrivateFileResult<std::string> read_private(const std::string& path, std::size_t limit);

// Whole and on the disk, or as it was before.
[[nodiscard]] PrivateFileResult<void> replace_private(const std::string& path, std::string_view contents);

// A new one, on the disk; EEXIST where there is one.
[[nodiscard]] PrivateFileResult<void> create_private(const std::string& path, std::string_view contents);

// The user's own, with mode 0700, as are those above it that are missing.
[[nodiscard]] PrivateFileResult<void> make_private_directory(const std::string& path);
// ENOENT where it is missing.
[[nodiscard]] PrivateFileResult<void> check_private_directory(const std::string& path);

}  // namespace foorumi::client
