// Preloaded into a process whose wall clock is to be set while it runs: FOORUMI_CLOCK names a file of 8 bytes, how many
// nanoseconds the clock is ahead (native byte order, signed). Monotonic clocks go on as ever. (libfaketime would do the
// same, but Redis' allocator hangs with it.)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t nanoseconds = 1'000'000'000;

const volatile std::int64_t* ahead_by = nullptr;  // shared with whoever sets it

// Before main, and without allocating: the process may bring an allocator that asks for the time.
__attribute__((constructor)) void open_clock() {
    const char* path = std::getenv("FOORUMI_CLOCK");
    const int file = path != nullptr ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) {
        return;
    }
    void* mapped = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) {
        ahead_by = static_cast<std::int64_t*>(mapped);
    }
}

timespec now(clockid_t clock) {
    timespec time{};
    syscall(SYS_clock_gettime, clock, &time);
    if (ahead_by != nullptr && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        const auto total = time.tv_sec * nanoseconds + time.tv_nsec + *ahead_by;
        time = {.tv_sec = total / nanoseconds, .tv_nsec = total % nanoseconds};
    }
    return time;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
    *out = now(clock);
    return 0;
}

int gettimeofday(timeval* out, void* /*zone*/) noexcept {
    const auto time = now(CLOCK_REALTIME);
    *out = {.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec / 1000};
    return 0;
}

time_t time(time_t* out) noexcept {
    const auto seconds = now(CLOCK_REALTIME).tv_sec;
    if (out != nullptr) {
        *out = seconds;
    }
    return seconds;
}
}
