#include "client/import_results.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "csv/reader.hpp"
#include "csv/writer.hpp"
#include "names/email.hpp"
#include "names/handle.hpp"

namespace foorumi::client {
namespace {

constexpr std::string_view result_header[] = {"line", "name", "email", "handle", "invitation", "result"};
constexpr std::size_t most_handles = 1000;  // of one name
constexpr std::string_view formula_begins = "=+-@";

std::string without_formula(const std::string& text) {
    return !text.empty() && formula_begins.find(text.front()) != std::string_view::npos ? '\'' + text : text;
}

std::string as_it_was(const std::string& cell) {
    const bool marked =
        cell.size() > 1 && cell.front() == '\'' && formula_begins.find(cell[1]) != std::string_view::npos;
    return marked ? cell.substr(1) : cell;
}

std::size_t line_number(const std::string& text) {
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::optional<ImportResults> ImportResults::read(std::string_view text) {
    csv::Options options;
    options.bytes = 16 * 1024 * 1024;
    options.separator = ',';
    const auto table = csv::read(text, options);
    if (table.has_error() || table->rows.empty()) return std::nullopt;
    if (!std::ranges::equal(table->rows.front().fields, result_header)) return std::nullopt;
    ImportResults results;
    for (std::size_t n = 1; n < table->rows.size(); ++n) {
        const auto& fields = table->rows[n].fields;
        results.all_.push_back({.line = line_number(fields[0]),
                                .name = as_it_was(fields[1]),
                                .email = as_it_was(fields[2]),
                                .handle = as_it_was(fields[3]),
                                .invitation = as_it_was(fields[4]),
                                .result = as_it_was(fields[5])});
        results.places_.emplace(names::email_key(results.all_.back().email), results.all_.size() - 1);
        results.handles_.insert(results.all_.back().handle);
    }
    return results;
}

std::string ImportResults::write() const {
    std::vector<std::vector<std::string>> rows{{std::begin(result_header), std::end(result_header)}};
    for (const auto& one : all_) {
        rows.push_back({std::to_string(one.line), without_formula(one.name), without_formula(one.email), one.handle,
                        without_formula(one.invitation), one.result});
    }
    return csv::write(rows, ',');
}

ImportResult& ImportResults::of(const names::ImportRow& row) {
    const auto [place, is_new] = places_.emplace(names::email_key(row.email), all_.size());
    if (!is_new) {
        auto& found = all_[place->second];
        found.line = row.line;
        // Who has been invited, or perhaps was, keeps what they were invited as.
        if (found.name == row.name || !found.invitation.empty()) return found;
        found.name = row.name;
        found.handle = free_handle(row.name);
        return found;
    }
    all_.push_back({.line = row.line,
                    .name = row.name,
                    .email = row.email,
                    .handle = free_handle(row.name),
                    .invitation = {},
                    .result = "open"});
    return all_.back();
}

bool ImportResults::next_handle(ImportResult& result) {
    result.handle = free_handle(result.name);
    return !result.handle.empty();
}

std::string ImportResults::free_handle(const std::string& name) {
    for (std::size_t number = 1; number <= most_handles; ++number) {
        auto handle = names::handle_of(name, {}, number);
        if (handles_.insert(handle).second) return handle;
    }
    return {};
}

}  // namespace foorumi::client
