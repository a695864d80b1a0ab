#include "client/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "client/change_id.hpp"
#include "client/display.hpp"

namespace foorumi::client {
namespace {

constexpr mode_t others = 077;

class Descriptor {
   public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool good() const { return fd_ >= 0; }

   private:
    int fd_;
};

PrivateFileError system_error_of(const std::string& path, int error = errno) {
    return {.fault = PrivateFileFault::system, .error = error, .file = path};
}

PrivateFileResult<void> check_own(const Descriptor& open, const std::string& path, bool directory) {
    struct stat status{};
    if (::fstat(open.get(), &status) != 0) return system_error_of(path);
    const auto fault = [&path](PrivateFileFault what) {
        return PrivateFileError{.fault = what, .error = 0, .file = path};
    };
    if (!directory && !S_ISREG(status.st_mode)) return fault(PrivateFileFault::not_a_file);
    if (status.st_uid != ::geteuid()) return fault(PrivateFileFault::foreign);
    if ((status.st_mode & others) != 0)
        return fault(directory ? PrivateFileFault::open_directory : PrivateFileFault::open_file);
    return {};
}

// 0, or of errno.
int write_through(const Descriptor& file, std::string_view bytes) {
    if (::fchmod(file.get(), 0600) != 0) return errno;
    while (!bytes.empty()) {
        const auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file.get()) == 0 ? 0 : errno;
}

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

int sync_directory(const std::string& path) {
    const Descriptor directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory.good() && ::fsync(directory.get()) == 0 ? 0 : errno;
}

std::string_view fault_key_of(PrivateFileFault fault) {
    switch (fault) {
        case PrivateFileFault::system:
            break;
        case PrivateFileFault::not_a_file:
            return "private_file.not_a_file";
        case PrivateFileFault::not_a_directory:
            return "private_file.not_a_directory";
        case PrivateFileFault::foreign:
            return "private_file.foreign";
        case PrivateFileFault::open_file:
            return "private_file.open_file";
        case PrivateFileFault::open_directory:
            return "private_file.open_directory";
        case PrivateFileFault::too_long:
            return "private_file.too_long";
    }
    return "private_file.system";
}

}  // namespace

void throw_exception_from_error(const PrivateFileError& error, const boost::source_location& /*where*/) {
    throw std::logic_error("the contents of a file that could not be read: " + error.file);
}

std::string words_of(const PrivateFileError& error, const Catalogue& texts) {
    return texts.text(fault_key_of(error.fault), {{"file", visible(error.file, Lines::one)},
                                                  {"why", std::generic_category().message(error.error)}});
}

PrivateFileResult<std::string> read_private(const std::string& path, std::size_t limit) {
    // Opening a pipe would wait for somebody who writes.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file.good()) {
        if (errno == ELOOP) return PrivateFileError{.fault = PrivateFileFault::not_a_file, .error = 0, .file = path};
        return system_error_of(path);
    }
    if (const auto own = check_own(file, path, false); own.has_error()) return own.error();
    std::string contents(limit + 1, '\0');
    std::size_t size = 0;
    while (size < contents.size()) {
        const auto got = ::read(file.get(), contents.data() + size, contents.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error_of(path);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > limit) return PrivateFileError{.fault = PrivateFileFault::too_long, .error = 0, .file = path};
    contents.resize(size);
    return contents;
}

PrivateFileResult<void> replace_private(const std::string& path, std::string_view contents) {
    const std::string next = path + '.' + to_hex(new_change_id()) + ".new";
    int error = 0;
    {
        const Descriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file.good()) return system_error_of(path);
        error = write_through(file, contents);
    }
    if (error == 0 && ::rename(next.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) ::unlink(next.c_str());
    if (error == 0) error = sync_directory(path);
    if (error != 0) return system_error_of(path, error);
    return {};
}

PrivateFileResult<void> create_private(const std::string& path, std::string_view contents) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.good()) return system_error_of(path);
    int error = write_through(file, contents);
    if (error == 0) error = sync_directory(path);
    if (error == 0) return {};
    ::unlink(path.c_str());
    return system_error_of(path, error);
}

PrivateFileResult<void> make_private_directory(const std::string& path) {
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return system_error_of(part);
        if (slash == std::string::npos) break;
    }
    return check_private_directory(path);
}

PrivateFileResult<void> check_private_directory(const std::string& path) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory.good()) return check_own(directory, path, true);
    if (errno != ENOTDIR && errno != ELOOP) return system_error_of(path);
    return PrivateFileError{.fault = PrivateFileFault::not_a_directory, .error = 0, .file = path};
}

}  // namespace foorumi::client
