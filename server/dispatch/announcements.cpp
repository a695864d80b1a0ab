// What the dispatcher tells all sessions of.
#include <map>
#include <string>
#include <vector>

#include "dispatch/answers.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/failures.hpp"
#include "dispatch/worker.hpp"

namespace foorumi::dispatch {
namespace {

ItemRef reads_only_item(const config::Catalogue& catalogue, std::string_view language) {
    v1::Item item;
    fill_error(*item.mutable_notice()->mutable_reads_only()->mutable_error(),
               refusal_of(store::Failure::replicas_missing), catalogue, language);
    return encode_ref(item);
}

ItemRef changes_again_item() {
    v1::Item item;
    item.mutable_notice()->mutable_reads_only();
    return encode_ref(item);
}

}  // namespace

void Dispatcher::announce_drain(std::uint32_t within_ms) {
    v1::Item item;
    item.mutable_notice()->mutable_draining()->set_within_ms(within_ms);
    const auto bytes = encode_ref(item);
    std::vector<session::Session*> all;
    for (const auto& [id, session] : sessions_) all.push_back(session);
    for (auto* session : all) session->send(bytes);
}

void Dispatcher::look_whether_reads_only() {
    const bool reads_only = worker_.shared().partitions_without_replicas > 0;
    if (std::exchange(reads_only_, reads_only) == reads_only) return;
    std::vector<session::Session*> members;
    for (const auto& [id, session] : sessions_)
        if (session->member != 0 && !session->closing()) members.push_back(session);
    const auto again = changes_again_item();
    std::map<std::string, ItemRef> items;
    for (auto* session : members) {
        if (!reads_only) {
            session->send(again);
            continue;
        }
        auto& item = items[session->language];
        if (!item) item = reads_only_item(worker_.shared().catalogue, session->language);
        session->send(item);
    }
}

void Dispatcher::tell_whether_reads_only(session::Session& session) {
    if (reads_only_) session.send(reads_only_item(worker_.shared().catalogue, session.language));
}

}  // namespace foorumi::dispatch
