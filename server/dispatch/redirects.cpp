#include "dispatch/redirects.hpp"

#include <memory>
#include <utility>

#include "codec/entity_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

using forum::ErrorCode;
using forum::Located;
using forum::Refusal;
using LocatedDone = std::function<void(forum::Result<Located>)>;

void follow_from(Worker& worker, const Located& at, std::size_t left, LocatedDone done) {
    const bool message = at.message != 0;
    worker.read_entities(
        forum::room_channel(at.room), {message ? forum::message_key(at.message) : forum::thread_key(at.thread)},
        [&worker, at, left, message, done = std::move(done)](store::ReadOutcome<store::EntitiesResult> read) {
            if (read.failure) return done(refusal_of(*read.failure));
            const auto value = codec::decode_value(read.result.entities.front().bytes);
            if (!value) return done(Refusal{ErrorCode::internal, "internal", "", 0});
            if (const auto* found = std::get_if<forum::Message>(&*value))
                return done(Located{at.room, found->thread, at.message});
            if (std::holds_alternative<forum::Thread>(*value)) return done(Located{at.room, at.thread, 0});
            const auto* redirect = std::get_if<forum::Redirect>(&*value);
            if (redirect == nullptr)
                return done(Refusal{ErrorCode::not_found, message ? "message_not_found" : "thread_not_found",
                                    message ? "message" : "thread", 0});
            if (left == 0) return done(Refusal{ErrorCode::not_found, "moved", message ? "message" : "thread", 0});
            follow_from(worker, {redirect->room, redirect->thread, redirect->message}, left - 1, done);
        });
}

}  // namespace

void follow_redirects(Worker& worker, const Located& from, LocatedDone done) {
    follow_from(worker, from, worker.settings().content.redirects, std::move(done));
}

void refuse_moved(Worker& worker, const Origin& origin, std::string_view stored) {
    const auto value = codec::decode_value(stored);
    const auto* redirect = value ? std::get_if<forum::Redirect>(&*value) : nullptr;
    if (redirect == nullptr) return worker.dispatcher().refuse(origin, {ErrorCode::internal, "internal", "", 0});
    const Located first{redirect->room, redirect->thread, redirect->message};
    follow_redirects(worker, first, [&worker, origin](const forum::Result<Located>& found) {
        const auto* session = origin.anchor->session;
        if (session == nullptr) return;
        const bool failed = found.has_error() && found.error().code != ErrorCode::not_found;
        if (failed) return worker.dispatcher().refuse(origin, found.error());
        Refusal moved{ErrorCode::not_found, "moved", "thread", 0};
        if (found.has_value() && readable_room(worker, *session, found->room).has_value()) moved.moved = *found;
        worker.dispatcher().refuse(origin, moved);
    });
}

}  // namespace foorumi::dispatch
