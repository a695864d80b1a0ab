#include "client/display.hpp"
#include "client/render.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::SanctionRecord;

std::string kind_key(foorumi::v1::SanctionKind kind) {
    switch (kind) {
        case foorumi::v1::SANCTION_KIND_WARN:
            return "sanction.kind_warn";
        case foorumi::v1::SANCTION_KIND_MUTE:
            return "sanction.kind_mute";
        case foorumi::v1::SANCTION_KIND_SUSPEND:
            return "sanction.kind_suspend";
        case foorumi::v1::SANCTION_KIND_BAN:
            return "sanction.kind_ban";
        default:
            return "sanction.kind_other";
    }
}

}  // namespace

std::string Renderer::plain(std::string_view text) { return visible(text, Lines::one); }

std::string Renderer::reach(std::uint64_t forum, const std::string& name, std::int64_t until_ms,
                            foorumi::v1::SanctionKind kind) const {
    std::string out = forum == 0 ? texts_.text("sanction.everywhere")
                                 : texts_.text("sanction.in_forum",
                                               {{"forum", name.empty() ? '#' + std::to_string(forum) : plain(name)}});
    if (kind == foorumi::v1::SANCTION_KIND_WARN) return out;
    return out + ", " +
           (until_ms == 0 ? texts_.text("sanction.open_end")
                          : texts_.text("sanction.until", {{"time", time_text(until_ms)}}));
}

std::string Renderer::sanction(const SanctionRecord& sanction, const std::string& forum) const {
    std::string out = dim('#' + std::to_string(sanction.number())) + "  " +
                      bold(texts_.text(kind_key(sanction.kind()))) + "  " +
                      reach(sanction.forum(), forum, sanction.until_ms(), sanction.kind());
    if (sanction.begun_ms() != 0) out += "  " + dim(time_text(sanction.begun_ms()));
    if (sanction.by() != 0) out += "  " + texts_.text("sanction.by", {{"name", name(sanction.by())}});
    if (sanction.in_force()) out += "  " + texts_.text("sanction.in_force");
    out += "\n    " + plain(sanction.reason());
    if (!sanction.appeal().empty())
        out += "\n    " + texts_.text("sanction.appeal", {{"appeal", plain(sanction.appeal())}});
    if (sanction.replaced_by() != 0) {
        out += "\n    " + texts_.text("sanction.replaced", {{"number", std::to_string(sanction.replaced_by())}});
    } else if (sanction.ended_ms() != 0) {
        out += "\n    " + texts_.text("sanction.lifted", {{"time", time_text(sanction.ended_ms())}});
        if (sanction.ended_by() != 0) out += "  " + texts_.text("sanction.by", {{"name", name(sanction.ended_by())}});
        if (!sanction.end_reason().empty()) out += "  " + plain(sanction.end_reason());
    }
    return out;
}

std::string Renderer::sanctioned(const foorumi::v1::InboxEntry& entry) const {
    const auto& sanction = entry.sanction();
    const bool lifted = entry.kind() == foorumi::v1::InboxEntry::KIND_SANCTION_LIFTED;
    std::string out = texts_.text(lifted ? "inbox.sanction_lifted" : "inbox.sanctioned",
                                  {{"number", std::to_string(sanction.number())},
                                   {"kind", texts_.text(kind_key(sanction.kind()))},
                                   {"where", reach(sanction.forum(), {}, sanction.until_ms(), sanction.kind())}});
    if (!entry.reason().empty()) out += "  " + plain(entry.reason());
    if (!lifted && !sanction.appeal().empty())
        out += "  " + texts_.text("sanction.appeal", {{"appeal", plain(sanction.appeal())}});
    return out;
}

}  // namespace foorumi::client
