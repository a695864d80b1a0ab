#include "app/scrapes.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace foorumi::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ScrapesTest : public testing::Test {
   protected:
    void ask() {
        scrapes_.add([this](const std::optional<std::string>& page) { told_.push_back(page.value_or("late")); });
    }
    // The workers' answer to the gathering that is under way.
    void answer(const std::string& page) {
        const auto done = std::exchange(gathering_, nullptr);
        done(page);
    }
    // Until nobody waits any more.
    void run_to_the_end() {
        context_.restart();
        context_.run();
    }

    boost::asio::io_context context_;
    std::function<void(std::string)> gathering_;
    int begun_ = 0;
    std::vector<std::string> told_;
    Scrapes scrapes_{context_, std::chrono::milliseconds(1), [this](std::function<void(std::string)> done) {
                         ++begun_;
                         gathering_ = std::move(done);
                     }};
};

TEST_F(ScrapesTest, WhoComesMeanwhileGetsTheSamePage) {
    ask();
    ask();
    answer("page");
    EXPECT_THAT(told_, ElementsAre("page", "page"));
    EXPECT_EQ(begun_, 1);
    run_to_the_end();
    EXPECT_EQ(told_.size(), 2U);
}

TEST_F(ScrapesTest, EachLaterOneGetsAPageOfItsOwn) {
    ask();
    answer("first");
    ask();
    answer("second");
    EXPECT_THAT(told_, ElementsAre("first", "second"));
}

TEST_F(ScrapesTest, WithoutAnAnswerInTimeThereIsNone) {
    ask();
    ask();
    run_to_the_end();
    EXPECT_THAT(told_, ElementsAre("late", "late"));
}

TEST_F(ScrapesTest, AWorkerThatStandsStillIsAskedOnce) {
    for (int i = 0; i < 5; ++i) {
        ask();
        run_to_the_end();
    }
    EXPECT_EQ(begun_, 1);
    EXPECT_EQ(told_.size(), 5U);
}

TEST_F(ScrapesTest, OldCountsAreGivenToNobody) {
    ask();
    run_to_the_end();
    told_.clear();
    ask();
    answer("old");
    EXPECT_THAT(told_, IsEmpty());
    answer("new");
    EXPECT_THAT(told_, ElementsAre("new"));
    EXPECT_EQ(begun_, 2);
}

TEST_F(ScrapesTest, AnAnswerThatNobodyWaitsForEndsTheGathering) {
    ask();
    run_to_the_end();
    answer("old");
    ask();
    EXPECT_EQ(begun_, 2);
    answer("new");
    EXPECT_THAT(told_, ElementsAre("late", "new"));
}

}  // namespace
}  // namespace foorumi::app
