#include "dispatch/upkeep.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include "codec/entity_codec.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t batch = 64;

bool is_over(const store::IndexRow& row, forum::Millis now) {
    const auto value = codec::decode_value(row.entities.front().bytes);
    const auto* text = value ? std::get_if<forum::EarlierText>(&*value) : nullptr;
    return text == nullptr || text->keep_until < now;
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
    if (now < next_sweep_) return;
    next_sweep_ = now + options_.sweep_interval;
    for (const auto* card : around_.directory().forums()) {
        const auto channel = forum::moderation_channel(card->id);
        if (around_.at_home(channel)) sweep(channel);
    }
}

void Upkeep::sweep(const std::string& channel) {
    store::IndexRead read;
    read.index = forum::earlier_index;
    read.limit = batch;
    read.prefixes = {""};
    around_.store().read_index(
        channel, std::move(read), [this, channel](store::ReadOutcome<store::IndexResult> outcome) {
            if (outcome.failure) return;
            const auto now = around_.now();
            std::vector<std::string> over;
            for (const auto& row : outcome.result.rows) {
                if (!is_over(row, now)) break;
                over.push_back(row.member);
            }
            if (over.empty()) return;
            spdlog::info("{}: the retention of {} earlier texts is over", channel, over.size());
            remove(channel, forum::earlier_index, std::move(over), [this, channel] { sweep(channel); });
        });
}

void Upkeep::remove(const std::string& channel, std::string_view index, std::vector<std::string> keys,
                    std::function<void()> then) {
    store::ChangeRequest request;
    request.channel = channel;
    request.from_feed = true;
    randombytes_buf(request.change_id.data(), request.change_id.size());
    around_.store().change(
        std::move(request),
        [this, index, keys = std::move(keys)](const store::View&, store::Version& decided_on) {
            decided_on = around_.directory_version();
            store::Commit commit;
            for (const auto& key : keys) {
                commit.puts.push_back({key, {}, {}});
                commit.indexes.push_back({std::string(index), key, 0, true});
            }
            return std::make_optional(std::move(commit));
        },
        [channel, then = std::move(then)](store::ChangeOutcome outcome) {
            if (!outcome.failure) return then();
            spdlog::warn("{}: entries that are over could not be removed yet", channel);
        });
}

}  // namespace foorumi::dispatch
