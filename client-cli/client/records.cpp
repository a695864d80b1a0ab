#include "client/records.hpp"

#include <algorithm>
#include <set>

#include "client/display.hpp"
#include "client/entity_key.hpp"
#include "client/json_lines.hpp"
#include "client/render.hpp"

namespace foorumi::client {

void Records::keep(Entities& in, std::uint64_t id, const foorumi::v1::Entity& entity) {
    if (entity.value_case() == foorumi::v1::Entity::VALUE_NOT_SET) {
        in.erase(id);
    } else {
        in[id] = entity;
    }
}

void Records::add(const foorumi::v1::RecordsPage& page) {
    if (page.begin_anew()) {
        room_.Clear();
        for (auto* entities : {&threads_, &messages_, &reactions_}) entities->clear();
    }
    for (const auto& entity : page.entities()) {
        const auto key = parse_entity_key(entity.key());
        if (key.kind == "room") room_ = entity;
        if (key.kind == "thread") keep(threads_, key.id(), entity);
        if (key.kind == "message") keep(messages_, key.id(), entity);
        if (key.kind == "reactions") keep(reactions_, key.id(), entity);
    }
    version_ = page.version();
    epoch_ = page.epoch();
}

void Records::complete() {
    std::erase_if(threads_, [this](const auto& one) { return thread_ != 0 && one.first != thread_; });
    std::erase_if(reactions_, [this](const auto& one) { return !messages_.contains(one.first); });
}

bool Records::is_blanked(const foorumi::v1::Entity& message) const {
    return public_copy_ && message.message().has_secrecy() && message.message().deleted_ms() == 0;
}

Records::Counts Records::counts() const {
    Counts counts;
    counts.threads = threads_.size();
    counts.messages = messages_.size();
    counts.members = members().size();
    for (const auto& [id, entity] : messages_) {
        if (entity.message().deleted_ms() != 0) ++counts.deleted;
        if (entity.message().has_secrecy()) ++counts.marked;
        if (is_blanked(entity)) ++counts.blanked;
    }
    return counts;
}

std::vector<std::uint64_t> Records::members() const {
    std::vector<std::uint64_t> found;
    for (const auto* entities : {&threads_, &messages_})
        for (const auto& [id, entity] : *entities) collect_members(entity, found);
    for (const auto& [id, entity] : reactions_)
        for (const auto& reaction : entity.reactions().reactions())
            found.insert(found.end(), reaction.members().begin(), reaction.members().end());
    std::set<std::uint64_t> once(found.begin(), found.end());
    once.erase(0);
    return {once.begin(), once.end()};
}

std::vector<Records::Chapter> Records::chapters() const {
    std::map<std::uint64_t, Chapter> chapters;
    for (const auto& [id, entity] : threads_) chapters[id].thread = &entity;
    for (const auto& [id, entity] : messages_) {
        auto& chapter = chapters[entity.message().thread()];
        const auto reactions = reactions_.find(id);
        // What a thread is called may tell what is said in it, or was, and messages come and go by merges and splits.
        if (public_copy_ && entity.message().has_secrecy()) chapter.title_blanked = true;
        chapter.messages.emplace_back(&entity, reactions == reactions_.end() ? nullptr : &reactions->second);
    }
    std::vector<Chapter> all;
    for (auto& [id, chapter] : chapters) {
        chapter.id = id;
        all.push_back(std::move(chapter));
    }
    return all;
}

// --- for programs

namespace {

foorumi::v1::Entity without_title(const foorumi::v1::Entity& thread) {
    auto blanked = thread;
    blanked.mutable_thread()->clear_title();
    return blanked;
}

}  // namespace

std::string records_json(const Records& records, const MemberCache& members) {
    std::string out = R"({"kind":"room","entity":)" + to_json(records.room()) + "}\n";
    for (const auto id : records.members())
        if (const auto* member = members.find(id)) out += R"({"kind":"member","member":)" + to_json(*member) + "}\n";
    for (const auto& chapter : records.chapters()) {
        if (chapter.thread != nullptr) {
            out += R"({"kind":"thread","titleBlanked":)" + std::string(chapter.title_blanked ? "true" : "false");
            out += R"(,"entity":)" + to_json(chapter.title_blanked ? without_title(*chapter.thread) : *chapter.thread) +
                   "}\n";
        }
        for (const auto& [message, reactions] : chapter.messages) {
            out += R"({"kind":"message","blanked":)" + std::string(records.is_blanked(*message) ? "true" : "false") +
                   R"(,"entity":)" + to_json(*message);
            if (reactions != nullptr) out += R"(,"reactions":)" + to_json(reactions->reactions());
            out += "}\n";
        }
    }
    return out;
}

// --- for people

namespace {

// Each message as it is shown on a terminal without colours: what others wrote is harmless there already.
class Pages {
   public:
    Pages(const Records& records, const MemberCache& members, const Catalogue& texts)
        : records_(records), texts_(texts), renderer_(texts, members, false) {}

    [[nodiscard]] std::string title(const Records::Chapter& chapter) const {
        const std::string number = '#' + std::to_string(chapter.id) + ' ';
        if (chapter.title_blanked) return number + texts_.text("records.blanked");
        return chapter.thread == nullptr ? number : renderer_.pinned_thread(*chapter.thread);
    }
    // Who and when, and below that the rest.
    [[nodiscard]] std::pair<std::string, std::string> message(const foorumi::v1::Entity& stored,
                                                              const foorumi::v1::Entity* reactions) const {
        auto entity = stored;
        if (records_.is_blanked(stored)) entity.mutable_message()->set_text(texts_.text("records.blanked"));
        auto shown = renderer_.message(entity, reactions);
        const auto end = std::min(shown.find('\n'), shown.size());
        return {shown.substr(0, end), shown.substr(std::min(end + 1, shown.size()))};
    }

   private:
    const Records& records_;
    const Catalogue& texts_;
    Renderer renderer_;
};

constexpr std::string_view style =
    "body{font-family:sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;line-height:1.4}"
    "h2{border-top:2px solid #444;padding-top:1rem}"
    "article{border-top:1px solid #bbb;padding:.5rem 0}h3{font-size:1rem;margin:.3rem 0}"
    "pre{font-family:inherit;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}";

}  // namespace

std::string records_text(const Records& records, const MemberCache& members, const Catalogue& texts,
                         const Heading& heading) {
    const Pages pages(records, members, texts);
    std::string out;
    const auto add_line = [&out](std::string_view line) { out.append(line).push_back('\n'); };
    for (const auto& line : heading) add_line(line);
    for (const auto& chapter : records.chapters()) {
        add_line("");
        add_line(std::string(72, '='));
        add_line(pages.title(chapter));
        for (const auto& [message, reactions] : chapter.messages) {
            const auto [head, rest] = pages.message(*message, reactions);
            add_line("");
            add_line(head);
            add_line(rest);
        }
    }
    return out;
}

std::string html_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string records_html(const Records& records, const MemberCache& members, const Catalogue& texts,
                         const Heading& heading) {
    const Pages pages(records, members, texts);
    const std::string title = heading.empty() ? std::string() : html_escaped(heading.front());
    std::string out = "<!DOCTYPE html>\n<html lang=\"" + texts.language() + "\">\n<head>\n<meta charset=\"utf-8\">\n";
    out +=
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
        title + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
    for (std::size_t n = 1; n < heading.size(); ++n) out += "<p>" + html_escaped(heading[n]) + "</p>\n";
    for (const auto& chapter : records.chapters()) {
        out += "<section id=\"t" + std::to_string(chapter.id) + "\">\n<h2>" + html_escaped(pages.title(chapter)) +
               "</h2>\n";
        for (const auto& [message, reactions] : chapter.messages) {
            const auto [head, rest] = pages.message(*message, reactions);
            const auto id = std::to_string(parse_entity_key(message->key()).id());
            out += "<article id=\"m" + id + "\">\n<h3>" + html_escaped(head) + "</h3>\n<pre>" + html_escaped(rest) +
                   "</pre>\n</article>\n";
        }
        out += "</section>\n";
    }
    return out + "</body>\n</html>\n";
}

}  // namespace foorumi::client
