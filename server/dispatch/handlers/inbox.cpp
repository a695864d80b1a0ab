#include "dispatch/answers.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/handlers/handlers.hpp"
#include "dispatch/worker.hpp"
#include "forum/keys.hpp"

namespace foorumi::dispatch {
namespace {

void fill_inbox(v1::Inbox& out, const store::IndexResult& index, const store::EntitiesResult& entities) {
    out.set_version(index.version);
    out.set_more(index.more);
    for (const auto& entity : entities.entities)
        if (!entity.bytes.empty()) add_entity(*out.mutable_entries(), entity);
}

}  // namespace

void handle_read_inbox(const Call& call) {
    auto& worker = call.worker;
    const auto& asked = call.request.read_inbox();
    const auto limit = page_size(worker, asked.limit());
    if (limit.has_error()) return worker.dispatcher().refuse(call.origin, limit.error());
    store::IndexRead read;
    read.index = forum::inbox_index;
    read.before = asked.before();
    read.descending = true;
    read.limit = *limit;
    const auto channel = forum::member_channel(call.session.member);
    worker.read_index(channel, std::move(read),
                      [&worker, origin = call.origin, channel](store::ReadOutcome<store::IndexResult> index) {
                          if (index.failure) return worker.dispatcher().refuse(origin, refusal_of(*index.failure));
                          std::vector<std::string> keys;
                          for (const auto& row : index.result.rows) keys.push_back(row.member);
                          auto listed = std::make_shared<store::IndexResult>(std::move(index.result));
                          worker.read_entities(
                              channel, std::move(keys),
                              [&worker, origin, listed](store::ReadOutcome<store::EntitiesResult> entities) {
                                  if (entities.failure)
                                      return worker.dispatcher().refuse(origin, refusal_of(*entities.failure));
                                  v1::Response response;
                                  fill_inbox(*response.mutable_inbox(), *listed, entities.result);
                                  worker.dispatcher().answer(origin, response);
                              });
                      });
}

}  // namespace foorumi::dispatch
