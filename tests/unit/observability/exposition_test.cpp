#include "observability/exposition.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace foorumi::observability {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(ExpositionText, HasHelpAndTypeBeforeTheSamples) {
    Exposition out;
    out.family("a_total", MetricType::counter, "Counts.");
    out.sample({{"one", "x"}, {"two", "y"}}, 3U);
    out.sample({}, std::numeric_limits<std::uint64_t>::max());
    out.single("b", MetricType::gauge, "Is.", -1);
    EXPECT_EQ(out.take(),
              "# HELP a_total Counts.\n# TYPE a_total counter\na_total{one=\"x\",two=\"y\"} 3\n"
              "a_total 18446744073709551615\n# HELP b Is.\n# TYPE b gauge\nb -1\n");
}

TEST(ExpositionText, EscapesLabelsAndHelp) {
    Exposition out;
    out.family("a", MetricType::gauge, "a \"b\" \\ \n c");
    out.sample({{"l", "a \"b\" \\ \n ä"}}, 0);
    EXPECT_EQ(out.take(), "# HELP a a \"b\" \\\\ \\n c\n# TYPE a gauge\na{l=\"a \\\"b\\\" \\\\ \\n ä\"} 0\n");
}

TEST(ExpositionText, WritesFractionsSoThatTheyReadBackAsTheSame) {
    Exposition out;
    out.single("a", MetricType::gauge, "h", 0.1);
    out.single("b", MetricType::gauge, "h", 1764219840.25);
    out.single("c", MetricType::gauge, "h", 0.0);
    const auto text = out.take();
    EXPECT_NE(text.find("\na 0.1\n"), std::string::npos);
    EXPECT_NE(text.find("\nb 1764219840.25\n"), std::string::npos);
    EXPECT_NE(text.find("\nc 0\n"), std::string::npos);
}

TEST(ExpositionText, CountsTheBucketsOfAHistogramUpToInfinity) {
    Histogram histogram;
    histogram.observe(microseconds(500));
    histogram.observe(milliseconds(3));
    histogram.observe(milliseconds(4));
    histogram.observe(milliseconds(20'000));
    Exposition out;
    out.family("h", MetricType::histogram, "Long.");
    out.sample(histogram);
    EXPECT_EQ(out.take(),
              "# HELP h Long.\n# TYPE h histogram\n"
              "h_bucket{le=\"0.001\"} 1\nh_bucket{le=\"0.002\"} 1\nh_bucket{le=\"0.005\"} 3\nh_bucket{le=\"0.01\"} 3\n"
              "h_bucket{le=\"0.02\"} 3\nh_bucket{le=\"0.05\"} 3\nh_bucket{le=\"0.1\"} 3\nh_bucket{le=\"0.2\"} 3\n"
              "h_bucket{le=\"0.5\"} 3\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"2\"} 3\nh_bucket{le=\"5\"} 3\n"
              "h_bucket{le=\"10\"} 3\nh_bucket{le=\"+Inf\"} 4\nh_sum 20.0075\nh_count 4\n");
}

TEST(HistogramOfDurations, PutsABoundIntoItsBucketAndWhatIsOverIntoTheNext) {
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
        Histogram histogram;
        histogram.observe(Histogram::bounds[i]);
        histogram.observe(Histogram::bounds[i] + nanoseconds(1));
        EXPECT_EQ(histogram.counts()[i], 1U) << i;
        EXPECT_EQ(histogram.counts()[i + 1], 1U) << i;
    }
}

TEST(HistogramOfDurations, IsAddedToAnother) {
    Histogram one;
    Histogram other;
    one.observe(milliseconds(1));
    other.observe(milliseconds(1));
    other.observe(milliseconds(11'000));
    one += other;
    EXPECT_EQ(one.counts().front(), 2U);
    EXPECT_EQ(one.counts().back(), 1U);
    EXPECT_EQ(one.sum(), milliseconds(11'002));
}

}  // namespace
}  // namespace foorumi::observability
