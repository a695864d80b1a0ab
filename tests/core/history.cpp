#include "core/history.hpp"

#include <charconv>

namespace foorumi::core {
namespace {

std::uint64_t digits(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// HSET {pNN}:d:<bucket> <author and change id> 0:<position>:<fingerprint>, where the author is a writer's number from
// 1, in eight bytes, and the change id is change_id(). Empty: no such record.
std::string set_aside_at(const Record& record, std::uint64_t position) {
    const auto told = fmt::format("0:{}:", position);
    for (const auto& command : record) {
        if (command.size() != 4 || command.front() != "HSET" ||
            !std::string_view(command[1]).substr(5).starts_with(":d:"))
            continue;
        if (!command[3].starts_with(told)) continue;
        const auto byte = [&id = command[2]](std::size_t at) { return static_cast<unsigned char>(id.at(at)); };
        return fmt::format("w{}-{}", byte(8), byte(9) * 256 + byte(10));
    }
    return {};
}

}  // namespace

std::string name_of_wish(std::string_view channel, std::uint64_t version, std::string_view id) {
    return fmt::format("{} of {} as {}", id, channel, version);
}

std::string name_of_set_aside(std::string_view id) { return fmt::format("{} set aside", id); }

std::string LoggedEntry::name() const {
    auto text = fmt::format("{}/{}/{}/{}", partition, position, channel, version);
    for (const auto& [key, value] : puts) text.append("/").append(key).append("=").append(value);
    return text;
}

// XADD {pNN}:feed [MINID ~ bound] id field value ...
std::vector<LoggedEntry> LogReader::entries_of(const Record& record) {
    std::vector<LoggedEntry> entries;
    for (const auto& command : record) {
        if (command.front() != "XADD") continue;
        std::size_t at = command[2] == "MINID" ? 5 : 2;
        LoggedEntry entry;
        entry.partition = static_cast<unsigned>(digits(std::string_view(command[1]).substr(2, 2)));
        entry.position = digits(command[at]);
        for (++at; at + 1 < command.size(); at += 2) {
            const auto& name = command[at];
            const auto& value = command[at + 1];
            if (name == "c") entry.channel = value;
            if (name == "v") entry.version = digits(value);
            if (name == "f") entry.fence = digits(value);
            if (name == "e") entry.epoch = digits(value);
            if (name == "k") entry.puts.emplace_back(value, std::string());
            if (name == "d") entry.puts.back().second = value;
        }
        if (entry.position <= std::exchange(last_[entry.partition], std::max(last_[entry.partition], entry.position)))
            continue;
        if (entry.channel.empty()) entry.set_aside = set_aside_at(record, entry.position);
        entries.push_back(std::move(entry));
    }
    return entries;
}

void History::read_on() {
    if (generation_ != server_.generation()) {
        generation_ = server_.generation();
        read_ = 0;
        reader_ = {};
        places_.clear();
        fences_.clear();
    }
    const auto& log = server_.log();
    for (; read_ < log.size(); ++read_) {
        for (const auto& entry : reader_.entries_of(*log[read_])) {
            if (entry.channel.empty()) {
                fences_[entry.partition][entry.position] = entry.fence;
                if (!entry.set_aside.empty()) places_[name_of_set_aside(entry.set_aside)] = read_ + 1;
                continue;
            }
            places_[entry.name()] = read_ + 1;
            for (const auto& [key, value] : entry.puts) {
                if (key.starts_with("m:"))
                    places_[name_of_wish(entry.channel, entry.version, value.substr(0, value.find('|')))] = read_ + 1;
            }
        }
    }
}

bool History::is_synced(const std::string& name) {
    read_on();
    const auto found = places_.find(name);
    return found != places_.end() && found->second <= server_.synced();
}

std::uint64_t History::fence_before(unsigned partition, std::uint64_t position) {
    read_on();
    std::uint64_t highest = 0;
    for (const auto& [at, version] : fences_[partition]) {
        if (at >= position) break;
        highest = std::max(highest, version);
    }
    return highest;
}

}  // namespace foorumi::core
