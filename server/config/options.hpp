// The one table of options. File, command line, tests and the documentation's check are made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace foorumi::config {

// A whole number from min to max, both included.
struct IntegerSpec {
    std::int64_t min;
    std::int64_t max;
    std::int64_t (*get)(const Config&);
    void (*set)(Config&, std::int64_t);
};

// What a text has to be like; `form` says to people what that is.
struct TextForm {
    bool (*has)(std::string_view);
    std::string_view form;
};

// A text; with `allowed`, one of these words; else of at most max_bytes. With `form`, it has that or is empty.
struct TextSpec {
    std::span<const std::string_view> allowed;
    std::size_t max_bytes;
    std::string& (*field)(Config&);
    const TextForm* form = nullptr;
};

// A list of at most max_entries texts, each of which `is_entry`; `entry` says to people what that is.
struct ListSpec {
    std::size_t max_entries;
    bool (*is_entry)(std::string_view);
    std::string_view entry;
    std::vector<std::string>& (*field)(Config&);
};

struct Option {
    std::string_view section;
    std::string_view name;
    std::variant<IntegerSpec, TextSpec, ListSpec> spec;

    [[nodiscard]] std::string path() const { return std::string(section) + '.' + std::string(name); }
};

// In the order of config/foorumi.toml.
[[nodiscard]] std::span<const Option> options();

// Nothing if there is no such option.
[[nodiscard]] const Option* find_option(std::string_view section, std::string_view name);

using OptionValue = std::variant<std::int64_t, std::string, std::vector<std::string>>;

[[nodiscard]] OptionValue value_of(const Option& option, const Config& config);

// Sets the option, if the value is of its type and in its range.
[[nodiscard]] Result<void> assign(Config& config, const Option& option, const OptionValue& value,
                                  std::string_view where);

}  // namespace foorumi::config
