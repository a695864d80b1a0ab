#include "entrance/entrance.hpp"

#include "entrance/answers.hpp"
#include "entrance/attempt.hpp"

namespace foorumi::entrance {
Entrance::Entrance(const Options& given, auth::Sealer seals, const config::Catalogue& catalogue)
    : options(given),
      rules(given.passwords),
      sealer(std::move(seals)),
      hasher(given.passwords),
      throttle(given.sign_in, auth::random_slowdown_seed()),
      counts{.refused = config::ReasonCounts(catalogue)} {}

void Entrance::call(dispatch::Worker& home, net::HttpCall call, Done done) {
    const auto begin = find_endpoint(call.path);
    if (begin == nullptr) {
        counts.refused.count("path_not_found");
        const auto& shared = home.shared();
        const auto& language = call.language.empty() ? shared.settings.language : call.language;
        return done(refusal_answer({forum::ErrorCode::not_found, "path_not_found", "", 0}, shared.catalogue, language));
    }
    begin(*this, home, std::move(call), std::move(done))->start();
}

net::HttpService service_for(Entrance& entrance, dispatch::Shared& shared, std::uint16_t worker) {
    return [&entrance, &shared, worker](net::HttpCall call, Done done) {
        auto asked = std::make_shared<net::HttpCall>(std::move(call));
        auto reply = [&shared, worker, done = std::move(done)](net::HttpAnswer answer) {
            auto boxed = std::make_shared<net::HttpAnswer>(std::move(answer));
            shared.post(worker, [boxed, done](dispatch::Worker&) { done(std::move(*boxed)); });
        };
        shared.post_home(forum::directory_channel,
                         [&entrance, asked, reply = std::move(reply)](dispatch::Worker& home) {
                             entrance.call(home, std::move(*asked), reply);
                         });
    };
}

}  // namespace foorumi::entrance
