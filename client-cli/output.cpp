#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace foorumi::client {
namespace {

// 0, or the error that no waiting mends.
int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd writable{.fd = fd, .events = POLLOUT, .revents = 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

}  // namespace

bool Output::line(std::string_view text) {
    if (state_ != State::good) return false;
    if (make_room_) make_room_();
    const int error = write_all(STDOUT_FILENO, std::string(text) + '\n');
    if (error == 0) return true;
    state_ = error == EPIPE ? State::reader_gone : State::failed;
    why_ = std::generic_category().message(error);
    return false;
}

void Output::error(std::string_view text) {
    if (make_room_) make_room_();
    static_cast<void>(write_all(STDERR_FILENO, std::string(text) + '\n'));
}

bool Output::colours() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
           std::string_view(term) != "dumb";
}

}  // namespace foorumi::client
