#include "report.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <map>
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

std::string with_spread(const Spread& spread, int digits) {
    if (spread.least == spread.most) return number(spread.median, digits);
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

std::string today() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::ostringstream out;
    out << std::put_time(&utc, "%Y-%m-%d");
    return out.str();
}

}  // namespace

Spread spread_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {median, values.front(), values.back()};
}

void compete(Report& report, const std::string& suite, const std::string& what, const std::string& unit,
             std::size_t rounds, std::vector<Contender> contenders, int digits) {
    std::map<std::string, std::vector<double>> values;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (const Contender& contender : contenders) values[contender.name].push_back(contender.measure());
    }
    for (const Contender& contender : contenders) {
        const auto& own = values[contender.name];
        Row row{suite,         what + ": " + contender.name, unit, spread_of(own), digits, contender.beside, {},
                contender.goal};
        if (!contender.beside.empty()) {
            std::vector<double> ratios;
            for (std::size_t i = 0; i < own.size(); ++i) ratios.push_back(own[i] / values.at(contender.beside)[i]);
            row.ratio = spread_of(ratios);
        }
        report.add(std::move(row));
    }
}

void print_table(std::ostream& out, const Report& report) {
    out << report.server << ", " << report.place << "; median of " << report.rounds << " rounds of "
        << number(report.seconds, 1) << " s (least to most)\n";
    std::string suite;
    for (const Row& row : report.rows) {
        if (row.suite != suite) out << '\n' << row.suite << '\n';
        suite = row.suite;
        out << "  " << std::left << std::setw(66) << row.what << ' ' << std::setw(36)
            << with_spread(row.value, row.digits) + ' ' + row.unit;
        if (!row.beside.empty()) out << "  " << with_spread(row.ratio, 2) << " of " << row.beside;
        if (!row.goal.empty()) out << "  [goal " << row.goal << ']';
        out << '\n';
    }
    for (const std::string& remark : report.remarks) out << '\n' << remark << '\n';
}

void write_json(const std::filesystem::path& file, const Report& report) {
    std::ofstream out(file);
    out << "{\n  \"server\": " << json_string(report.server) << ",\n  \"place\": " << json_string(report.place)
        << ",\n  \"rounds\": " << report.rounds << ",\n  \"seconds\": " << report.seconds << ",\n  \"rows\": [";
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        const Row& row = report.rows[i];
        out << (i > 0 ? "," : "") << "\n    {\"suite\": " << json_string(row.suite)
            << ", \"what\": " << json_string(row.what) << ", \"unit\": " << json_string(row.unit)
            << ", \"value\": " << json(row.value);
        if (!row.beside.empty())
            out << ", \"beside\": " << json_string(row.beside) << ", \"ratio\": " << json(row.ratio);
        if (!row.goal.empty()) out << ", \"goal\": " << json_string(row.goal);
        out << '}';
    }
    out << "\n  ]\n}\n";
    if (!out.flush()) throw std::runtime_error(file.string() + " cannot be written");
}

void append_history(const std::filesystem::path& file, const Report& report, const std::string& revision) {
    std::ofstream out(file, std::ios::app);
    out << "{\"date\": \"" << today() << "\", \"revision\": " << json_string(revision) << ", \"rows\": {";
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        const Row& row = report.rows[i];
        const Spread& told = row.beside.empty() ? row.value : row.ratio;
        out << (i > 0 ? ", " : "") << json_string(row.suite + ": " + row.what) << ": " << told.median;
    }
    out << "}}\n";
    if (!out.flush()) throw std::runtime_error(file.string() + " cannot be written");
}

}  // namespace foorumi::bench
