#include "dispatch/decided.hpp"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "codec/effects_codec.hpp"
#include "codec/entity_codec.hpp"

namespace foorumi::dispatch {

forum::Versioned DecodedView::entity(std::string_view key) const {
    const auto& stored = view_.at(key);
    forum::Versioned result{stored.version, {}};
    if (stored.bytes.empty()) return result;
    auto value = codec::decode_value(stored.bytes);
    if (!value) throw std::runtime_error("entity " + std::string(key) + " cannot be read");
    result.value = std::move(*value);
    return result;
}

forum::Versioned ReadableView::entity(std::string_view key) const {
    try {
        return decoded_.entity(key);
    } catch (const std::runtime_error& error) {
        spdlog::critical("{}: {}", doing_, error.what());
        return {view_.at(key).version, {}};
    }
}

store::Commit to_commit(const forum::Decision& decision) {
    store::Commit commit;
    commit.further = decision.further;
    for (const auto& e : decision.expectations) commit.expectations.push_back({e.key, e.version});
    for (const auto& w : decision.writes)
        commit.puts.push_back(
            {w.key, codec::encode_value(w.value), std::string(w.own_thread ? codec::own_thread_field : "")});
    for (const auto& i : decision.indexes) commit.indexes.push_back({i.index, i.member, i.score, i.remove});
    commit.set_aside = decision.hold.has_value() || !decision.returned.empty();
    if (!decision.effects.empty()) commit.effects = codec::encode_effects(decision.effects);
    return commit;
}

}  // namespace foorumi::dispatch
