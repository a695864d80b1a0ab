#include "config/config.hpp"

#include <algorithm>
#include <boost/throw_exception.hpp>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "config/options.hpp"
#include "config/toml.hpp"

namespace foorumi::config {
namespace {

std::string place(std::string_view source, const toml::node& node) {
    return std::string(source) + ':' + std::to_string(node.source().begin.line);
}

// Nothing: not only texts in it.
std::optional<OptionValue> texts_of(const toml::array& array) {
    std::vector<std::string> texts;
    for (const auto& entry : array) {
        const auto* text = entry.as_string();
        if (text == nullptr) return std::nullopt;
        texts.push_back(text->get());
    }
    return texts;
}

// Nothing: neither a whole number nor a text nor a list of texts.
std::optional<OptionValue> option_value(const toml::node& node) {
    if (const auto* array = node.as_array()) return texts_of(*array);
    if (const auto* number = node.as_integer()) return OptionValue(number->get());
    if (const auto* text = node.as_string()) return OptionValue(text->get());
    return std::nullopt;
}

Result<void> apply_section(Config& config, std::string_view section, const toml::table& entries,
                           std::string_view source) {
    for (const auto& [key, node] : entries) {
        const auto where = place(source, node);
        const Option* option = find_option(section, key.str());
        if (option == nullptr) {
            return ConfigError{ConfigErrc::unknown_option, where, std::string(section) + '.' + std::string(key.str()),
                               "there is no such option"};
        }
        const auto value = option_value(node);
        if (!value) {
            return ConfigError{ConfigErrc::wrong_type, where, option->path(),
                               "must be a whole number, a text or a list of texts"};
        }
        if (auto assigned = assign(config, *option, *value, where); !assigned) return assigned.error();
    }
    return {};
}

bool is_section(std::string_view name) {
    for (const auto& option : options()) {
        if (option.section == name) return true;
    }
    return false;
}

Result<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        // An empty file leaves the stream failed, too.
        std::error_code ignored;
        if (file && std::filesystem::is_regular_file(path, ignored)) return std::string();
        return ConfigError{ConfigErrc::unreadable, path.string(), {}, "the file cannot be read"};
    }
    return std::move(text).str();
}

Result<void> apply(Config& config, const Override& change) {
    const auto dot = change.option.find('.');
    const Option* option = find_option(change.option.substr(0, dot), change.option.substr(dot + 1));
    if (option == nullptr) {
        return ConfigError{ConfigErrc::unknown_option, std::string(change.where), std::string(change.option),
                           "there is no such option"};
    }
    if (std::holds_alternative<TextSpec>(option->spec)) return assign(config, *option, change.value, change.where);
    std::int64_t number = 0;
    const char* end = change.value.data() + change.value.size();
    const auto [stopped, failure] = std::from_chars(change.value.data(), end, number);
    if (failure != std::errc() || stopped != end) return assign(config, *option, change.value, change.where);
    return assign(config, *option, number, change.where);
}

ConfigError contradiction(std::string option, std::string problem) {
    return {ConfigErrc::inconsistent, "configuration", std::move(option), std::move(problem)};
}

}  // namespace

std::string ConfigError::text() const {
    std::string line = where;
    if (!option.empty()) line.append(": ").append(option);
    return line.append(": ").append(problem);
}

void throw_exception_from_error(const ConfigError& error, const boost::source_location& where) {
    boost::throw_exception(std::logic_error("value of a failed configuration: " + error.text()), where);
}

Result<Config> parse(std::string_view toml, std::string_view source, Config base) {
    const auto parsed = toml::parse(toml, source);
    if (!parsed) {
        const auto& problem = parsed.error();
        return ConfigError{ConfigErrc::syntax,
                           std::string(source) + ':' + std::to_string(problem.source().begin.line),
                           {},
                           std::string(problem.description())};
    }
    for (const auto& [key, node] : parsed.table()) {
        const auto* section = node.as_table();
        if (section == nullptr || !is_section(key.str())) {
            return ConfigError{ConfigErrc::unknown_option, place(source, node), std::string(key.str()),
                               "there is no such section"};
        }
        if (auto applied = apply_section(base, key.str(), *section, source); !applied) return applied.error();
    }
    return base;
}

Result<Config> load(const std::optional<std::filesystem::path>& file, std::span<const Override> overrides) {
    Config config;
    if (file) {
        auto text = read_file(*file);
        if (!text) return text.error();
        auto parsed = parse(*text, file->string());
        if (!parsed) return parsed;
        config = std::move(*parsed);
    }
    for (const auto& change : overrides) {
        if (auto applied = apply(config, change); !applied) return applied.error();
    }
    if (auto checked = check_consistency(config); !checked) return checked.error();
    return config;
}

Result<void> check_consistency(const Config& config) {
    // What a request that carries a text and a title has besides them, generously.
    constexpr std::size_t request_overhead = 256;
    if (config.net.proxy_protocol == net::proxy_protocol_on && config.net.http.trusted_proxies.empty()) {
        return contradiction("network.proxy_protocol",
                             "is for connections from http.trusted_proxies, and there are none");
    }
    if (config.content.text_bytes + config.content.title_bytes + request_overhead > config.net.frame_bytes) {
        return contradiction("content.text_bytes",
                             "text_bytes, title_bytes and 256 bytes must fit into network.frame_bytes");
    }
    // A thread whose title, reason and tags are as long as they may be.
    const auto& content = config.content;
    const auto tags_bytes = content.tags * (content.tag_bytes + 3);
    if (std::max(content.reason_bytes, tags_bytes) + request_overhead > config.net.frame_bytes) {
        return contradiction(
            "content.reason_bytes",
            "reason_bytes, and tags of tag_bytes, each with 256 bytes, must fit into network.frame_bytes");
    }
    if (content.report_bytes + request_overhead > config.net.frame_bytes) {
        return contradiction("content.report_bytes", "report_bytes and 256 bytes must fit into network.frame_bytes");
    }
    const auto thread_bytes = content.title_bytes + content.reason_bytes + tags_bytes + request_overhead;
    if (config.net.outbox_bytes / 2 < (content.pinned_threads + 1) * thread_bytes) {
        return contradiction(
            "network.outbox_bytes",
            "content.pinned_threads and one more, of the longest titles, reasons and tags, must fit into "
            "half of it");
    }
    // The largest entity, a message or its reactions, must fit into an outbox whole. A member's id takes up to 10
    // bytes.
    const auto largest = std::max(config.content.text_bytes, 10 * config.content.reaction_members) + 4'096;
    if (config.net.outbox_bytes < largest) {
        return contradiction("network.outbox_bytes",
                             "content.text_bytes, and 10 bytes for each of content.reaction_members, must fit into it");
    }
    // list_forums answers all at once.
    const auto& places = config.membership.places;
    const std::size_t place_bytes = places.slug_bytes + places.title_bytes + places.description_bytes;
    if (places.forums * (place_bytes + content.reason_bytes + 40) > config.net.outbox_bytes) {
        return contradiction("places.forums",
                             "so many, of the longest slugs, titles, descriptions and content.reason_bytes, must fit "
                             "into network.outbox_bytes");
    }
    // list_holds answers at least a room at once.
    if (places.holds * (content.reason_bytes + 40) > config.net.outbox_bytes) {
        return contradiction("places.holds", "so many, with content.reason_bytes, must fit into network.outbox_bytes");
    }
    if (config.net.ping_interval_ms >= config.net.idle_timeout_ms) {
        return contradiction("network.idle_timeout_ms", "must be longer than network.ping_interval_ms");
    }
    if (config.session.page_default > config.session.page) {
        return contradiction("reading.page_default", "must not be more than reading.page");
    }
    if (config.members.display_name_min > config.members.display_name_max) {
        return contradiction("members.display_name_max", "must not be less than members.display_name_min");
    }
    if (config.members.handle_min > config.members.handle_max) {
        return contradiction("members.handle_max", "must not be less than members.handle_min");
    }
    if (config.membership.sanctions.appeal.size() > config.membership.sanctions.appeal_bytes) {
        return contradiction("sanctions.appeal", "must not be longer than sanctions.appeal_bytes");
    }
    if (config.store.feed_length > config.store.feed_backlog) {
        return contradiction("store.feed_backlog", "must not be less than store.feed_length");
    }
    if (config.sign_in.delay_ms > config.sign_in.longest_delay_ms) {
        return contradiction("sign_in.longest_delay_ms", "must not be shorter than sign_in.delay_ms");
    }
    if (config.shutdown.drain_ms > config.shutdown.deadline_ms) {
        return contradiction("shutdown.deadline_ms", "must not be shorter than shutdown.drain_ms");
    }
    if (config.metrics.workers_ms >= config.metrics.timeout_ms) {
        return contradiction("metrics.timeout_ms", "must be longer than metrics.workers_ms");
    }
    if (config.net.tls.certificate.empty() != config.net.tls.key.empty()) {
        const bool lacks_key = config.net.tls.key.empty();
        return contradiction(
            lacks_key ? "tls.key" : "tls.certificate",
            lacks_key ? "must name a file, since tls.certificate does" : "must name a file, since tls.key does");
    }
    if (config.net.address.empty()) return contradiction("server.address", "must not be empty");
    if (config.data_directory.empty()) return contradiction("server.data", "must not be empty");
    return {};
}

}  // namespace foorumi::config
