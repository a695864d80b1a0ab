#include "observability/line_formatter.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace foorumi::observability {
namespace {

std::string utc(std::chrono::system_clock::time_point time) {
    using std::chrono::milliseconds;
    const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    const std::time_t whole = seconds.count();
    std::tm parts{};
    ::gmtime_r(&whole, &parts);
    std::array<char, 40> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> millis{};
    std::snprintf(millis.data(), millis.size(), ".%03dZ", static_cast<int>((since_epoch - seconds).count()));
    return std::string(text.data(), length) + millis.data();
}

// JSON's escapes serve the text form, too: they keep a line on one line and the terminal unharmed.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\r')
            out += "\\r";
        else if (quotes && (c == '"' || c == '\\'))
            out.append(1, '\\').append(1, c);
        else if (byte < 0x20 || byte == 0x7f) {
            std::array<char, 8> code{};
            std::snprintf(code.data(), code.size(), "\\u%04x", byte);
            out += code.data();
        } else
            out += c;
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text, true);
    out += '"';
}

bool needs_quotes(std::string_view text) {
    return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f;
           });
}

void append_value(std::string& out, const Field& field, bool json) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        if (json || needs_quotes(*text))
            append_quoted(out, *text);
        else
            out += *text;
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        out += std::to_string(*number);
    } else {
        out += std::to_string(std::get<std::uint64_t>(field.value));
    }
}

}  // namespace

std::string text_line(const Line& line) {
    std::string out = utc(line.time);
    out.append(1, ' ').append(line.level).append(1, ' ');
    append_escaped(out, line.message, false);
    for (const auto& field : line.fields) {
        out.append(1, ' ').append(field.name).append(1, '=');
        append_value(out, field, false);
    }
    return out += '\n';
}

std::string json_line(const Line& line) {
    std::string out = "{\"time\":\"" + utc(line.time) + "\",\"level\":\"";
    out.append(line.level).append("\",\"message\":");
    append_quoted(out, line.message);
    for (const auto& field : line.fields) {
        out.append(",\"").append(field.name).append("\":");
        append_value(out, field, true);
    }
    return out += "}\n";
}

}  // namespace foorumi::observability
