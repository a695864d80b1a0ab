// The text in which Prometheus fetches metrics, format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "observability/histogram.hpp"

namespace foorumi::observability {

inline constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

struct Label {
    std::string_view name;
    std::string_view value;  // UTF-8
};
using Labels = std::initializer_list<Label>;

enum class MetricType : std::uint8_t { counter, gauge, histogram };

// Metrics one after the other: family(), then its samples.
class Exposition {
   public:
    // REQUIRES: `name` is a literal, and has not been before.
    void family(std::string_view name, MetricType type, std::string_view help);

    // Of the family begun last, which is no histogram.
    void sample(Labels labels, double value);
    template <std::integral Number>
    void sample(Labels labels, Number value) {
        line("", labels, std::to_string(value));
    }
    // Of the family begun last, which is a histogram.
    void sample(const Histogram& histogram);

    // A family with one sample.
    template <class Number>
    void single(std::string_view name, MetricType type, std::string_view help, Number value) {
        family(name, type, help);
        sample({}, value);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

   private:
    void line(std::string_view suffix, Labels labels, std::string_view value);

    std::string text_;
    std::string_view name_;
};

}  // namespace foorumi::observability
