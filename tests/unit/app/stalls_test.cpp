#include "app/stalls.hpp"

#include <gmock/gmock.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <thread>

namespace foorumi::app {
namespace {

// For how many descriptors this process' table is long enough (proc(5)).
std::size_t length_of_table() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::size_t length = 0;
        if (word == "FDSize:" && status >> length) return length;
    }
    return 0;
}

TEST(Stalls, TableOfDescriptorsIsLongEnoughBeforeTheyAreThere) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const auto wanted = std::min<std::size_t>(2 * length_of_table() + 1, limit.rlim_cur);
    EXPECT_EQ(make_room_for_descriptors(wanted), wanted);
    EXPECT_GE(length_of_table(), wanted);
}

TEST(Stalls, TableOfDescriptorsIsNoLongerThanTheProcessMayUse) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit less = before;
    less.rlim_cur = 300;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &less), 0);
    EXPECT_EQ(make_room_for_descriptors(299), 299u);
    EXPECT_EQ(make_room_for_descriptors(300), 300u);
    EXPECT_EQ(make_room_for_descriptors(301), 300u);
    EXPECT_EQ(make_room_for_descriptors(std::numeric_limits<std::size_t>::max()), 300u);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Stalls, NothingIsAskedForWhereNoneAreWanted) { EXPECT_EQ(make_room_for_descriptors(0), 0u); }

// How many bytes are writable from this address on, in one mapping.
std::size_t writable_from(const void* address) {
    std::ifstream maps("/proc/self/maps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        std::array<char, 5> rights{};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights.data()) != 3) continue;
        if (begin <= wanted && wanted < end) return rights[1] == 'w' ? end - wanted : 0;
    }
    return 0;
}

// What is writable on the heap of a thread that has just begun.
std::size_t room_of_a_thread(bool made) {
    std::size_t room = 0;
    std::thread([&] {
        if (made) make_room_on_the_heap();
        const auto first = std::make_unique<char[]>(64);
        room = writable_from(first.get());
    }).join();
    return room;
}

TEST(Stalls, HeapOfAThreadIsUsableBeforeItIsUsed) {
    if (::mallinfo2().arena == 0) GTEST_SKIP() << "another allocator, as under sanitizers";
    constexpr std::size_t much = 40 * 1024 * 1024;
    grow_heap_by_much();
    EXPECT_LT(room_of_a_thread(false), much);
    EXPECT_GT(room_of_a_thread(true), much);
}

}  // namespace
}  // namespace foorumi::app
