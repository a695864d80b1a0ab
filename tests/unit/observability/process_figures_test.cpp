#include "observability/process_figures.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

namespace foorumi::observability {
namespace {

TEST(FiguresOfTheProcess, AreThoseOfThisOne) {
    const auto figures = process_figures();
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(figures.max_fds, limit.rlim_cur);
    EXPECT_GT(figures.cpu_seconds, 0);
    EXPECT_GT(figures.resident_bytes, 0U);
    EXPECT_GT(figures.virtual_bytes, figures.resident_bytes);
}

TEST(FiguresOfTheProcess, CountEachOpenDescriptor) {
    const auto before = process_figures().open_fds;
    const int opened = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(opened, 0);
    EXPECT_EQ(process_figures().open_fds, before + 1);
    ::close(opened);
    EXPECT_EQ(process_figures().open_fds, before);
}

TEST(FiguresOfTheProcess, TellTheSameStartEachTimeAndOneThatHasBeen) {
    using namespace std::chrono;
    const auto started = process_figures().start_seconds;
    const auto now = duration<double>(system_clock::now().time_since_epoch()).count();
    EXPECT_LE(started, now);
    EXPECT_GT(started, now - duration<double>(hours(24)).count());
    EXPECT_EQ(process_figures().start_seconds, started);
}

}  // namespace
}  // namespace foorumi::observability
