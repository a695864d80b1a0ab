#include "core/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace foorumi::core {
namespace {

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

double score_of(std::string_view text) {
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    if (text == "+inf") return std::numeric_limits<double>::infinity();
    return std::strtod(std::string(text).c_str(), nullptr);
}

Value score_value(double score) { return Value::bulk(fmt::format("{:.17g}", score)); }

Value entry_value(std::uint64_t position, const std::vector<std::string>& fields) {
    auto entry = Value::array({Value::bulk(fmt::format("{}-0", position)), Value::array()});
    for (const auto& field : fields) entry.elements[1].elements.push_back(Value::bulk(field));
    return entry;
}

}  // namespace

const Stream* Dataset::stream(const std::string& key) const { return find<Stream>(key); }

const std::unordered_map<std::string, std::string>* Dataset::hash(const std::string& key) const {
    return find<Hash>(key);
}

std::string Dataset::field(const std::string& key, const std::string& name) const {
    const auto* const found = find<Hash>(key);
    if (found == nullptr) return {};
    const auto at = found->find(name);
    return at == found->end() ? std::string() : at->second;
}

std::string Dataset::text(const std::string& key) const {
    const auto* const found = find<std::string>(key);
    return found == nullptr ? std::string() : *found;
}

double Dataset::score(const std::string& key, const std::string& member) const {
    const auto* const found = find<SortedSet>(key);
    if (found == nullptr) return 0;
    const auto at = found->scores.find(member);
    return at == found->scores.end() ? 0 : at->second;
}

Value Dataset::execute(const Command& command, bool& wrote) {
    struct Row {
        Value (Dataset::*run)(const Command&);
        std::size_t least;  // words
        bool writes;
    };
    static const std::unordered_map<std::string_view, Row> table{
        {"GET", {&Dataset::get, 2, false}},         {"SET", {&Dataset::set, 3, true}},
        {"UNLINK", {&Dataset::unlink, 2, true}},    {"HGET", {&Dataset::hget, 3, false}},
        {"HMGET", {&Dataset::hmget, 3, false}},     {"HSET", {&Dataset::hset, 4, true}},
        {"HDEL", {&Dataset::hdel, 3, true}},        {"ZADD", {&Dataset::zadd, 4, true}},
        {"ZREM", {&Dataset::zrem, 3, true}},        {"ZCARD", {&Dataset::zcard, 2, false}},
        {"ZMSCORE", {&Dataset::zmscore, 3, false}}, {"ZRANGEBYSCORE", {&Dataset::zrange, 4, false}},
        {"XADD", {&Dataset::xadd, 5, true}},        {"ZREVRANGEBYSCORE", {&Dataset::zrevrange, 4, false}},
        {"XRANGE", {&Dataset::xrange, 4, false}},   {"XREVRANGE", {&Dataset::xrevrange, 4, false}},
    };
    wrote = false;
    const auto row = table.find(command.front());
    if (row == table.end()) return Value::error("ERR unknown command '" + command.front() + "'");
    if (command.size() < row->second.least) return Value::error("ERR wrong number of arguments");
    try {
        auto value = (this->*row->second.run)(command);
        wrote = row->second.writes && !value.is_error();
        return value;
    } catch (const std::bad_variant_access&) {
        return Value::error("WRONGTYPE Operation against a key holding the wrong kind of value");
    }
}

Value Dataset::get(const Command& command) {
    const auto* const found = find<std::string>(command[1]);
    return found == nullptr ? Value{} : Value::bulk(*found);
}

Value Dataset::set(const Command& command) {
    keys_.insert_or_assign(command[1], command[2]);
    return Value::status("OK");
}

Value Dataset::unlink(const Command& command) {
    std::int64_t gone = 0;
    for (std::size_t i = 1; i < command.size(); ++i) gone += static_cast<std::int64_t>(keys_.erase(command[i]));
    return Value::number(gone);
}

Value Dataset::hget(const Command& command) {
    const auto* const found = find<Hash>(command[1]);
    if (found == nullptr) return {};
    const auto at = found->find(command[2]);
    return at == found->end() ? Value{} : Value::bulk(at->second);
}

Value Dataset::hmget(const Command& command) {
    auto values = Value::array();
    for (std::size_t i = 2; i < command.size(); ++i)
        values.elements.push_back(hget({command[0], command[1], command[i]}));
    return values;
}

Value Dataset::hset(const Command& command) {
    auto& fields = make<Hash>(command[1]);
    std::int64_t added = 0;
    for (std::size_t i = 2; i + 1 < command.size(); i += 2) {
        added += fields.insert_or_assign(command[i], command[i + 1]).second ? 1 : 0;
    }
    return Value::number(added);
}

Value Dataset::hdel(const Command& command) {
    auto& fields = make<Hash>(command[1]);
    std::int64_t gone = 0;
    for (std::size_t i = 2; i < command.size(); ++i) gone += static_cast<std::int64_t>(fields.erase(command[i]));
    if (fields.empty()) keys_.erase(command[1]);
    return Value::number(gone);
}

Value Dataset::zadd(const Command& command) {
    auto& set = make<SortedSet>(command[1]);
    std::int64_t added = 0;
    for (std::size_t i = 2; i + 1 < command.size(); i += 2) {
        const auto score = score_of(command[i]);
        const auto [at, is_new] = set.scores.try_emplace(command[i + 1], score);
        if (!is_new) set.order.erase({at->second, at->first});
        at->second = score;
        set.order.emplace(score, at->first);
        added += is_new ? 1 : 0;
    }
    return Value::number(added);
}

Value Dataset::zrem(const Command& command) {
    auto& set = make<SortedSet>(command[1]);
    std::int64_t gone = 0;
    for (std::size_t i = 2; i < command.size(); ++i) {
        const auto at = set.scores.find(command[i]);
        if (at == set.scores.end()) continue;
        set.order.erase({at->second, at->first});
        set.scores.erase(at);
        ++gone;
    }
    if (set.scores.empty()) keys_.erase(command[1]);
    return Value::number(gone);
}

Value Dataset::zcard(const Command& command) {
    const auto* const set = find<SortedSet>(command[1]);
    return Value::number(set == nullptr ? 0 : static_cast<std::int64_t>(set->scores.size()));
}

Value Dataset::zmscore(const Command& command) {
    const auto* const set = find<SortedSet>(command[1]);
    auto scores = Value::array();
    for (std::size_t i = 2; i < command.size(); ++i) {
        const bool there = set != nullptr && set->scores.contains(command[i]);
        scores.elements.push_back(there ? score_value(set->scores.at(command[i])) : Value{});
    }
    return scores;
}

Value Dataset::zrange(const Command& command) { return by_score(command, command[2], command[3], false); }

Value Dataset::zrevrange(const Command& command) { return by_score(command, command[3], command[2], true); }

Value Dataset::by_score(const Command& command, std::string_view low, std::string_view high, bool descending) {
    bool with_scores = false;
    std::int64_t offset = 0, limit = -1;
    for (std::size_t i = 4; i < command.size(); ++i) {
        if (command[i] == "WITHSCORES") with_scores = true;
        if (command[i] != "LIMIT") continue;
        offset = std::strtoll(command[i + 1].c_str(), nullptr, 10);
        limit = std::strtoll(command[i + 2].c_str(), nullptr, 10);
        i += 2;
    }
    const bool above = low.starts_with('('), below = high.starts_with('(');
    const auto least = score_of(low.substr(above ? 1 : 0)), most = score_of(high.substr(below ? 1 : 0));
    std::vector<std::pair<double, std::string>> found;
    if (const auto* const set = find<SortedSet>(command[1])) {
        for (auto at = set->order.lower_bound({least, {}}); at != set->order.end() && at->first <= most; ++at) {
            if ((above && at->first == least) || (below && at->first == most)) continue;
            found.push_back(*at);
        }
    }
    if (descending) std::reverse(found.begin(), found.end());
    auto values = Value::array();
    for (std::size_t i = static_cast<std::size_t>(offset); i < found.size() && limit != 0; ++i, --limit) {
        values.elements.push_back(Value::bulk(found[i].second));
        if (with_scores) values.elements.push_back(score_value(found[i].first));
    }
    return values;
}

// XADD key [MINID ~ bound] id field value ...
Value Dataset::xadd(const Command& command) {
    std::size_t at = 2;
    std::uint64_t bound = 0;
    if (command[at] == "MINID") {
        if (command[at + 1] != "~") return Value::error("ERR not modelled");
        bound = number_of(command[at + 2]) / stream_node_ * stream_node_;
        at += 3;
    }
    auto& stream = make<Stream>(command[1]);
    const auto id = number_of(command[at]);
    if (id <= stream.last) {
        return Value::error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
    }
    stream.entries.emplace(
        id, std::vector<std::string>(command.begin() + static_cast<std::ptrdiff_t>(at) + 1, command.end()));
    stream.last = id;
    stream.entries.erase(stream.entries.begin(), stream.entries.lower_bound(bound));
    return Value::bulk(command[at]);
}

Value Dataset::entries(const Stream& stream, std::uint64_t from, std::uint64_t to, std::size_t count) {
    auto values = Value::array();
    for (auto at = stream.entries.lower_bound(from); at != stream.entries.end() && at->first <= to; ++at) {
        if (values.elements.size() == count) break;
        values.elements.push_back(entry_value(at->first, at->second));
    }
    return values;
}

// XRANGE key from to COUNT count
Value Dataset::xrange(const Command& command) {
    const auto* const stream = find<Stream>(command[1]);
    if (stream == nullptr) return Value::array();
    const auto to = command[3] == "+" ? ~std::uint64_t{0} : number_of(command[3]);
    return entries(*stream, number_of(command[2]), to, command.size() > 5 ? number_of(command[5]) : ~std::size_t{0});
}

// XREVRANGE key to from COUNT count
Value Dataset::xrevrange(const Command& command) {
    const auto* const stream = find<Stream>(command[1]);
    auto values = Value::array();
    if (stream == nullptr) return values;
    const auto to = number_of(command[2]), from = command[3] == "-" ? 0 : number_of(command[3]);
    const auto count = command.size() > 5 ? number_of(command[5]) : ~std::uint64_t{0};
    for (auto at = stream->entries.upper_bound(to); at != stream->entries.begin();) {
        --at;
        if (at->first < from || values.elements.size() == count) break;
        values.elements.push_back(entry_value(at->first, at->second));
    }
    return values;
}

}  // namespace foorumi::core
