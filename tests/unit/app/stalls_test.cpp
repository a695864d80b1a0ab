#include "app/stalls.hpp"

#include <gmock/gmock.h>
#include <malloc.h>
#include <sys/resource.h>

#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

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
    const auto wanted = 2 * length_of_table() + 1;
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

// As many blocks as the heap has no room for yet, twice over a step: how often it grew.
TEST(Stalls, HeapGrowsInLargeSteps) {
    if (::mallinfo2().arena == 0) GTEST_SKIP() << "another allocator, as under sanitizers";
    grow_heaps_by_much();
    constexpr std::size_t block = 64 * 1024;
    constexpr std::size_t step = 4 * 1024 * 1024;
    std::vector<std::unique_ptr<char[]>> blocks;
    int grown = 0;
    const auto wanted = ::mallinfo2().fordblks + 2 * step;
    for (std::size_t taken = 0; taken < wanted; taken += block) {
        const auto before = ::mallinfo2().arena;
        blocks.push_back(std::make_unique<char[]>(block));
        grown += ::mallinfo2().arena != before ? 1 : 0;
    }
    EXPECT_THAT(grown, testing::AllOf(testing::Ge(1), testing::Le(3)));
}

}  // namespace
}  // namespace foorumi::app
