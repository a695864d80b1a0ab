#include "net/admission.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <vector>

namespace foorumi::net {
namespace {

class AdmissionTest : public testing::Test {
   protected:
    void enter(int count) {
        for (int i = 0; i < count; ++i)
            admission->enter([this, number = next_++] {
                let_in.push_back(number);
                return true;
            });
    }
    // How many are let in by one handler of the loop.
    std::size_t turn() {
        const auto before = let_in.size();
        context.restart();
        context.poll_one();
        return let_in.size() - before;
    }

    boost::asio::io_context context{1};
    std::unique_ptr<Admission> admission = std::make_unique<Admission>(context, 4);
    std::vector<int> let_in;

   private:
    int next_ = 0;
};

TEST_F(AdmissionTest, SoManyGoInATurnAndTheOthersInTheNext) {
    for (const int count : {3, 4, 5}) {
        enter(count);
        EXPECT_TRUE(let_in.empty());
        EXPECT_EQ(turn(), static_cast<std::size_t>(std::min(count, 4)));
        EXPECT_EQ(admission->waiting(), count > 4 ? 1U : 0U);
        EXPECT_EQ(turn(), count > 4 ? 1U : 0U);
        EXPECT_EQ(turn(), 0U);
        EXPECT_TRUE(std::ranges::is_sorted(let_in));
        let_in.clear();
    }
}

TEST_F(AdmissionTest, WhoComesMeanwhileGoesLast) {
    admission->enter([&] {
        let_in.push_back(0);
        enter(5);
        return true;
    });
    EXPECT_EQ(turn(), 4U);
    enter(1);
    EXPECT_EQ(turn(), 3U);
    EXPECT_EQ(let_in, (std::vector{0, 0, 1, 2, 3, 4, 5}));
}

TEST_F(AdmissionTest, WhoHasEndedTakesNobodysPlace) {
    for (int i = 0; i < 100; ++i) admission->enter([] { return false; });
    enter(5);
    EXPECT_EQ(turn(), 4U);
    EXPECT_EQ(admission->waiting(), 1U);
}

TEST_F(AdmissionTest, WhatIsReadyByThenGoesFirst) {
    boost::asio::posix::stream_descriptor ready(context, ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    std::vector<std::size_t> let_in_by_then;
    ready.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [&](auto) { let_in_by_then.push_back(let_in.size()); });
    const std::uint64_t one = 1;
    admission->enter([&] { return ::write(ready.native_handle(), &one, sizeof one) == sizeof one; });
    enter(40);
    context.run();
    EXPECT_EQ(let_in.size(), 40U);
    ASSERT_EQ(let_in_by_then.size(), 1U);
    EXPECT_LE(let_in_by_then.front(), 7U) << "not in the turn in which it became ready, nor before the next";
}

TEST_F(AdmissionTest, WhoWaitsWhenItIsGoneIsNotLetIn) {
    const auto held = std::make_shared<int>();
    admission->enter([held] {
        ADD_FAILURE();
        return true;
    });
    EXPECT_EQ(held.use_count(), 2);
    admission.reset();
    EXPECT_EQ(held.use_count(), 1);
    context.run();
}

TEST_F(AdmissionTest, MayBeGoneAfterTheFirst) {
    admission->enter([this] {
        admission.reset();
        return true;
    });
    enter(2);
    context.run();
    EXPECT_TRUE(let_in.empty());
}

}  // namespace
}  // namespace foorumi::net
