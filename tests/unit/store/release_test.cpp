#include "store/release.hpp"

#include <gmock/gmock.h>

namespace foorumi::store {
namespace {

using testing::ElementsAre;
using Fences = Release::Fences;

class ReleaseTest : public testing::Test {
   protected:
    Release::Ticket wait(std::uint64_t position, const std::string& name, Fences fences = Fences::hold) {
        return release.when(position, fences,
                            [this, name](bool released) { log.push_back(name + (released ? "" : "!")); });
    }
    Release release;
    std::vector<std::string> log;
};

TEST_F(ReleaseTest, CallsInTheOrderOfPositionsThenOfWaiting) {
    wait(2, "c");
    wait(1, "a");
    wait(1, "b");
    wait(3, "d");
    release.advance(2);
    EXPECT_THAT(log, ElementsAre("a", "b", "c"));
    wait(2, "at once");
    EXPECT_THAT(log, ElementsAre("a", "b", "c", "at once"));
    release.advance(1);
    EXPECT_EQ(release.position(), 2u);
}

TEST_F(ReleaseTest, NobodyIsCalledWhileTheFeedIsAway) {
    release.advance(2);
    wait(3, "fails");
    release.away();
    EXPECT_THAT(log, ElementsAre("fails!"));
    wait(2, "a");
    wait(3, "b");
    wait(9, "passes", Fences::pass);
    wait(9, "waits");
    release.advance(3);
    release.hold(true);
    EXPECT_THAT(log, ElementsAre("fails!"));
    release.back();
    EXPECT_THAT(log, ElementsAre("fails!", "a", "b", "passes"));
    release.advance(9);
    EXPECT_EQ(log.back(), "waits");
}

TEST_F(ReleaseTest, CancelledIsNotCalled) {
    const auto ticket = wait(1, "a");
    wait(1, "b");
    release.cancel(ticket);
    release.cancel({});
    release.advance(1);
    EXPECT_THAT(log, ElementsAre("b"));
}

TEST_F(ReleaseTest, FenceLetsOnlyThoseThroughThatPassFences) {
    wait(5, "holds");
    wait(5, "passes", Fences::pass);
    release.hold(true);
    EXPECT_THAT(log, ElementsAre("passes"));
    wait(6, "at once", Fences::pass);
    EXPECT_THAT(log, ElementsAre("passes", "at once"));
    release.hold(false);
    wait(6, "later", Fences::pass);
    release.advance(6);
    EXPECT_THAT(log, ElementsAre("passes", "at once", "holds", "later"));
}

TEST_F(ReleaseTest, RewindFailsAllThatWaitAndNoneThatTheyAdd) {
    release.advance(9);
    release.when(12, Fences::hold, [this](bool released) {
        EXPECT_FALSE(released);
        wait(5, "again");
    });
    wait(11, "a");
    wait(13, "b");
    release.rewind(4);
    EXPECT_THAT(log, ElementsAre("a!", "b!"));
    release.advance(5);
    EXPECT_THAT(log, ElementsAre("a!", "b!", "again"));
}

}  // namespace
}  // namespace foorumi::store
