#include <algorithm>

#include "codec/frame_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/commands.hpp"
#include "dispatch/handlers/changes.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

using forum::ErrorCode;
using forum::Refusal;

forum::Result<store::ChangeId> change_of(const v1::Request& request) {
    const auto& bytes = request.change_id();
    store::ChangeId id{};
    if (bytes.empty()) return Refusal{ErrorCode::invalid, "change_id_missing", "change_id", 0};
    if (bytes.size() != id.size()) return Refusal{ErrorCode::invalid, "change_id_length", "change_id", 0};
    std::copy(bytes.begin(), bytes.end(), id.begin());
    // Whether it lies ahead of the clock shows behind the look for the change id, in the store.
    if (request.made_at_ms() == 0) return Refusal{ErrorCode::invalid, "made_at_missing", "made_at_ms", 0};
    if (request.made_at_ms() < 0) return Refusal{ErrorCode::invalid, "made_at_negative", "made_at_ms", 0};
    return id;
}

void answer_change(Worker& worker, const Origin& origin, const std::string& channel, const ChangeResult& result,
                   std::chrono::steady_clock::time_point received, const std::optional<HeldPlace>& held) {
    if (result.has_error()) return worker.dispatcher().refuse(origin, result.error());
    worker.dispatcher().count_acknowledged(*result, received);
    v1::Response response;
    if (held) {
        response.mutable_held()->set_forum(held->forum);
        response.mutable_held()->set_held(held->number);
        return worker.dispatcher().answer(origin, response);
    }
    auto& out = *response.mutable_committed();
    out.set_channel(channel);
    if (!channel.empty()) out.set_version(result->version);
    out.set_repeated(result->repeated);
    worker.dispatcher().answer(origin, response);
}

void handle_change(const Call& call) {
    auto& [worker, session, request, origin] = call;
    const auto id = change_of(request);
    if (id.has_error()) return worker.dispatcher().refuse(origin, id.error());
    auto job = std::make_shared<ChangeJob>();
    job->command = command_of(request);
    aim(job->command, worker.directory());
    job->member = session.member;
    job->token_hash = session.token_hash;
    job->channel = channel_of(job->command, session.member);
    job->change_id = *id;
    job->fingerprint = codec::fingerprint(request);
    job->made_at_ms = request.made_at_ms();
    job->held = std::make_shared<std::optional<HeldPlace>>();
    auto& shared = worker.shared();
    job->done = [&shared, to = origin, held = job->held,
                 channel = tells_version(job->command) ? job->channel : std::string(),
                 received = shared.clock.steady()](const ChangeResult& result) {
        shared.post(to.worker, [to, channel, result, received, held = *held](Worker& asker) {
            answer_change(asker, to, channel, result, received, held);
        });
    };
    const auto channel = job->channel;
    shared.post_home(channel, [job = std::move(job)](Worker& home) { home.home().change(job); });
}

}  // namespace foorumi::dispatch
