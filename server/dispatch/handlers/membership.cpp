#include <algorithm>

#include "codec/frame_codec.hpp"
#include "dispatch/answers.hpp"
#include "dispatch/handlers/changes.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/membership_job.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {

void handle_membership(const Call& call) {
    act_on_membership(call, [](Worker& asker, const Origin& to, const ChangeResult& result, auto received) {
        answer_change(asker, to, std::string(forum::directory_channel), result, received);
    });
}

void act_on_membership(const Call& call, AnswerChange answer) {
    auto& [worker, session, request, origin] = call;
    const auto id = change_of(request);
    if (id.has_error()) return worker.dispatcher().refuse(origin, id.error());
    auto job = std::make_shared<MembershipJob>();
    job->command = membership_command_of(request);
    job->member = session.member;
    job->token_hash = session.token_hash;
    job->change_id = *id;
    job->fingerprint = codec::fingerprint(request);
    job->made_at_ms = request.made_at_ms();
    auto& shared = worker.shared();
    job->done = [&shared, to = origin, received = shared.clock.steady(),
                 answer = std::move(answer)](const ChangeResult& result) {
        shared.post(to.worker, [to, result, received, answer](Worker& asker) { answer(asker, to, result, received); });
    };
    shared.post_home(forum::directory_channel,
                     [job = std::move(job)](Worker& home) { home.home().change_membership(job); });
}

}  // namespace foorumi::dispatch
