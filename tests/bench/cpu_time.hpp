// CPU time of processes, from the scheduler's own accounts (/proc/PID/task/*/schedstat, nanoseconds).
#pragma once

#include <sys/types.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace foorumi::bench {

// Of all living threads of these processes.
[[nodiscard]] inline double cpu_seconds(const std::vector<pid_t>& processes) {
    double nanoseconds = 0;
    for (const pid_t pid : processes) {
        std::error_code gone;
        const auto tasks = std::filesystem::path("/proc") / std::to_string(pid) / "task";
        for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
            double on_cpu = 0;
            std::ifstream(task.path() / "schedstat") >> on_cpu;
            nanoseconds += on_cpu;
        }
    }
    return nanoseconds / 1e9;
}

[[nodiscard]] inline double own_cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace foorumi::bench
