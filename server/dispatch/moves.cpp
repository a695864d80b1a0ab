#include "dispatch/moves.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/crash_points.hpp"
#include "codec/entity_codec.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"
#include "observability/logging.hpp"

namespace foorumi::dispatch {
namespace {

constexpr std::size_t listed_at_once = 64;
constexpr std::chrono::seconds look_interval{60};
// Doubled with each round that has failed behind another. Several nodes do the same, so none of them knows when.
constexpr std::chrono::milliseconds first_move_delay{500}, longest_move_delay{60'000};
constexpr unsigned failed_rounds_told = 6;  // from then on an operator should know

// Tells a move from every other, and tells nobody anything.
std::string name_of_move(const std::string& key) {
    std::array<unsigned char, 16> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                       nullptr, 0);
    std::array<char, 2 * hash.size() + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

// Whether what was read before that fence may be put somewhere else. Not while somebody is being erased: there they may
// have been taken out of everything already.
bool may_be_put(const directory::Snapshot& directory, forum::Version fence) {
    return directory.fence() == fence &&
           std::ranges::all_of(directory.erasures(), [](const auto* card) { return card->handle.empty(); });
}

}  // namespace

void Moves::soon() {
    next_ = {};
    again_ = true;
}

void Moves::tick(std::chrono::steady_clock::time_point now) {
    if (busy_ || now < next_) return;
    busy_ = true;
    again_ = failed_ = false;
    std::vector<std::string> channels;
    for (const auto* card : worker_.shared().directory.current()->forums()) {
        auto channel = forum::moderation_channel(card->id);
        if (worker_.shared().home_of(channel) == worker_.index()) channels.push_back(std::move(channel));
    }
    find(std::move(channels), std::make_shared<std::vector<Listed>>());
}

void Moves::find(std::vector<std::string> channels, const std::shared_ptr<std::vector<Listed>>& found) {
    if (channels.empty()) return next(found);
    auto channel = std::move(channels.back());
    channels.pop_back();
    store::IndexRead read;
    read.index = forum::moves_index;
    read.limit = listed_at_once;
    read.prefixes = {""};
    worker_.read_index(
        channel, std::move(read),
        [this, channel, channels = std::move(channels), found](store::ReadOutcome<store::IndexResult> outcome) mutable {
            if (outcome.failure) failed_ = true;
            for (auto& row : outcome.result.rows) {
                const auto value = codec::decode_value(row.entities.front().bytes);
                const auto* move = value ? std::get_if<forum::Move>(&*value) : nullptr;
                if (move != nullptr) {
                    found->push_back({channel, row.member, *move});
                    continue;
                }
                failed_ = true;
                spdlog::critical("{} of {} cannot be read: what it moves stays held", row.member, channel);
            }
            if (outcome.result.more) again_ = true;
            find(std::move(channels), found);
        });
}

void Moves::next(const std::shared_ptr<std::vector<Listed>>& found) {
    if (found->empty()) return done();
    auto work = std::make_shared<Work>();
    work->listed = std::move(found->front());  // the oldest of its channel
    found->erase(found->begin());
    work->name = name_of_move(work->listed.key);
    rest_ = [this, found] { next(found); };
    FOORUMI_CRASH_POINT(move_found);
    begin(work);
}

void Moves::done() {
    busy_ = false;
    rest_ = nullptr;
    failures_ = failed_ ? failures_ + 1 : 0;
    const auto delay = std::min(longest_move_delay, first_move_delay * (1 << std::min(failures_, 10U)));
    const auto some = std::chrono::milliseconds(randombytes_uniform(static_cast<std::uint32_t>(delay.count())));
    const auto now = worker_.shared().clock.steady();
    if (failed_)
        next_ = now + (again_ ? first_move_delay : delay / 2 + some / 2);
    else
        next_ = again_ ? now : now + look_interval;
}

void Moves::put_off(std::string_view why) {
    failed_ = true;
    observability::log(failures_ < failed_rounds_told ? observability::Level::debug : observability::Level::warning,
                       "a move is put off", {{"reason", why}});
    if (const auto rest = std::exchange(rest_, nullptr)) rest();
}

void Moves::ended(const Work& work) {
    observability::log(observability::Level::info, "a move is done",
                       {{"room", work.move().room}, {"thread", work.move().thread}, {"to_room", work.move().to_room}});
    if (const auto rest = std::exchange(rest_, nullptr)) rest();
}

// --- what all have in common

void Moves::begin(const WorkRef& work) {
    const auto directory = worker_.shared().directory.current();
    work->fence = directory->fence();
    if (!may_be_put(*directory, work->fence)) return put_off("somebody is being erased");
    work->arrived.clear();
    work->to_thread = work->hung = 0;
    worker_.read_entities(work->room(), {forum::thread_key(work->move().thread)},
                          [this, work](store::ReadOutcome<store::EntitiesResult> read) {
                              if (read.failure) return put_off(refusal_of(*read.failure).reason);
                              const auto value = codec::decode_value(read.result.entities.front().bytes);
                              if (!value) return put_off("the thread cannot be read");
                              const auto* thread = std::get_if<forum::Thread>(&*value);
                              if (thread == nullptr || thread->moving != work->move().at) return released(work, *value);
                              work->thread = *thread;
                              switch (work->move().kind) {
                                  case forum::MoveKind::move:
                                      return settle_effects(work, [this, work] { look_there(work); });
                                  case forum::MoveKind::split:
                                      return split_on(work);
                                  case forum::MoveKind::merge:
                                      return merge_on(work);
                              }
                          });
}

// Only what members keep for themselves is left, if anything. What Redis has lost in between was never begun.
void Moves::released(const WorkRef& work, const forum::Entity& stands) {
    const auto& move = work->move();
    if (move.kind == forum::MoveKind::split) {
        return worker_.read_entities(work->room(), {forum::arrival_key(work->name)},
                                     [this, work](store::ReadOutcome<store::EntitiesResult> read) {
                                         if (read.failure) return put_off(refusal_of(*read.failure).reason);
                                         work->to_thread = read.result.entities.front().version;
                                         work->to_thread == 0 ? end(work) : move_own(work);
                                     });
    }
    const auto* redirect = std::get_if<forum::Redirect>(&stands);
    if (redirect == nullptr || redirect->room != move.to_room) return end(work);
    work->to_thread = redirect->thread;
    read_arrived(work, 0, [this, work] { move_own(work); });
}

// What was decided on the thread before it was held has come to the moderation channel, or will never.
void Moves::settle_effects(const WorkRef& work, Then then) {
    auto& shared = worker_.shared();
    const auto me = worker_.index();
    shared.post_home(work->room(), [&shared, me, this, room = work->room(), then = std::move(then)](Worker& home) {
        home.home().when_consumed(room, [&shared, me, this, then](bool consumed) {
            shared.post(me, [this, consumed, then](Worker&) {
                consumed ? then() : put_off("what follows from before is not known to be done");
            });
        });
    });
}

void Moves::read_page(const WorkRef& work, forum::Id after, Then then) {
    store::IndexRead read;
    read.index = forum::thread_index(work->move().thread);
    read.after = after;
    read.limit = worker_.settings().content.move_batch;
    read.bytes = worker_.settings().answer_bytes();
    read.prefixes = {"message:", "reactions:"};
    worker_.read_index(work->room(), std::move(read),
                       [this, work, then = std::move(then)](const store::ReadOutcome<store::IndexResult>& page) {
                           if (page.failure) return put_off(refusal_of(*page.failure).reason);
                           work->page.clear();
                           work->more = page.result.more;
                           for (const auto& row : page.result.rows) {
                               const auto member = forum::parse_thread_index_member(row.member);
                               auto value = codec::decode_value(row.entities[0].bytes);
                               auto* message = value ? std::get_if<forum::Message>(&*value) : nullptr;
                               const auto reactions = codec::decode_value(row.entities[1].bytes);
                               if (!member || message == nullptr || !reactions) {
                                   spdlog::critical("{} of {} cannot be read: its thread stays held",
                                                    row.entities[0].key, work->room());
                                   return put_off("a message cannot be read");
                               }
                               const auto* all = std::get_if<forum::Reactions>(&*reactions);
                               work->page.push_back(
                                   {member->message, std::move(*message), all == nullptr ? forum::Reactions{} : *all});
                           }
                           then();
                       });
}

// The ids of everything that has arrived, in the order of that.
void Moves::read_arrived(const WorkRef& work, forum::Version after, Then then) {
    store::IndexRead read;
    read.index = forum::arrivals_index(work->name);
    read.after = after;
    read.limit = listed_at_once;
    worker_.read_index(work->to_room(), std::move(read),
                       [this, work, then = std::move(then)](const store::ReadOutcome<store::IndexResult>& page) {
                           if (page.failure) return put_off(refusal_of(*page.failure).reason);
                           for (const auto& row : page.result.rows)
                               work->arrived.emplace_back(std::stoull(row.member), row.score);
                           if (page.result.more) return read_arrived(work, page.result.rows.back().score, then);
                           if (!work->arrived.empty()) work->to_thread = work->arrived.front().second;
                           then();
                       });
}

void Moves::step(const WorkRef& work, const std::string& channel, std::vector<std::string> needs, Decide decide,
                 std::function<void(forum::Version)> then) {
    struct Answer {
        bool decided = false;
        bool stale = false;
        std::string reason = "internal";
    };
    auto& shared = worker_.shared();
    shared.post_home(channel, [this, &shared, me = worker_.index(), work, channel, needs = std::move(needs),
                               decide = std::move(decide), then = std::move(then)](Worker& home) mutable {
        const auto answer = std::make_shared<Answer>();
        store::ChangeRequest request;
        request.channel = channel;
        request.needs = std::move(needs);
        randombytes_buf(request.change_id.data(), request.change_id.size());
        request.fingerprint = request.change_id;
        home.store().change(
            std::move(request),
            [&shared, work, decide = std::move(decide), answer](
                const store::View& view, store::Version& decided_on) -> std::optional<store::Commit> {
                const auto directory = shared.directory.current();
                decided_on = directory->version();
                answer->stale = !may_be_put(*directory, work->fence);
                if (answer->stale) return std::nullopt;
                // What was read before the first decision may be gone since, where Redis has lost something: look anew.
                if (std::exchange(answer->decided, true)) {
                    answer->reason = "something came in between";
                    return std::nullopt;
                }
                try {
                    const forum::MoveSteps steps{work->move(), work->name, *directory, shared.clock.wall_ms()};
                    auto decision = decide(steps, DecodedView(view));
                    FOORUMI_CRASH_POINT(move_step_decided);
                    if (decision.has_value()) return to_commit(*decision);
                    answer->reason = decision.error().reason;
                } catch (const std::exception& error) {
                    spdlog::error("moving a thread: {}", error.what());
                }
                return std::nullopt;
            },
            [this, &shared, me, work, answer, then = std::move(then)](const store::ChangeOutcome& outcome) {
                shared.post(me, [this, work, answer, outcome, then](Worker&) {
                    if (!outcome.failure) return then(outcome.committed.version);
                    if (outcome.failure != store::Failure::refused) return put_off(refusal_of(*outcome.failure).reason);
                    answer->stale ? begin(work) : put_off(answer->reason);
                });
            });
    });
}

void Moves::end(const WorkRef& work) {
    FOORUMI_CRASH_POINT(move_all_followed);
    step(
        work, work->listed.channel, {work->listed.key},
        [key = work->listed.key](const forum::MoveSteps&, const forum::View& view) -> forum::Result<forum::Decision> {
            forum::Decision decision;
            const auto there = view.entity(key);
            if (!std::holds_alternative<forum::Move>(there.value)) return decision;
            decision.expectations = {{key, there.version}};
            decision.writes = {{key, std::monostate{}}};
            decision.indexes = {{std::string(forum::moves_index), key, 0, true}};
            return decision;
        },
        [this, work](forum::Version) {
            FOORUMI_CRASH_POINT(move_ended);
            ended(*work);
        });
}

}  // namespace foorumi::dispatch
