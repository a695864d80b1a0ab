#include "net/flush_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace foorumi::net {
namespace {

struct Counting final : Flushable {
    void flush() override {
        ++flushes;
        if (then) then();
    }
    int flushes = 0;
    std::function<void()> then;
};

TEST(FlushList, ManyAdditionsOfOneTurnAreOneFlush) {
    boost::asio::io_context context;
    FlushList list(context);
    Counting a, b;
    for (int i = 0; i < 3; ++i) {
        list.add(a);
        list.add(b);
    }
    EXPECT_EQ(a.flushes, 0);
    EXPECT_EQ(context.run(), 1U);  // one handler was posted
    EXPECT_EQ(a.flushes, 1);
    EXPECT_EQ(b.flushes, 1);
}

TEST(FlushList, WhatIsReadyInTheSameTurnIsWaitedFor) {
    boost::asio::io_context context;
    FlushList list(context);
    Counting a;
    int added = 0;
    a.then = [&] { EXPECT_EQ(added, 2); };
    for (int i = 0; i < 2; ++i) {
        boost::asio::post(context, [&] {
            ++added;
            list.add(a);
        });
    }
    context.run();
    EXPECT_EQ(a.flushes, 1);
}

TEST(FlushList, OneDestroyedInTheMidstOfAFlushIsSafe) {
    boost::asio::io_context context;
    FlushList list(context);
    Counting a;
    auto b = std::make_unique<Counting>();
    list.add(a);
    list.add(*b);
    a.then = [&] { b.reset(); };
    context.run();
    EXPECT_EQ(a.flushes, 1);
}

TEST(FlushList, WorkerHearsOthersBetweenTheSlicesOfVeryMany) {
    boost::asio::io_context context;
    FlushList list(context);
    std::vector<Counting> many(2 * flush_slice + 1);
    std::size_t flushed = 0;
    for (auto& one : many) {
        one.then = [&] { ++flushed; };
        list.add(one);
    }
    std::vector<std::size_t> heard;  // how many were flushed by then
    std::function<void()> listen = [&] {
        heard.push_back(flushed);
        if (flushed < many.size()) boost::asio::post(context, listen);
    };
    boost::asio::post(context, listen);
    context.run();
    EXPECT_THAT(heard, testing::ElementsAre(flush_slice, 2 * flush_slice, 2 * flush_slice + 1));
    for (const auto& one : many) EXPECT_EQ(one.flushes, 1);
}

TEST(FlushList, OneThatLeavesMayComeBackToItsEnd) {
    boost::asio::io_context context;
    FlushList list(context);
    Counting a, b, c;
    std::vector<char> order;
    a.then = [&] { order.push_back('a'); };
    b.then = [&] { order.push_back('b'); };
    c.then = [&] {
        order.push_back('c');
        if (order.size() > 3) return;
        list.add(c);
        list.add(b);
        FlushList::remove(c);
    };
    for (auto* one : {&a, &b, &c}) list.add(*one);
    FlushList::remove(a);
    list.add(a);
    context.run();
    EXPECT_EQ(order, (std::vector<char>{'b', 'c', 'a', 'b'}));
}

TEST(FlushList, MayGoInTheMidstOfAFlush) {
    boost::asio::io_context context;
    std::optional<FlushList> list(std::in_place, context);
    Counting a, b;
    a.then = [&] { list.reset(); };
    list->add(a);
    list->add(b);
    context.run();
    EXPECT_EQ(a.flushes, 1);
    EXPECT_EQ(b.flushes, 0);
}

TEST(FlushList, RemovedOneIsNotFlushed) {
    boost::asio::io_context context;
    FlushList list(context);
    Counting a;
    list.add(a);
    FlushList::remove(a);
    context.run();
    EXPECT_EQ(a.flushes, 0);
}

TEST(FlushList, AddedDuringAFlushIsFlushedInTheNextTurn) {
    boost::asio::io_context context;
    FlushList list(context);
    Counting a;
    a.then = [&] {
        if (a.flushes == 1) list.add(a);
    };
    list.add(a);
    EXPECT_EQ(context.run(), 2U);
    EXPECT_EQ(a.flushes, 2);
}

TEST(FlushList, MayGoBeforeItsPostedFlush) {
    boost::asio::io_context context;
    Counting a;
    {
        FlushList list(context);
        list.add(a);
    }
    context.run();
    EXPECT_EQ(a.flushes, 0);
}

}  // namespace
}  // namespace foorumi::net
