// The figures as a table for people, as JSON for comparison over time, and as a line of the history.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "measure.hpp"

namespace foorumi::bench {

struct Row {
    std::string suite;
    std::string what;
    std::string unit;
    Spread value;
    int digits = 0;
    std::string beside;  // what the ratio is to; empty: there is none
    Spread ratio;        // of each round's two
    std::string goal;
};

struct Report {
    std::string server;  // as `foorumid --version` prints it
    std::string place;   // cores and file system
    std::size_t rounds = 0;
    double seconds = 0;
    std::vector<Row> rows;
    std::vector<std::string> remarks;

    void add(Row row) { rows.push_back(std::move(row)); }
    void add(std::string suite, std::string what, std::string unit, double value, int digits = 0,
             std::string goal = "") {
        rows.push_back({std::move(suite),
                        std::move(what),
                        std::move(unit),
                        {value, value, value},
                        digits,
                        "",
                        {},
                        std::move(goal)});
    }
};

// One of those that are measured in turn, round by round.
struct Contender {
    std::string name;
    std::function<double()> measure;
    std::string beside;  // of another contender; empty: no ratio
    std::string goal;
};

// Runs all in turn `rounds` times and adds a row for each.
void compete(Report& report, const std::string& suite, const std::string& what, const std::string& unit,
             std::size_t rounds, std::vector<Contender> contenders, int digits = 0);

void print_table(std::ostream& out, const Report& report);
void write_json(const std::filesystem::path& file, const Report& report);
// Appends the medians as one line of JSON.
void append_history(const std::filesystem::path& file, const Report& report, const std::string& revision);

}  // namespace foorumi::bench
