#include "report.hpp"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>

namespace foorumi::bench {
namespace {

std::string number(double value, int digits = 0) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    std::string text = out.str();
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > 3; at -= 3) text.insert(at - 3, 1, ',');
    return text;
}

std::string with_spread(const Spread& spread, int digits = 0) {
    return number(spread.median, digits) + " (" + number(spread.least, digits) + " to " + number(spread.most, digits) +
           ")";
}

std::string json(const Spread& spread) {
    std::ostringstream out;
    out << R"({"median": )" << spread.median << R"(, "least": )" << spread.least << R"(, "most": )" << spread.most
        << "}";
    return out.str();
}

std::string json_string(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + "\"";
}

}  // namespace

Spread spread_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {median, values.front(), values.back()};
}

void print_table(std::ostream& out, const Figures& f) {
    const auto row = [&out](const std::string& what, const std::string& figure) {
        out << "  " << std::left << std::setw(40) << what << figure << '\n';
    };
    out << f.server << ", " << f.place << "; median of " << f.rounds << " rounds of " << number(f.seconds, 1)
        << " s (least to most)\n";
    for (const Figures::Pair& pair : f.fanout) {
        out << "fan-out, 1 room x " << number(static_cast<double>(f.subscribers)) << " subscribers, frames of "
            << f.frame_bytes << " bytes, " << pair.in_flight << " in flight\n";
        row("foorumid, deliveries/s", with_spread(pair.foorumi));
        row("raw epoll write() loop, deliveries/s", with_spread(pair.raw));
        row("ratio", with_spread(pair.ratio, 2));
    }
    if (f.latency.samples > 0) {
        out << "post to delivery, " << number(static_cast<double>(f.subscribers)) << " subscribers, "
            << number(f.latency_posts_per_second) << " posts/s\n";
        row("p50 / p99 ms", number(f.latency.p50_ms, 1) + " / " + number(f.latency.p99_ms, 1));
    }
    if (f.rooms > 0) {
        out << "durable posts, " << f.rooms << " rooms x " << f.sessions_per_room << " sessions, one in flight each\n";
        row("posts/s", with_spread(f.durable));
    }
    if (f.idle_sessions > 0) {
        out << "memory of the server (RSS), " << number(static_cast<double>(f.idle_sessions)) << " idle sessions\n";
        row("KiB per session", number(f.idle_bytes / 1024, 1));
    }
}

void write_json(const std::filesystem::path& file, const Figures& f) {
    std::ofstream out(file);
    out << "{\n  \"server\": " << json_string(f.server) << ",\n  \"place\": " << json_string(f.place)
        << ",\n  \"rounds\": " << f.rounds << ",\n  \"seconds\": " << f.seconds
        << ",\n  \"subscribers\": " << f.subscribers << ",\n  \"frame_bytes\": " << f.frame_bytes
        << ",\n  \"fanout\": [";
    for (std::size_t i = 0; i < f.fanout.size(); ++i) {
        const Figures::Pair& pair = f.fanout[i];
        out << (i > 0 ? "," : "") << "\n    {\"in_flight\": " << pair.in_flight
            << ", \"foorumi\": " << json(pair.foorumi) << ", \"raw\": " << json(pair.raw)
            << ", \"ratio\": " << json(pair.ratio) << "}";
    }
    out << "\n  ]";
    if (f.latency.samples > 0) {
        out << ",\n  \"latency\": {\"posts_per_second\": " << f.latency_posts_per_second
            << ", \"p50_ms\": " << f.latency.p50_ms << ", \"p99_ms\": " << f.latency.p99_ms
            << ", \"samples\": " << f.latency.samples << "}";
    }
    if (f.rooms > 0) {
        out << ",\n  \"durable\": {\"rooms\": " << f.rooms << ", \"sessions_per_room\": " << f.sessions_per_room
            << ", \"posts_per_second\": " << json(f.durable) << "}";
    }
    if (f.idle_sessions > 0) {
        out << ",\n  \"idle\": {\"sessions\": " << f.idle_sessions << ", \"bytes_per_session\": " << f.idle_bytes
            << "}";
    }
    out << "\n}\n";
    if (!out.flush()) throw std::runtime_error(file.string() + " cannot be written");
}

}  // namespace foorumi::bench
