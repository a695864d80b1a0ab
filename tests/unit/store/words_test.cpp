#include "store/words.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace foorumi::store {
namespace {

TEST(Words, KeepWhatWasAdded) {
    Words words{"EVALSHA", ""};
    words.add("a b");
    words.add({"{p01}:", "v:", "room:7"});
    words.add(std::string_view("\0\n", 2));
    words.add(std::size_t{0});
    words.add(std::numeric_limits<std::uint64_t>::max());
    words.add(std::numeric_limits<std::int64_t>::min());
    ASSERT_EQ(words.size(), 8U);
    EXPECT_EQ(words[0], "EVALSHA");
    EXPECT_EQ(words[1], "");
    EXPECT_EQ(words[2], "a b");
    EXPECT_EQ(words[3], "{p01}:v:room:7");
    EXPECT_EQ(words[4], std::string_view("\0\n", 2));
    EXPECT_EQ(words[5], "0");
    EXPECT_EQ(words[6], "18446744073709551615");
    EXPECT_EQ(words[7], "-9223372036854775808");
    EXPECT_EQ(Words().size(), 0U);
}

}  // namespace
}  // namespace foorumi::store
