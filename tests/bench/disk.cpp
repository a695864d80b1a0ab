#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include "measure.hpp"

namespace foorumi::bench {

SyncTimes sync_times(const std::filesystem::path& directory, std::size_t count, std::chrono::milliseconds interval) {
    const WorkDirectory work(directory);
    const int fd = ::open((work.path() / "sync").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) throw std::system_error(errno, std::system_category(), "open");
    const std::string block(512, 'x');
    std::vector<double> times;
    auto next = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
        std::this_thread::sleep_until(next);
        next += interval;
        const auto start = std::chrono::steady_clock::now();
        const bool good = ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size());
        if (!good || ::fdatasync(fd) != 0) throw std::system_error(errno, std::system_category(), "fdatasync");
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    ::close(fd);
    return {percentile(times, 0.5), percentile(times, 0.99)};
}

double percentile(std::vector<double> values, double part) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

}  // namespace foorumi::bench
