#include "app/new_administrator.hpp"

#include <future>
#include <stdexcept>

#include "app/await.hpp"
#include "auth/token.hpp"
#include "dispatch/membership_job.hpp"

namespace foorumi::app {

std::string invite(dispatch::Shared& shared, const NewAdministrator& administrator) {
    auto token = auth::make_token();
    membership::Invite command;
    command.invitation = auth::hash_token(token);
    command.name = administrator.name;
    command.handle = administrator.handle;
    command.email = administrator.email;
    command.standing.grants.push_back({forum::Role::administrator, 0});
    auto job = dispatch::own_job(std::move(command));
    auto answered = std::make_shared<std::promise<dispatch::ChangeResult>>();
    job->done = [answered](const dispatch::ChangeResult& result) { answered->set_value(result); };
    auto answer = answered->get_future();
    shared.post_home(forum::directory_channel, [job](dispatch::Worker& home) { home.home().change_membership(job); });
    const auto result = await(answer, shared.stopping);
    if (!result) throw std::runtime_error("stopped");
    if (result->has_error())
        throw std::runtime_error(shared.catalogue.text(shared.settings.language, "error." + result->error().reason));
    return token;
}

}  // namespace foorumi::app
