#include "auth/key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/throw_exception.hpp>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "auth/sodium.hpp"
#include "auth/token.hpp"
#include "net/unique_fd.hpp"

namespace foorumi::auth {
namespace {

using net::UniqueFd;

KeyFileError key_error(KeyFileErrc code, const std::filesystem::path& file, std::string_view problem) {
    return {code, "the key file " + file.string() + ' ' + std::string(problem)};
}

std::string system_message(int error) { return std::generic_category().message(error); }

// Nothing: the file may hold a key.
std::optional<KeyFileError> problem_of(int fd, const std::filesystem::path& file) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return key_error(KeyFileErrc::unreadable, file, "cannot be looked at");
    if (!S_ISREG(status.st_mode)) return key_error(KeyFileErrc::not_a_file, file, "is no regular file");
    if (status.st_uid != ::geteuid()) {
        return key_error(KeyFileErrc::wrong_owner, file, "does not belong to the user that the server runs as");
    }
    const auto mode = status.st_mode & 07777U;
    if (mode != 0600 && mode != 0400) {
        return key_error(KeyFileErrc::wrong_mode, file, "must have mode 0600, so that only the server can read it");
    }
    if (status.st_size != static_cast<off_t>(seal_key_bytes)) {
        return key_error(KeyFileErrc::wrong_length, file,
                         "must hold 32 bytes, and holds " + std::to_string(status.st_size));
    }
    return std::nullopt;
}

// These three return 0 or errno.
int write_whole(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? errno : EIO;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// A file of this name that did not exist, with a random key that is on the disk.
int write_new_key(const std::filesystem::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd || ::fchmod(fd.get(), 0600) != 0) return errno;  // the mode whatever the umask is
    const Secret key = random_key();
    if (const int error = write_whole(fd.get(), key.view()); error != 0) return error;
    return ::fsync(fd.get()) == 0 ? 0 : errno;
}

int sync_directory(const std::filesystem::path& file) {
    const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd && ::fsync(fd.get()) == 0 ? 0 : errno;
}

// 0, or errno. Where another was faster its file stays.
int create_key(const std::filesystem::path& file) {
    auto unfinished = file;
    unfinished += '.' + make_token().substr(0, 8);
    int error = write_new_key(unfinished);
    if (error == 0 && ::link(unfinished.c_str(), file.c_str()) != 0 && errno != EEXIST) error = errno;
    ::unlink(unfinished.c_str());
    return error == 0 ? sync_directory(file) : error;
}

}  // namespace

void throw_exception_from_error(const KeyFileError& error, const boost::source_location& where) {
    boost::throw_exception(std::logic_error("value of a key that was not loaded: " + error.text), where);
}

boost::system::result<Secret, KeyFileError> load_key(const std::filesystem::path& file) {
    // Without waiting, should it be a pipe.
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        const int error = errno;
        if (error == ENOENT) return key_error(KeyFileErrc::missing, file, "does not exist");
        if (error == ELOOP) return key_error(KeyFileErrc::unreadable, file, "is a symbolic link");
        return key_error(KeyFileErrc::unreadable, file, "cannot be read: " + system_message(error));
    }
    if (auto problem = problem_of(fd.get(), file)) return std::move(*problem);
    std::string bytes(seal_key_bytes, '\0');
    const auto size = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
    Secret key(std::move(bytes));
    if (size != static_cast<ssize_t>(seal_key_bytes)) {
        return key_error(KeyFileErrc::unreadable, file, "cannot be read whole");
    }
    return key;
}

boost::system::result<Secret, KeyFileError> load_or_create_key(const std::filesystem::path& file) {
    auto loaded = load_key(file);
    if (loaded || loaded.error().code != KeyFileErrc::missing) return loaded;
    require_sodium();
    if (const int error = create_key(file); error != 0) {
        return key_error(KeyFileErrc::unwritable, file, "cannot be made: " + system_message(error));
    }
    return load_key(file);
}

Secret random_key() {
    require_sodium();
    std::string random(seal_key_bytes, '\0');
    randombytes_buf(random.data(), random.size());
    return Secret(std::move(random));
}

}  // namespace foorumi::auth
