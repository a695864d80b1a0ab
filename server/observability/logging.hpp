// The process's log: spdlog's default logger, as text or as JSON lines. Members' texts and tokens are never logged.
//
// Thread: start_logging() once, before other threads run; everything else on any thread.
#pragma once

#include <boost/system/result.hpp>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "observability/log_options.hpp"

namespace spdlog {
class formatter;
class logger;
}  // namespace spdlog

namespace foorumi::observability {

enum class Level : std::uint8_t { trace, debug, info, warning, error };

// A named value of a log line. Its views need to live during the call only.
struct Field {
    std::string_view name;  // a word: letters and '_'
    std::variant<std::string_view, std::int64_t, std::uint64_t> value;

    Field(std::string_view field, std::string_view text) : name(field), value(text) {}
    Field(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, const std::string& text) : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, std::signed_integral auto number) : name(field), value(std::int64_t{number}) {}
    Field(std::string_view field, std::unsigned_integral auto number) : name(field), value(std::uint64_t{number}) {}
};

// One line: `what` is a constant sentence, what varies stands in the fields.
//   text  2026-11-23T14:25:07.123Z info session ended session=12 reason="idle timeout"
//   json  {"time":"2026-11-23T14:25:07.123Z","level":"info","message":"session ended","session":12,"reason":"idle
//   timeout"}
// Line breaks and control characters are escaped in both, so that a line is always one line.
void log(Level level, std::string_view what, std::initializer_list<Field> fields = {});

// Names a request in logs: the session's number in this process and the client's own request id, "s12.r5".
[[nodiscard]] std::string request_name(std::uint64_t session, std::uint64_t request);

// Replaces the default logger by the one that the options describe. Error: the file cannot be opened for appending.
// REQUIRES: level and format are among the words that LogOptions names.
[[nodiscard]] boost::system::result<void> start_logging(const LogOptions& options);

// How a line is written: "text" or "json". For loggers with other sinks.
[[nodiscard]] std::unique_ptr<spdlog::formatter> make_formatter(std::string_view format);

}  // namespace foorumi::observability
