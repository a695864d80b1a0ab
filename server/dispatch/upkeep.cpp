#include "dispatch/upkeep.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "codec/entity_codec.hpp"
#include "forum/keys.hpp"
#include "forum/reports.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t batch = 64;
constexpr std::chrono::seconds purge_retry{30};

constexpr std::size_t reports_batch = 2;  // each with all that was said about it

enum class Retention : std::uint8_t { runs, over, unknown };

// Unknown: what this release cannot read. That is left alone, whoever wrote it may.
Retention retention_of(const store::IndexRow& row, forum::Millis now) {
    const auto& bytes = row.entities.front().bytes;
    if (bytes.empty()) return Retention::over;
    const auto value = codec::decode_value(bytes);
    const auto* text = value ? std::get_if<forum::EarlierText>(&*value) : nullptr;
    const auto* report = value ? std::get_if<forum::Report>(&*value) : nullptr;
    if (text == nullptr && (report == nullptr || !report->is_closed())) return Retention::unknown;
    const auto keep_until = text != nullptr ? text->keep_until : report->keep_until;
    return keep_until < now ? Retention::over : Retention::runs;
}

// What goes with a row that is over.
void add_keys(std::vector<std::string>& keys, const store::IndexRow& row) {
    const auto value = codec::decode_value(row.entities.front().bytes);
    const auto* report = value ? std::get_if<forum::Report>(&*value) : nullptr;
    const auto number = forum::parse_report_key(row.member);
    if (report == nullptr || !number) return keys.push_back(row.member);
    std::ranges::move(keys_of_closed(*number, *report), std::back_inserter(keys));
}

}  // namespace

void Upkeep::trim_inbox(const std::string& channel) {
    store::IndexRead read;
    read.index = forum::inbox_index;
    read.descending = true;
    read.limit = options_.inbox_entries + batch;
    around_.store().read_index(channel, std::move(read),
                               [this, channel](store::ReadOutcome<store::IndexResult> outcome) {
                                   const auto& rows = outcome.result.rows;
                                   if (outcome.failure || rows.size() <= options_.inbox_entries) return;
                                   std::vector<std::string> oldest;
                                   for (auto n = options_.inbox_entries; n < rows.size(); ++n)
                                       oldest.push_back(rows[n].member);
                                   remove(channel, forum::inbox_index, std::move(oldest), [] {});
                               });
}

void Upkeep::tick(std::chrono::steady_clock::time_point now) {
    now_ = now;
    if (!purging_ && (!next_purge_ || now >= *next_purge_)) look_for_purges();
    const bool first = !next_sweep_;
    if (!first && now < *next_sweep_) return;
    next_sweep_ = now + options_.sweep_interval;
    if (first) return;
    for (const auto* card : around_.directory().forums()) {
        const auto channel = forum::moderation_channel(card->id);
        if (!around_.at_home(channel)) continue;
        sweep(channel, forum::earlier_index, 0);
        sweep(channel, forum::closed_index, 0);
        sweep(channel, forum::moved_earlier_index, 0);
    }
}

void Upkeep::sweep(const std::string& channel, std::string_view index, store::Version after) {
    store::IndexRead read;
    read.index = index;
    read.after = after;
    read.limit = index == forum::closed_index ? reports_batch : batch;
    read.prefixes = {""};
    around_.store().read_index(
        channel, std::move(read), [this, channel, index](store::ReadOutcome<store::IndexResult> outcome) {
            if (outcome.failure || outcome.result.rows.empty()) return;
            const auto now = around_.now();
            bool more = outcome.result.more;
            std::vector<std::string> over;
            for (const auto& row : outcome.result.rows) {
                const auto retention = retention_of(row, now);
                if (retention == Retention::over) add_keys(over, row);
                if (retention == Retention::runs) {  // and that of all behind it, which came later
                    more = false;
                    break;
                }
            }
            auto then = [this, channel, index, more, last = outcome.result.rows.back().score] {
                if (more) sweep(channel, index, last);
            };
            if (over.empty()) return then();
            spdlog::info("{}: the retention of {} earlier texts, or parts of reports, is over", channel, over.size());
            remove(channel, index, std::move(over), std::move(then));
        });
}

void Upkeep::look_for_purges() {
    purging_ = true;
    next_purge_ = now_ + options_.sweep_interval;
    std::vector<std::string> channels;
    for (const auto* card : around_.directory().forums()) {
        auto channel = forum::moderation_channel(card->id);
        if (around_.at_home(channel)) channels.push_back(std::move(channel));
    }
    find_purged(std::move(channels), std::make_shared<Purged>());
}

void Upkeep::find_purged(std::vector<std::string> channels, const std::shared_ptr<Purged>& found) {
    if (channels.empty()) return purge(found);
    auto channel = std::move(channels.back());
    channels.pop_back();
    store::IndexRead read;
    read.index = forum::purges_index;
    read.limit = batch;
    around_.store().read_index(
        channel, std::move(read),
        [this, channel, channels = std::move(channels), found](store::ReadOutcome<store::IndexResult> outcome) mutable {
            if (outcome.failure) return end_purge(false);
            std::vector<std::string> keys;
            for (auto& row : outcome.result.rows) keys.push_back(std::move(row.member));
            if (!keys.empty()) found->emplace_back(channel, std::move(keys));
            find_purged(std::move(channels), found);
        });
}

void Upkeep::purge(const std::shared_ptr<Purged>& found) {
    if (found->empty()) return end_purge(true);
    around_.purge_feeds([this, found](bool clean) {
        if (!clean) return end_purge(false);
        note_purged(found);
    });
}

// From then on they are kept as long as what they took would have been.
void Upkeep::note_purged(const std::shared_ptr<Purged>& found) {
    if (found->empty()) {
        purge_soon();  // there may be more
        return end_purge(true);
    }
    auto [channel, keys] = std::move(found->back());
    found->pop_back();
    store::ChangeRequest request;
    request.channel = channel;
    request.from_feed = true;
    request.needs = keys;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    around_.store().change(
        std::move(request),
        [this, keys](const store::View& view, store::Version& decided_on) {
            decided_on = around_.directory_version();
            store::Commit commit;
            for (const auto& key : keys) {
                const auto& present = view.at(key);
                commit.expectations.push_back({key, present.version});
                commit.puts.push_back({key, present.bytes, {}});
                commit.indexes.push_back({std::string(forum::purges_index), key, 0, true});
                if (!present.bytes.empty()) commit.indexes.push_back({std::string(forum::earlier_index), key});
            }
            return std::make_optional(std::move(commit));
        },
        [this, found](const store::ChangeOutcome& outcome) {
            if (outcome.failure) return end_purge(false);
            note_purged(found);
        });
}

void Upkeep::end_purge(bool clean) {
    purging_ = false;
    if (clean) return;
    spdlog::warn("what was purged is not out of Redis' feeds yet");
    next_purge_ = now_ + purge_retry;
}

void Upkeep::remove(const std::string& channel, std::string_view index, std::vector<std::string> keys,
                    std::function<void()> then) {
    store::ChangeRequest request;
    request.channel = channel;
    request.from_feed = true;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    around_.store().change(
        std::move(request),
        [this, index, channel, keys = std::move(keys)](const store::View&,
                                                       store::Version& decided_on) -> std::optional<store::Commit> {
            store::Commit commit;
            const auto name = forum::parse_channel(channel);
            const bool of_member = name && name->kind == forum::ChannelKind::member;
            const auto& directory = around_.directory();
            decided_on = of_member ? directory.version() : around_.directory_version();
            // Of a member who was erased meanwhile nothing is written any more.
            if (of_member && directory.member(name->id) == nullptr) return commit;
            for (const auto& key : keys) {
                commit.puts.push_back({key, {}, {}});
                commit.indexes.push_back({std::string(index), key, 0, true});
            }
            return commit;
        },
        [channel, then = std::move(then)](store::ChangeOutcome outcome) {
            if (!outcome.failure) return then();
            spdlog::warn("{}: entries that are over could not be removed yet", channel);
        });
}

}  // namespace foorumi::dispatch
