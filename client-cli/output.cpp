#include "output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace foorumi::client {
namespace {

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool Output::line(std::string_view text) {
    if (!broken_) broken_ = !write_all(STDOUT_FILENO, std::string(text) + '\n');
    return !broken_;
}

void Output::error(std::string_view text) { static_cast<void>(write_all(STDERR_FILENO, std::string(text) + '\n')); }

bool Output::colours() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
           std::string_view(term) != "dumb";
}

}  // namespace foorumi::client
