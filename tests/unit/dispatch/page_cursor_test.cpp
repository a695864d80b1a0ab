#include "dispatch/page_cursor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace foorumi::dispatch {
namespace {

RC_GTEST_PROP(PageCursorTest, OpensForWhomItWasClosedAlone, (std::uint64_t room, std::uint64_t since)) {
    const CursorCipher cipher, other;
    const PageCursor cursor{room, since};
    const auto closed = cipher.close(7, cursor);
    RC_ASSERT(cipher.open(7, closed) == cursor);
    RC_ASSERT(!(closed == cursor));
    RC_ASSERT(!(cipher.open(8, closed) == cursor));
    RC_ASSERT(!(other.open(7, closed) == cursor));
    RC_ASSERT(!(cipher.open(7, {closed.room ^ 1, closed.since}) == cursor));
}

TEST(PageCursorTest, NeighboursHaveNothingInCommon) {
    const CursorCipher cipher;
    const auto one = cipher.close(7, {3, 1000}), next = cipher.close(7, {3, 1001});
    EXPECT_NE(one.room, next.room);
    EXPECT_NE(one.since, next.since);
}

}  // namespace
}  // namespace foorumi::dispatch
