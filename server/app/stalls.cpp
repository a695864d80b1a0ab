#include "app/stalls.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace foorumi::app {
namespace {

constexpr int mebibyte = 1024 * 1024;

// mallopt(3): setting any of these fixes the others, which are at 128 KiB then.
constexpr int heap_step = 4 * mebibyte;
constexpr int trimmed_from = 8 * mebibyte;
constexpr int mapped_by_itself_from = 4 * mebibyte;

}  // namespace

std::size_t make_room_for_descriptors(std::size_t count) {
    rlimit limit{};
    if (count == 0 || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const auto room = std::min<rlim_t>(count, limit.rlim_cur);
    const int any = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (any < 0) return 0;
    const int last = ::fcntl(any, F_DUPFD_CLOEXEC, static_cast<int>(room) - 1);
    ::close(any);
    if (last < 0) return 0;
    ::close(last);
    return static_cast<std::size_t>(last) + 1;
}

void grow_heap_by_much() {
    static_cast<void>(::mallopt(M_TOP_PAD, heap_step));
    static_cast<void>(::mallopt(M_TRIM_THRESHOLD, trimmed_from));
    static_cast<void>(::mallopt(M_MMAP_THRESHOLD, mapped_by_itself_from));
}

void make_room_on_the_heap() {
    std::array<void*, 18> blocks{};
    // Or a compiler may leave out what nobody looks at.
    void* volatile seen = nullptr;
    for (auto& block : blocks) seen = block = std::malloc(3 * std::size_t{mebibyte});
    static_cast<void>(seen);
    for (auto* const block : blocks) std::free(block);
}

}  // namespace foorumi::app
