#include "session/connection_book.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace foorumi::session {
namespace {

TEST(ConnectionBook, PlacesUnderAndAtTheLimitAndNoneOverIt) {
    ConnectionBook book;
    std::vector<ConnectionBook::Place> places;
    for (int n = 0; n < 3; ++n) {
        places.push_back(book.take(7, 3));
        EXPECT_TRUE(places.back()) << n;
    }
    EXPECT_FALSE(book.take(7, 3));
    EXPECT_TRUE(book.take(8, 3)) << "another member";
}

TEST(ConnectionBook, PlaceIsFreeAgainOnceItsConnectionIsGone) {
    ConnectionBook book;
    auto first = book.take(7, 1);
    EXPECT_FALSE(book.take(7, 1));
    first = {};
    EXPECT_TRUE(book.take(7, 1));
}

TEST(ConnectionBook, PlaceThatMovesIsOnePlace) {
    ConnectionBook book;
    auto first = book.take(7, 2);
    ConnectionBook::Place moved(std::move(first));
    ConnectionBook::Place assigned;
    assigned = std::move(moved);
    EXPECT_TRUE(assigned);
    const auto second = book.take(7, 2);
    EXPECT_TRUE(second);
    EXPECT_FALSE(book.take(7, 2));
}

TEST(ConnectionBook, MembersWithoutConnectionsAreForgotten) {
    ConnectionBook book;
    for (std::uint64_t member = 1; member <= 1'000; ++member) {
        EXPECT_TRUE(book.take(member, 1));
        EXPECT_FALSE(book.take(member, 0));
    }
    EXPECT_EQ(book.size(), 0U);
}

}  // namespace
}  // namespace foorumi::session
