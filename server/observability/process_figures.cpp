#include "observability/process_figures.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace foorumi::observability {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double seconds_of(clockid_t clock) {
    timespec time{};
    if (::clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Field 22 of /proc/self/stat (proc(5)), in ticks since the machine has started. Behind the second field, a name in
// parentheses in which anything may stand, come those from the third on.
double started_after_boot() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field) fields >> skipped;
    double ticks = 0;
    fields >> ticks;
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t count_open_fds() {
    std::error_code error;
    const std::filesystem::directory_iterator all("/proc/self/fd", error);
    if (error) return 0;
    std::uint64_t count = 0;
    for (auto at = all; !error && at != std::filesystem::directory_iterator(); at.increment(error)) ++count;
    return count > 0 ? count - 1 : 0;  // without the one that this was read with
}

}  // namespace

ProcessFigures process_figures() {
    ProcessFigures figures;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        figures.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    }
    std::uint64_t pages = 0;
    std::uint64_t resident_pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident_pages;
    const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    figures.virtual_bytes = pages * page_bytes;
    figures.resident_bytes = resident_pages * page_bytes;
    figures.open_fds = count_open_fds();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.max_fds = limit.rlim_cur;
    // Once: another value would look like another start.
    static const double started = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) + started_after_boot();
    figures.start_seconds = started;
    return figures;
}

}  // namespace foorumi::observability
