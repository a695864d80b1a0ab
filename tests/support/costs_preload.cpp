// Preloaded into a foorumid under test: counts the allocations and system calls of all its threads in the file that
// FOORUMI_COSTS names, eight bytes for each counter in the order of Counter. It counts from outside what the server
// asks the C library for, so that no counter of the server's own is believed. glibc only; not for use with sanitizers,
// which bring an allocator of their own.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

enum Counter : std::uint8_t { allocations, writes_to_sockets, other_calls, counters };

std::atomic<std::uint64_t> until_mapped[counters];
std::atomic<std::uint64_t>* counts = until_mapped;

void count(Counter counter) { counts[counter].fetch_add(1, std::memory_order_relaxed); }

// Before main. The child that the server starts must not be counted: it has another allocator, too.
[[gnu::constructor]] void map_counters() {
    ::unsetenv("LD_PRELOAD");
    const char* path = std::getenv("FOORUMI_COSTS");
    if (path == nullptr) return;
    const int fd = ::open(path, O_RDWR | O_CLOEXEC);
    void* const mapped = ::mmap(nullptr, sizeof until_mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (mapped != MAP_FAILED) counts = static_cast<std::atomic<std::uint64_t>*>(mapped);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);                           // NOLINT: glibc's names
void* __libc_calloc(std::size_t n, std::size_t size);            // NOLINT
void* __libc_realloc(void* old, std::size_t size);               // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT

void* malloc(std::size_t size) {
    count(allocations);
    return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
    count(allocations);
    return __libc_calloc(n, size);
}
void* realloc(void* old, std::size_t size) {
    count(allocations);
    return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    count(allocations);
    return __libc_memalign(alignment, size);
}

ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
    count(writes_to_sockets);
    return ::syscall(SYS_sendto, fd, bytes, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
    count(writes_to_sockets);
    return ::syscall(SYS_sendmsg, fd, message, flags);
}
ssize_t recv(int fd, void* bytes, std::size_t size, int flags) {
    count(other_calls);
    return ::syscall(SYS_recvfrom, fd, bytes, size, flags, nullptr, nullptr);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
    count(other_calls);
    return ::syscall(SYS_recvmsg, fd, message, flags);
}
ssize_t read(int fd, void* bytes, std::size_t size) {
    count(other_calls);
    return ::syscall(SYS_read, fd, bytes, size);
}
ssize_t write(int fd, const void* bytes, std::size_t size) {
    count(other_calls);
    return ::syscall(SYS_write, fd, bytes, size);
}
int epoll_wait(int fd, epoll_event* events, int most, int timeout) {
    count(other_calls);
    return static_cast<int>(::syscall(SYS_epoll_pwait, fd, events, most, timeout, nullptr, 8));
}
int epoll_ctl(int fd, int operation, int target, epoll_event* event) noexcept {
    count(other_calls);
    return static_cast<int>(::syscall(SYS_epoll_ctl, fd, operation, target, event));
}
int timerfd_settime(int fd, int flags, const itimerspec* time, itimerspec* old) noexcept {
    count(other_calls);
    return static_cast<int>(::syscall(SYS_timerfd_settime, fd, flags, time, old));
}

}  // extern "C"
