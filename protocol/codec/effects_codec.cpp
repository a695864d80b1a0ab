#include "codec/effects_codec.hpp"

#include "codec/entity_codec.hpp"
#include "codec/serialize.hpp"
#include "foorumi/v1/stored.pb.h"
#include "forum/keys.hpp"

namespace foorumi::codec {
namespace {

void fill_own(forum::Entity& value, forum::Version version) {
    if (auto* report = std::get_if<forum::Report>(&value); report != nullptr && report->message == 0) {
        report->message = version;
        if (report->thread == 0) report->thread = version;
    }
    auto* entry = std::get_if<forum::InboxEntry>(&value);
    const bool of_message =
        entry != nullptr && (entry->kind == forum::InboxKind::mention || entry->kind == forum::InboxKind::reply ||
                             entry->kind == forum::InboxKind::held_approved);
    if (!of_message) return;
    if (entry->thread == 0) entry->thread = version;
    if (entry->message == 0) entry->message = version;
}

forum::Effect told_room(forum::Id room) {
    forum::Effect effect;
    effect.channel = forum::room_channel(room);
    effect.room = room;
    return effect;
}

}  // namespace

std::string encode_effects(const std::vector<forum::Effect>& effects) {
    v1::Effects all;
    for (const auto& effect : effects) {
        auto& one = *all.add_effects();
        if (effect.room) {
            one.set_room(*effect.room);
            continue;
        }
        one.set_channel(effect.channel);
        one.set_key(effect.key);
        to_proto(effect.value, *one.mutable_value());
        one.set_index(effect.index);
        one.mutable_takes()->Assign(effect.takes.begin(), effect.takes.end());
        one.set_flag(effect.flag);
        one.set_post(effect.post);
    }
    return serialize(all);
}

std::optional<std::vector<forum::Effect>> decode_effects(std::string_view bytes, forum::Version version) {
    v1::Effects all;
    if (!parse(bytes, all)) return std::nullopt;
    std::vector<forum::Effect> effects;
    effects.reserve(static_cast<std::size_t>(all.effects_size()));
    for (const auto& one : all.effects()) {
        if (one.has_room()) {
            effects.push_back(told_room(one.room() == 0 ? version : one.room()));
            continue;
        }
        auto value = from_proto(one.value());
        if (!value) return std::nullopt;
        fill_own(*value, version);
        effects.push_back({one.channel(),
                           forum::with_version(one.key(), version),
                           std::move(*value),
                           one.index(),
                           {one.takes().begin(), one.takes().end()}});
        effects.back().flag = one.flag();
        effects.back().post = one.post();
        if (one.flag() || one.post()) effects.back().version = version;
    }
    return effects;
}

}  // namespace foorumi::codec
