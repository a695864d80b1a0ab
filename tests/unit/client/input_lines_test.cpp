#include "client/input_lines.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>

namespace foorumi::client {
namespace {

using Texts = std::vector<std::string>;

class InputLinesTest : public testing::Test {
   protected:
    InputLinesTest() { EXPECT_EQ(::pipe(ends.data()), 0); }
    ~InputLinesTest() override {
        ::close(ends[0]);
        end_input();
    }

    void write(const std::string& text) {
        ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void end_input() {
        if (ends[1] >= 0) ::close(ends[1]);
        ends[1] = -1;
    }

    // One more block.
    InputLines::Block next(InputLines& input) {
        got.reset();
        input.more();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!got && std::chrono::steady_clock::now() < until) io.run_one_for(std::chrono::seconds(1));
        EXPECT_TRUE(got);
        return got.value_or(InputLines::Block{});
    }

    InputLines::OnBlock keep() {
        return [this](InputLines::Block block) { got = std::move(block); };
    }

    std::array<int, 2> ends{};
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    std::optional<InputLines::Block> got;
};

TEST_F(InputLinesTest, LinesComeAsTheyAreWrittenAndTheLastNeedsNoLineFeed) {
    InputLines input(io, ends[0], keep());
    write("a\n\nb\nhal");
    EXPECT_EQ(next(input).lines, (Texts{"a", "", "b"}));
    write("f\nlast");
    EXPECT_EQ(next(input).lines, Texts{"half"});
    end_input();
    const auto block = next(input);
    EXPECT_EQ(block.lines, Texts{"last"});
    EXPECT_TRUE(block.end);
}

TEST_F(InputLinesTest, NothingIsReadBeforeItIsAskedFor) {
    InputLines input(io, ends[0], keep());
    write("a\n");
    EXPECT_EQ(next(input).lines, Texts{"a"});
    write("b\n");
    io.poll();
    EXPECT_EQ(got->lines, Texts{"a"});
    EXPECT_EQ(next(input).lines, Texts{"b"});
}

TEST_F(InputLinesTest, ALineThatIsTooLongEndsIt) {
    std::string path = testing::TempDir() + "input-XXXXXX";
    const int file = ::mkstemp(path.data());
    ASSERT_GE(file, 0);
    ::unlink(path.c_str());
    const std::string text = "short\n" + std::string(InputLines::longest_line + 1, 'x') + "\nafter\n";
    ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ASSERT_EQ(::lseek(file, 0, SEEK_SET), 0);
    {
        InputLines input(io, file, keep());
        EXPECT_EQ(next(input).lines, Texts{"short"});
        const auto block = next(input);
        EXPECT_TRUE(block.end);
        EXPECT_TRUE(block.too_long);
        EXPECT_TRUE(block.lines.empty());
    }
    ::close(file);
}

TEST_F(InputLinesTest, ItCanBeLeftWhileItWaits) {
    bool called = false;
    {
        InputLines input(io, ends[0], [&](const InputLines::Block&) { called = true; });
        input.more();
    }
    write("too late\n");
    io.poll();
    EXPECT_FALSE(called);
}

}  // namespace
}  // namespace foorumi::client
