#include "dispatch/room_listing.hpp"

#include <charconv>
#include <memory>
#include <utility>
#include <vector>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

forum::Id thread_id(std::string_view member) {
    forum::Id id = 0;
    std::from_chars(member.data(), member.data() + member.size(), id);
    return id;
}

class Listing : public std::enable_shared_from_this<Listing> {
   public:
    Listing(Worker& worker, forum::Id room, forum::Id member, store::IndexResult threads, ListingDone done)
        : worker_(worker), room_(room), member_(member), threads_(std::move(threads)), done_(std::move(done)) {}

    void start() {
        answer_.set_version(threads_.version);
        answer_.set_more(threads_.more);
        answer_.set_unread_cap(worker_.settings().session.unread_cap);
        std::vector<std::string> keys;
        for (const auto& row : threads_.rows) {
            const auto thread = thread_id(row.member);
            auto& out = *answer_.add_threads();
            if (!fill_entity(*out.mutable_thread(), row.entities.front()))
                out.mutable_thread()->set_key(row.entities.front().key);
            out.set_last_activity(row.score);
            out.set_messages(static_cast<std::uint32_t>(row.count));
            keys.push_back(forum::read_key(room_, thread));
            keys.push_back(forum::watch_key(room_, thread));
        }
        if (keys.empty()) return finish();
        worker_.read_entities(forum::member_channel(member_), std::move(keys),
                              [self = shared_from_this()](store::ReadOutcome<store::EntitiesResult> own) {
                                  if (own.failure) return self->done_(refusal_of(*own.failure));
                                  self->fill_own(own.result);
                                  self->count_unread();
                              });
    }

   private:
    void fill_own(const store::EntitiesResult& own) {
        for (int n = 0; n < answer_.threads_size(); ++n) {
            auto& out = *answer_.mutable_threads(n);
            const auto at = static_cast<std::size_t>(n) * 2;
            if (auto mark = codec::decode_value(own.entities[at].bytes))
                if (const auto* read = std::get_if<forum::ReadMark>(&*mark)) out.set_read_to(read->to);
            if (auto value = codec::decode_value(own.entities[at + 1].bytes))
                if (const auto* watch = std::get_if<forum::Watch>(&*value))
                    out.set_watch(static_cast<v1::Watch::Level>(watch->level));
        }
    }

    void count_unread() {
        store::CountRead read;
        read.before = threads_.version + 1;
        read.limit = worker_.settings().session.unread_cap;
        read.excluded = {"0", std::to_string(member_)};  // deleted, or the member's own
        std::vector<int> asked;
        for (int n = 0; n < answer_.threads_size(); ++n) {
            const auto& thread = answer_.threads(n);
            if (thread.read_to() >= thread.last_activity()) continue;
            const auto id = thread_id(threads_.rows[static_cast<std::size_t>(n)].member);
            read.ranges.push_back({forum::thread_index(id), thread.read_to()});
            asked.push_back(n);
        }
        if (asked.empty()) return finish();
        worker_.count_indexes(forum::room_channel(room_), std::move(read),
                              [self = shared_from_this(), asked](store::ReadOutcome<store::CountResult> unread) {
                                  if (unread.failure) return self->done_(refusal_of(*unread.failure));
                                  self->fill_unread(asked, unread.result.counts);
                                  self->finish();
                              });
    }

    void fill_unread(const std::vector<int>& asked, const std::vector<std::uint64_t>& counts) {
        for (std::size_t i = 0; i < asked.size(); ++i)
            answer_.mutable_threads(asked[i])->set_unread(static_cast<std::uint32_t>(counts[i]));
    }

    void finish() { done_(std::move(answer_)); }

    Worker& worker_;
    forum::Id room_;
    forum::Id member_;
    store::IndexResult threads_;
    ListingDone done_;
    v1::Threads answer_;
};

}  // namespace

store::IndexRead threads_read(std::size_t limit, forum::Version before, std::size_t bytes) {
    store::IndexRead read;
    read.index = forum::threads_index;
    read.before = before;
    read.descending = true;
    read.limit = limit;
    read.bytes = bytes;
    read.prefixes = {"thread:"};
    read.counts = "t:";
    return read;
}

void complete_listing(Worker& worker, forum::Id room, forum::Id member, store::IndexResult threads, ListingDone done) {
    std::make_shared<Listing>(worker, room, member, std::move(threads), std::move(done))->start();
}

}  // namespace foorumi::dispatch
