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
constexpr std::size_t keys_of_a_commit = 256;

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

bool holds_anywhere(const directory::Snapshot& directory) {
    for (const auto* room = directory.first_room_from(0); room != nullptr;
         room = directory.first_room_from(room->id + 1))
        if (forum::holds_kept(*room)) return true;
    return false;
}

}  // namespace

bool Upkeep::is_held(const directory::Snapshot& directory, const Over& one) {
    const auto* room = directory.room(one.room);
    if (room != nullptr && forum::holds_kept(*room)) return true;
    return one.has_left && holds_anywhere(directory);
}

// A report says where its message was when it was reported. Of one that has left the room, or of which that cannot be
// told, it is not looked up where to: a hold anywhere keeps the report.
void Upkeep::find_left(const std::shared_ptr<std::vector<Over>>& all, std::size_t from, std::function<void()> then) {
    while (from < all->size() && (*all)[from].message == 0) ++from;
    if (from == all->size()) return then();
    const auto& one = (*all)[from];
    around_.store().read_entities(
        forum::room_channel(one.room), {forum::message_key(one.message)},
        [this, all, from, then = std::move(then)](const store::ReadOutcome<store::EntitiesResult>& outcome) {
            const bool read = !outcome.failure && !outcome.result.entities.empty();
            const auto value = read ? codec::decode_value(outcome.result.entities.front().bytes) : std::nullopt;
            (*all)[from].has_left = !value || !std::holds_alternative<forum::Message>(*value);
            find_left(all, from + 1, then);
        });
}

// What goes with a row that is over.
void Upkeep::add_over(std::vector<Over>& all, const store::IndexRow& row) {
    const auto value = codec::decode_value(row.entities.front().bytes);
    Over one;
    one.key = row.member;
    if (const auto* text = value ? std::get_if<forum::EarlierText>(&*value) : nullptr; text != nullptr)
        one.room = text->room;
    const auto* report = value ? std::get_if<forum::Report>(&*value) : nullptr;
    const auto number = forum::parse_report_key(row.member);
    if (report != nullptr && number) {
        one.room = report->room;
        one.message = report->message;
        one.parts = keys_of_closed(*number, *report);
        std::erase(one.parts, one.key);
    }
    all.push_back(std::move(one));
}

void Upkeep::trim_inbox(const std::string& channel) {
    store::IndexRead read;
    read.index = forum::inbox_index;
    read.descending = true;
    read.limit = options_.inbox_entries + batch;
    around_.store().read_index(channel, std::move(read),
                               [this, channel](store::ReadOutcome<store::IndexResult> outcome) {
                                   const auto& rows = outcome.result.rows;
                                   if (outcome.failure || rows.size() <= options_.inbox_entries) return;
                                   std::vector<Over> oldest;
                                   for (auto n = options_.inbox_entries; n < rows.size(); ++n)
                                       oldest.emplace_back().key = rows[n].member;
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
            std::vector<Over> over;
            for (const auto& row : outcome.result.rows) {
                const auto retention = retention_of(row, now);
                if (retention == Retention::over) add_over(over, row);
                if (retention == Retention::runs) {  // and that of all behind it, which came later
                    more = false;
                    break;
                }
            }
            auto then = [this, channel, index, more, last = outcome.result.rows.back().score] {
                if (more) sweep(channel, index, last);
            };
            const auto all = std::make_shared<std::vector<Over>>(std::move(over));
            find_left(all, 0, [this, channel, index, all, then = std::move(then)] {
                std::erase_if(*all, [this](const auto& one) { return is_held(around_.directory(), one); });
                if (all->empty()) return then();
                spdlog::info("{}: the retention of {} earlier texts, or closed reports, is over", channel, all->size());
                remove(channel, index, std::move(*all), then);
            });
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
    find_purged(std::move(channels), 0, std::make_shared<Purged>());
}

// All of them: one purge is for whatever the feeds have by then, and costs a rewrite of Redis' file.
void Upkeep::find_purged(std::vector<std::string> channels, store::Version after,
                         const std::shared_ptr<Purged>& found) {
    if (channels.empty()) return purge(found);
    store::IndexRead read;
    read.index = forum::purges_index;
    read.after = after;
    read.limit = batch;
    const auto channel = channels.back();
    around_.store().read_index(
        channel, std::move(read),
        [this, channels = std::move(channels), found](store::ReadOutcome<store::IndexResult> outcome) mutable {
            if (outcome.failure) return end_purge(false);
            auto& rows = outcome.result.rows;
            const auto last = rows.empty() ? 0 : rows.back().score;
            std::vector<std::string> keys;
            for (auto& row : rows) keys.push_back(std::move(row.member));
            if (!keys.empty()) found->emplace_back(channels.back(), std::move(keys));
            const bool more = outcome.result.more && last != 0;
            if (!more) channels.pop_back();
            find_purged(std::move(channels), more ? last : 0, found);
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
    if (found->empty()) return end_purge(true);
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

// Some of them, and those behind them when these are gone: what goes at one time is not bounded, a commit is. What goes
// with a row goes in one.
// Behind the fence of a hold that was set meanwhile it is decided anew, on a directory that has it.
void Upkeep::remove(const std::string& channel, std::string_view index, std::vector<Over> all,
                    std::function<void()> then) {
    std::size_t keys = 0;
    const auto fits = [&keys](const auto& one) {
        keys += 1 + one.parts.size();
        return keys <= keys_of_a_commit;
    };
    auto last = std::ranges::find_if_not(all, fits);
    if (last == all.begin() && last != all.end()) ++last;
    if (std::vector<Over> others(std::make_move_iterator(last), std::make_move_iterator(all.end())); !others.empty()) {
        all.erase(last, all.end());
        then = [this, channel, index, others = std::move(others), then = std::move(then)]() mutable {
            remove(channel, index, std::move(others), std::move(then));
        };
    }
    store::ChangeRequest request;
    request.channel = channel;
    request.from_feed = true;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    around_.store().change(
        std::move(request),
        [this, index, channel, all = std::move(all)](const store::View&,
                                                     store::Version& decided_on) -> std::optional<store::Commit> {
            store::Commit commit;
            const auto name = forum::parse_channel(channel);
            const bool of_member = name && name->kind == forum::ChannelKind::member;
            const auto directory = around_.newest();
            decided_on = directory->version();
            // Of a member who was erased meanwhile nothing is written any more.
            if (of_member && directory->member(name->id) == nullptr) return commit;
            for (const auto& one : all) {
                if (is_held(*directory, one)) continue;
                for (const auto& key : one.parts) commit.puts.push_back({key, {}, {}});
                commit.puts.push_back({one.key, {}, {}});
                commit.indexes.push_back({std::string(index), one.key, 0, true});
            }
            return commit;
        },
        [channel, then = std::move(then)](const store::ChangeOutcome& outcome) {
            if (!outcome.failure) return then();
            spdlog::warn("{}: entries that are over could not be removed yet", channel);
        });
}

}  // namespace foorumi::dispatch
