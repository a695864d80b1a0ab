#include "app/demo_content.hpp"

#include <charconv>
#include <stdexcept>

#include "config/toml.hpp"

namespace foorumi::app {
namespace {

[[noreturn]] void fail(const toml::node& where, const std::string& problem) {
    throw std::runtime_error("demo content, line " + std::to_string(where.source().begin.line) + ": " + problem);
}

std::string text(const toml::table& table, std::string_view key, bool required = true) {
    const auto value = table[key].value<std::string>();
    if (!value && required) fail(table, "no " + std::string(key));
    return value.value_or("");
}

forum::Role role(const toml::node& node) {
    const auto name = node.value<std::string>().value_or("");
    if (name == "councillor") return forum::Role::councillor;
    if (name == "office_holder") return forum::Role::office_holder;
    if (name == "expert") return forum::Role::expert;
    if (name == "moderator") return forum::Role::moderator;
    if (name == "administrator") return forum::Role::administrator;
    fail(node, "unknown role " + name);
}

forum::Roles roles(const toml::table& table, std::string_view key) {
    forum::Roles result;
    if (const auto* list = table[key].as_array())
        for (const auto& node : *list) result.add(role(node));
    return result;
}

std::vector<std::string> texts(const toml::table& table, std::string_view key) {
    std::vector<std::string> result;
    if (const auto* list = table[key].as_array())
        for (const auto& node : *list) result.push_back(node.value<std::string>().value_or(""));
    return result;
}

std::optional<forum::Audience> audience(const toml::table& table) {
    const auto* narrowed = table["audience"].as_table();
    if (narrowed == nullptr) return std::nullopt;
    return forum::Audience{roles(*narrowed, "read"), roles(*narrowed, "write")};
}

template <class Card>
void fill_titles(Card& card, const toml::table& table) {
    card.slug = text(table, "slug");
    card.title = text(table, "title");
    card.description = text(table, "description");
    card.position = table["position"].value<std::uint32_t>().value_or(0);
}

DemoForum forum_of(const toml::table& table) {
    DemoForum result;
    fill_titles(result.card, table);
    result.card.audience = audience(table).value_or(forum::Audience{});
    return result;
}

DemoRoom room_of(const toml::table& table) {
    DemoRoom result;
    result.forum = text(table, "forum");
    fill_titles(result.card, table);
    result.card.audience = audience(table);
    return result;
}

DemoMember member_of(const toml::table& table) {
    DemoMember result;
    result.card.handle = text(table, "handle");
    result.card.name = text(table, "name");
    result.card.municipality = text(table, "municipality", false);
    result.card.roles = roles(table, "roles");
    result.moderates = texts(table, "moderates");
    result.room = text(table, "room");
    return result;
}

DemoMessage message_of(const toml::table& table) {
    DemoMessage result;
    result.author = text(table, "author");
    result.text = text(table, "text");
    result.reply_to = table["reply_to"].value<std::size_t>();
    if (const auto* list = table["reactions"].as_array())
        for (const auto& node : *list)
            if (const auto* reaction = node.as_table())
                result.reactions.push_back({text(*reaction, "emoji"), texts(*reaction, "members")});
    return result;
}

template <class Make>
auto each(const toml::table& table, std::string_view key, Make make) {
    std::vector<decltype(make(table))> result;
    if (const auto* list = table[key].as_array())
        for (const auto& node : *list) {
            if (!node.is_table()) fail(node, std::string(key) + " must be a table");
            result.push_back(make(*node.as_table()));
        }
    return result;
}

DemoThread thread_of(const toml::table& table) {
    DemoThread result{text(table, "room"), text(table, "title"), text(table, "author"),
                      each(table, "message", message_of)};
    if (result.messages.empty()) fail(table, "a thread without messages");
    return result;
}

directory::MunicipalityCard municipality_of(std::string_view line) {
    std::vector<std::string_view> cells;
    for (std::size_t at = 0; at <= line.size();) {
        const auto end = std::min(line.find(',', at), line.size());
        cells.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    directory::MunicipalityCard card;
    if (cells.size() != 4) throw std::runtime_error("municipalities: not four cells: " + std::string(line));
    card.code = cells[0];
    card.name_fi = cells[1];
    card.name_sv = cells[2];
    const auto [end, error] = std::from_chars(cells[3].data(), cells[3].data() + cells[3].size(), card.population);
    if (error != std::errc() || end != cells[3].data() + cells[3].size())
        throw std::runtime_error("municipalities: no number: " + std::string(line));
    return card;
}

}  // namespace

DemoContent parse_demo(std::string_view toml_text) {
    auto parsed = toml::parse(toml_text);
    if (!parsed) throw std::runtime_error("demo content: " + std::string(parsed.error().description()));
    const toml::table& table = parsed.table();
    return {each(table, "forum", forum_of), each(table, "room", room_of), each(table, "member", member_of),
            each(table, "thread", thread_of)};
}

std::vector<directory::MunicipalityCard> parse_municipalities(std::string_view csv) {
    std::vector<directory::MunicipalityCard> result;
    for (std::size_t at = csv.find('\n'); at != std::string_view::npos && at + 1 < csv.size();) {
        const auto end = std::min(csv.find('\n', at + 1), csv.size());
        auto line = csv.substr(at + 1, end - at - 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) result.push_back(municipality_of(line));
        at = end;
    }
    return result;
}

}  // namespace foorumi::app
