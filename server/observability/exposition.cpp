#include "observability/exposition.hpp"

#include <array>
#include <charconv>

namespace foorumi::observability {
namespace {

std::string_view word_of_type(MetricType type) {
    switch (type) {
        case MetricType::counter:
            return "counter";
        case MetricType::gauge:
            return "gauge";
        case MetricType::histogram:
            break;
    }
    return "histogram";
}

// Backslash and line feed, and in labels the quote as well.
void append_escaped_value(std::string& out, std::string_view text, bool quoted) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (quoted && c == '"')) out += '\\';
        out += c;
    }
}

// The shortest that reads back as the same.
std::string number_text(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

double in_seconds(Histogram::Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Exposition::family(std::string_view name, MetricType type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ");
    append_escaped_value(text_, help, false);
    text_.append("\n# TYPE ").append(name).append(" ").append(word_of_type(type)).append("\n");
}

void Exposition::sample(Labels labels, double value) { line("", labels, number_text(value)); }

void Exposition::sample(const Histogram& histogram) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
        count += histogram.counts()[i];
        line("_bucket", {{"le", number_text(in_seconds(Histogram::bounds[i]))}}, std::to_string(count));
    }
    const auto all = std::to_string(count + histogram.counts().back());
    line("_bucket", {{"le", "+Inf"}}, all);
    line("_sum", {}, number_text(in_seconds(histogram.sum())));
    line("_count", {}, all);
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view value) {
    text_.append(name_).append(suffix);
    char before = '{';
    for (const auto& label : labels) {
        text_.append(1, before).append(label.name).append("=\"");
        append_escaped_value(text_, label.value, true);
        text_ += '"';
        before = ',';
    }
    if (labels.size() > 0) text_ += '}';
    text_.append(" ").append(value).append("\n");
}

}  // namespace foorumi::observability
