#include "observability/logging.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "observability/line_formatter.hpp"
#include "support/temporary_directory.hpp"

namespace foorumi::observability {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

Line line(std::string_view message, std::span<const Field> fields = {}) {
    using namespace std::chrono;
    return {system_clock::time_point(milliseconds(1'700'000'000'123)), "info", message, fields};
}

// Puts the default logger back when a test has replaced it.
class LoggingTest : public testing::Test {
   protected:
    ~LoggingTest() override { spdlog::set_default_logger(before_); }

    void log_to_stream(std::string_view format) {
        auto logger =
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_));
        logger->set_formatter(make_formatter(format));
        spdlog::set_default_logger(std::move(logger));
    }

    std::ostringstream stream_;

   private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST(LogLine, TextNamesTimeLevelMessageAndFields) {
    const std::array fields{Field("session", 12U), Field("delta", -3), Field("reason", "idle timeout"),
                            Field("to", "peer")};
    EXPECT_EQ(text_line(line("session ended", fields)),
              "2023-11-14T22:13:20.123Z info session ended session=12 delta=-3 reason=\"idle timeout\" to=peer\n");
}

TEST(LogLine, JsonIsOneObjectWithNumbersAndTexts) {
    const std::array fields{Field("session", 12U), Field("delta", -3), Field("reason", "idle timeout")};
    EXPECT_EQ(json_line(line("session ended", fields)),
              "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"info\",\"message\":\"session ended\",\"session\":12,"
              "\"delta\":-3,\"reason\":\"idle timeout\"}\n");
}

TEST(LogLine, ForeignTextCannotForgeALineOrReachTheTerminal) {
    const std::array fields{Field("client", "a\nb\x1b[2J\"c\\")};
    EXPECT_THAT(text_line(line("x\ny", fields)), EndsWith("x\\ny client=\"a\\nb\\u001b[2J\\\"c\\\\\"\n"));
    EXPECT_THAT(json_line(line("x\ny", fields)),
                EndsWith("\"message\":\"x\\ny\",\"client\":\"a\\nb\\u001b[2J\\\"c\\\\\"}\n"));
}

TEST(LogLine, EmptyValueStaysVisible) {
    const std::array fields{Field("name", "")};
    EXPECT_THAT(text_line(line("m", fields)), EndsWith("m name=\"\"\n"));
}

TEST(RequestName, HasSessionAndRequest) { EXPECT_EQ(request_name(12, 5), "s12.r5"); }

TEST_F(LoggingTest, FieldsBelongToTheirLineOnly) {
    log_to_stream("json");
    log(Level::info, "first", {{"a", 1}});
    spdlog::info("second {}", 2);
    EXPECT_THAT(stream_.str(), MatchesRegex("\\{[^\n]*\"first\",\"a\":1\\}\n\\{[^\n]*\"second 2\"\\}\n"));
}

TEST_F(LoggingTest, BracesInTheSentenceAreNoFormat) {
    log_to_stream("text");
    log(Level::info, "a {} b");
    EXPECT_THAT(stream_.str(), EndsWith("info a {} b\n"));
}

TEST_F(LoggingTest, LinesBelowTheLevelAreLeftOut) {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "foorumi.log";
    ASSERT_TRUE(start_logging({.level = "warning", .format = "text", .file = file.string()}));
    log(Level::info, "quiet");
    log(Level::warning, "loud");
    spdlog::default_logger()->flush();
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_THAT(text, HasSubstr("warning loud"));
    EXPECT_THAT(text, Not(HasSubstr("quiet")));
}

TEST_F(LoggingTest, FileThatCannotBeOpenedIsAnError) {
    const auto started = start_logging({.file = "/nonexistent-directory/foorumi.log"});
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace foorumi::observability
