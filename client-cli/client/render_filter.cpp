// Filters, and what they hold, as people read it.
#include "client/columns.hpp"
#include "client/display.hpp"
#include "client/render.hpp"

namespace foorumi::client {
namespace {

std::string_view filter_kind_key(int kind) {
    switch (kind) {
        case foorumi::v1::FILTER_KIND_WORD:
            return "filter.word";
        case foorumi::v1::FILTER_KIND_LINK:
            return "filter.link";
        default:
            return "filter.other";
    }
}

std::string_view filter_action_key(int action) {
    switch (action) {
        case foorumi::v1::FILTER_ACTION_FLAG:
            return "filter.flag";
        case foorumi::v1::FILTER_ACTION_HOLD:
            return "filter.hold";
        case foorumi::v1::FILTER_ACTION_REFUSE:
            return "filter.refuse";
        default:
            return "filter.other";
    }
}

}  // namespace

std::string Renderer::filters_found(const google::protobuf::RepeatedPtrField<std::string>& patterns) const {
    std::string out;
    for (const auto& pattern : patterns) out += (out.empty() ? "" : ", ") + visible(pattern, Lines::one);
    return out.empty() ? out : texts_.text("filter.found", {{"patterns", out}});
}

std::string Renderer::filter(const foorumi::v1::FilterRecord& filter) const {
    const auto by = filter.by() == 0 ? texts_.text("filter.by_operator") : name(filter.by());
    return bold("#" + std::to_string(filter.number())) + "  " + texts_.text(filter_kind_key(filter.kind())) + "  " +
           visible(filter.pattern(), Lines::one) + "  " + texts_.text(filter_action_key(filter.action())) + "  " +
           dim(time_text(filter.set_ms()) + "  " + by);
}

std::string Renderer::held_answer(const foorumi::v1::Held& held) const {
    return texts_.text("held.answer", {{"number", std::to_string(held.held())}});
}

std::string Renderer::held(const foorumi::v1::HeldMessage& held) const {
    std::string out = bold(texts_.text("held.message", {{"number", std::to_string(held.number())}})) + "  " +
                      dim(time_text(held.created_ms())) + "  " + name(held.author()) + "  ";
    out += held.thread() == 0
               ? texts_.text("held.new_thread", {{"room", std::to_string(held.room())}, {"title", title(held.title())}})
               : texts_.text("held.in_thread",
                             {{"room", std::to_string(held.room())}, {"thread", std::to_string(held.thread())}});
    if (const auto found = filters_found(held.filters()); !found.empty()) out += "  " + found;
    if (!held.returned().empty()) {
        const auto key = "refusal." + held.returned();
        const auto known = texts_.text(key);
        out += "  " + texts_.text("held.returned", {{"reason", known == key ? visible(held.returned(), Lines::one)  //
                                                                            : known}});
    }
    return out + "\n" + wrapped(visible(held.text(), Lines::many), "    ", columns_);
}

std::string Renderer::held_outcome(const foorumi::v1::InboxEntry& entry, const Titles& titles) const {
    const bool approved = entry.kind() == foorumi::v1::InboxEntry::KIND_HELD_APPROVED;
    if (!approved && entry.kind() != foorumi::v1::InboxEntry::KIND_HELD_REJECTED) return "";
    const auto room = titles.room.empty() ? '#' + std::to_string(entry.room()) : visible(titles.room, Lines::one);
    std::string out = texts_.text(
        approved ? "held.approved" : "held.rejected",
        {{"number", std::to_string(entry.held())}, {"room", room}, {"message", std::to_string(entry.message())}});
    return entry.reason().empty() ? out : out + ": " + visible(entry.reason(), Lines::one);
}

}  // namespace foorumi::client
