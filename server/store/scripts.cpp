#include "store/scripts.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/mutants.hpp"

namespace foorumi::store {
namespace {

// Eight bytes of the author, then the id: nobody can ask for a change of another.
std::string change_name(const ChangeRequest& request) {
    std::string name;
    for (int shift = 56; shift >= 0; shift -= 8) name.push_back(static_cast<char>((request.author >> shift) & 0xff));
    name.append(reinterpret_cast<const char*>(request.change_id.data()), request.change_id.size());
    return name;
}

void append_changes(Words& out, const Commit& commit) {
    const auto forgets = std::ranges::count_if(commit.puts, &Put::forget);
    out.add(commit.puts.size() - static_cast<std::size_t>(forgets));
    out.add(forgets);
    for (const auto& put : commit.puts) {
        if (put.forget) continue;
        out.add(put.key);
        out.add(put.value);
        out.add(put.self_field);
    }
    for (const auto& put : commit.puts) {
        if (put.forget) out.add(put.key);
    }
    out.add(commit.indexes.size());
    for (const auto& change : commit.indexes) {
        out.add(change.index);
        out.add(change.member);
        out.add(change.score);
        out.add(change.remove ? "1" : "0");
    }
}

// About what a commit's words take; a wrong guess costs an allocation.
std::size_t size_of(const Commit& commit) {
    std::size_t bytes = commit.effects.size() + commit.audit.size();
    for (const auto& put : commit.puts) bytes += put.key.size() + put.value.size();
    return bytes;
}

Words channel_keys(const RedisKeys& keys, std::string_view channel) {
    return {keys.meta(), keys.version(channel), keys.entities(channel), keys.versions(channel)};
}

// Bounds of scores, not included.
std::string low_text(Version after) { return after == 0 ? "-inf" : '(' + std::to_string(after); }
std::string high_text(Version before) { return before == 0 ? "+inf" : '(' + std::to_string(before); }

std::string limit_text(std::size_t limit) { return std::to_string(std::max<std::size_t>(limit, 1)); }

// Values in the order of their keys, nil for what has never been, and the versions of the others.
class Values {
   public:
    Values(const Reply& values, const Reply& versions) : values_(values), versions_(versions) {}

    [[nodiscard]] KeyedValue next(std::string key) {
        const auto value = values_[value_++];
        if (value.is_nil()) return {std::move(key), 0, {}};
        return {std::move(key), versions_[version_++].number(), std::string(value.text())};
    }

   private:
    Reply values_;
    Reply versions_;
    std::size_t value_ = 0;
    std::size_t version_ = 0;
};

KeyedValue keyed_value(const Reply& row, std::size_t first) {
    return {std::string(row[first].text()), row[first + 1].number(), std::string(row[first + 2].text())};
}

}  // namespace

ScriptCall commit_call(const RedisKeys& keys, const Options& options, const CommitArguments& arguments) {
    const auto& [request, expectations, commit, directory_version, audit_follows, audit_digest] = arguments;
    const std::chrono::milliseconds window = options.change_id_window;
    const std::chrono::milliseconds tolerance = options.clock_tolerance;
    ScriptCall call;
    call.script = &commit_script();
    call.keys.reserve(7, 128);
    call.keys.add(keys.meta());
    call.keys.add(keys.feed());
    call.keys.add(keys.change_ids());
    call.keys.add(keys.version(request.channel));
    call.keys.add(keys.entities(request.channel));
    call.keys.add(keys.versions(request.channel));
    call.keys.add(keys.indexes(request.channel));
    if (audit_follows != nullptr) call.keys.add(keys.audit());
    static const Commit nothing;
    const Commit& changes = commit != nullptr ? *commit : nothing;
    auto& words = call.arguments;
    words.reserve(48, 384 + size_of(changes));
    words.add("commit");
    words.add(request.channel);
    auto name = change_name(request);
    if (FOORUMI_MUTANT(dedupe_off)) name += std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
    words.add(name);
    words.add(std::string_view(reinterpret_cast<const char*>(request.fingerprint.data()), request.fingerprint.size()));
    words.add(request.made_at_ms);
    words.add(window.count());
    words.add(tolerance.count());
    words.add(FOORUMI_MUTANT(directory_ignored) ? Version{1} << 50 : directory_version);
    words.add(options.feed_length);
    words.add(request.from_feed ? std::numeric_limits<std::int64_t>::max() : options.feed_backlog);
    words.add(changes.effects);
    words.add(changes.set_aside                        ? "3"
              : commit == nullptr || request.from_feed ? "0"
              : options.replicas == 0                  ? "1"
                                                       : "2");
    if (audit_follows != nullptr) {
        words.add(audit_follows->count);
        words.add(audit_follows->digest);
        words.add(audit_digest);
        words.add(changes.audit);
    }
    words.add(FOORUMI_MUTANT(expectations_ignored) ? 0 : expectations.size());
    for (const auto& [key, version] : expectations) {
        if (FOORUMI_MUTANT(expectations_ignored)) break;
        words.add(key);
        words.add(version);
    }
    append_changes(words, changes);
    return call;
}

ScriptCall fence_call(const RedisKeys& keys, Version directory_version) {
    return {&commit_script(), {keys.meta(), keys.feed()}, {"fence", std::to_string(directory_version)}, nullptr};
}

ScriptCall consumed_call(const RedisKeys& keys, std::uint64_t position, std::uint64_t released) {
    return {&commit_script(),
            {keys.meta(), keys.feed()},
            {"consumed", std::to_string(position), std::to_string(released)},
            nullptr};
}

ScriptCall purge_call(const RedisKeys& keys, std::uint64_t position, std::size_t most, bool marked) {
    return {&purge_script(),
            {keys.meta(), keys.feed(), keys.change_ids()},
            {std::to_string(position), std::to_string(std::max<std::size_t>(most, 1)), marked ? "1" : "0"},
            nullptr};
}

CommitReply parse_commit(const Reply& reply) {
    using Status = CommitReply::Status;
    constexpr std::array<std::pair<std::string_view, Status>, 10> names{{{"ok", Status::ok},
                                                                         {"repeated", Status::repeated},
                                                                         {"conflict", Status::conflict},
                                                                         {"expired", Status::expired},
                                                                         {"future", Status::future},
                                                                         {"fence", Status::fence},
                                                                         {"expect", Status::expect},
                                                                         {"backlog", Status::backlog},
                                                                         {"audit", Status::audit},
                                                                         {"audit_broken", Status::audit_broken}}};
    CommitReply parsed;
    const auto* const row = std::ranges::find(names, reply[0].text(), &std::pair<std::string_view, Status>::first);
    if (row == names.end()) return parsed;
    parsed.status = row->second;
    if (parsed.status == Status::expect) {
        parsed.version = reply[1].number();
        for (std::size_t i = 2; i + 2 < reply.size(); i += 3) parsed.unexpected.push_back(keyed_value(reply, i));
    } else if (parsed.status == Status::audit) {
        parsed.audit = {reply[1].number(), std::string(reply[2].text())};
    } else {
        parsed.version = reply[1].number();
        parsed.position = reply[2].number();
    }
    return parsed;
}

PurgeReply parse_purge(const Reply& reply) {
    using Status = PurgeReply::Status;
    const auto word = reply[0].text();
    const auto status = word == "ok"        ? Status::ok
                        : word == "wait"    ? Status::wait
                        : word == "many"    ? Status::many
                        : word == "rewound" ? Status::rewound
                                            : Status::malformed;
    return {status, reply[1].number()};
}

ScriptCall sync_call(const RedisKeys& keys, std::string_view channel, const SyncRead& read) {
    return {&read_script(),
            channel_keys(keys, channel),
            {"sync", std::to_string(read.since), limit_text(read.limit), std::to_string(read.bytes),
             read.epoch ? std::to_string(*read.epoch) : std::string()},
            nullptr};
}

ScriptCall index_call(const RedisKeys& keys, std::string_view channel, const IndexRead& read) {
    ScriptCall call{&read_script(), channel_keys(keys, channel), {}, nullptr};
    call.keys.add({keys.indexes(channel), read.index});
    call.keys.add({keys.indexes(channel), read.counts});
    call.arguments = {"index",
                      low_text(read.after),
                      high_text(read.before),
                      read.descending ? "1" : "0",
                      limit_text(read.limit),
                      read.counts.empty() ? "0" : "1",
                      std::to_string(read.bytes)};
    for (const auto& prefix : read.prefixes) call.arguments.add(prefix);
    return call;
}

ScriptCall count_call(const RedisKeys& keys, std::string_view channel, const CountRead& read) {
    ScriptCall call{&read_script(), channel_keys(keys, channel), {}, nullptr};
    call.arguments = {"count", high_text(read.before), limit_text(read.limit), std::to_string(read.excluded.size())};
    for (const auto& part : read.excluded) call.arguments.add(part);
    const auto prefix = keys.indexes(channel);
    for (const auto& range : read.ranges) {
        call.keys.add({prefix, range.index});
        call.arguments.add(low_text(range.after));
    }
    return call;
}

ScriptCall entities_call(const RedisKeys& keys, std::string_view channel, const std::vector<std::string>& entities) {
    ScriptCall call{&read_script(), channel_keys(keys, channel), {"entities"}, nullptr};
    for (const auto& entity : entities) call.arguments.add(entity);
    return call;
}

ReadReply<SyncResult> parse_sync(const Reply& reply) {
    ReadReply<SyncResult> read{reply[0].number(), reply[1].number(), {}};
    read.result.version = reply[2].number();
    read.result.present = read.version;
    read.result.more = reply[3].number() != 0;
    read.result.unknown_version = reply[4].number() != 0;
    read.result.epoch = reply[6].number();
    const auto rows = reply[5];
    for (std::size_t i = 0; i + 2 < rows.size(); i += 3) read.result.entities.push_back(keyed_value(rows, i));
    return read;
}

ReadReply<IndexResult> parse_index(const Reply& reply, const IndexRead& asked) {
    ReadReply<IndexResult> read{reply[0].number(), reply[1].number(), {}};
    read.result.version = read.version;
    read.result.more = reply[2].number() != 0;
    read.result.epoch = reply[8].number();
    const auto members = reply[4], counts = reply[5];
    Values values(reply[6], reply[7]);
    const auto rows = std::min<std::size_t>(reply[3].number(), members.size() / 2);
    read.result.rows.reserve(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto member = members[2 * i].text();
        auto& row = read.result.rows.emplace_back(
            IndexRow{std::string(member), members[2 * i + 1].number(), {}, counts[i].number()});
        row.entities.reserve(asked.prefixes.size());
        for (auto key : asked.prefixes) row.entities.push_back(values.next(key.append(member, 0, member.find('.'))));
    }
    return read;
}

ReadReply<CountResult> parse_count(const Reply& reply) {
    ReadReply<CountResult> read{reply[0].number(), reply[1].number(), {}};
    read.result.version = read.version;
    const auto counts = reply[2];
    for (std::size_t i = 0; i < counts.size(); ++i) read.result.counts.push_back(counts[i].number());
    return read;
}

ScriptCall audit_call(const RedisKeys& keys, const AuditRead& read) {
    ScriptCall call{&read_script(),
                    channel_keys(keys, {}),
                    {"audit", std::to_string(read.after), limit_text(read.limit), std::to_string(read.bytes)},
                    nullptr};
    call.keys.add(keys.audit());
    return call;
}

ReadReply<AuditResult> parse_audit(const Reply& reply, std::uint64_t after) {
    ReadReply<AuditResult> read{reply[0].number(), 0, {}};
    read.result.head = {reply[2].number(), std::string(reply[3].text())};
    const auto rows = reply[4];
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto kept = rows[i].is_nil() ? std::string_view() : rows[i].text();
        const auto digest = kept.substr(0, audit_digest_bytes);
        read.result.entries.push_back({after + 1 + i, std::string(digest), std::string(kept.substr(digest.size()))});
    }
    return read;
}

ReadReply<EntitiesResult> parse_entities(const Reply& reply, const std::vector<std::string>& entities) {
    ReadReply<EntitiesResult> read{reply[0].number(), reply[1].number(), {}};
    read.result.version = read.version;
    Values values(reply[2], reply[3]);
    read.result.entities.reserve(entities.size());
    for (const auto& key : entities) read.result.entities.push_back(values.next(key));
    return read;
}

}  // namespace foorumi::store
