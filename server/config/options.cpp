#include "config/options.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>

#include "auth/limits.hpp"
#include "net/address_set.hpp"
#include "net/listen_address.hpp"
#include "net/origin.hpp"

namespace foorumi::config {
namespace {

template <class T>
concept Duration = requires {
    typename T::rep;
    typename T::period;
};

template <class T>
std::int64_t to_number(const T& field) {
    if constexpr (Duration<T>)
        return static_cast<std::int64_t>(field.count());
    else
        return static_cast<std::int64_t>(field);
}

template <class T>
void from_number(T& field, std::int64_t number) {
    if constexpr (Duration<T>)
        field = T(number);
    else
        field = static_cast<T>(number);
}

// The largest number that the field's type can hold.
template <class T>
constexpr std::int64_t capacity() {
    if constexpr (Duration<T> || sizeof(T) == sizeof(std::int64_t))
        return std::numeric_limits<std::int64_t>::max();
    else
        return static_cast<std::int64_t>(std::numeric_limits<T>::max());
}

// `Field` gives a reference into a Config, const or not.
template <auto Field, std::int64_t Min, std::int64_t Max>
constexpr Option number(std::string_view section, std::string_view name) {
    using Type = std::remove_cvref_t<decltype(Field(std::declval<Config&>()))>;
    static_assert(0 <= Min && Min <= Max && Max <= capacity<Type>());
    return {section, name,
            IntegerSpec{Min, Max, [](const Config& config) { return to_number(Field(config)); },
                        [](Config& config, std::int64_t value) { from_number(Field(config), value); }}};
}

template <auto Field>
constexpr Option text(std::string_view section, std::string_view name, std::span<const std::string_view> allowed = {}) {
    return {section, name, TextSpec{allowed, 1024, [](Config& config) -> std::string& { return Field(config); }}};
}

template <auto Field>
constexpr Option text(std::string_view section, std::string_view name, const TextForm& form) {
    return {section, name, TextSpec{{}, 1024, [](Config& config) -> std::string& { return Field(config); }, &form}};
}

template <auto Field>
constexpr Option list(std::string_view section, std::string_view name, bool (*is_entry)(std::string_view),
                      std::string_view entry) {
    return {section, name,
            ListSpec{64, is_entry, entry, [](Config& config) -> std::vector<std::string>& { return Field(config); }}};
}

bool is_range(std::string_view text) { return net::parse_range(text).has_value(); }
bool is_listen_address(std::string_view text) { return net::parse_listen_address(text).has_value(); }

constexpr TextForm listen_address{is_listen_address,
                                  "a numeric address and a port, such as \"127.0.0.1:9464\" or \"[::1]:9464\""};

constexpr std::array<std::string_view, 3> languages{"fi", "sv", "en"};
constexpr std::array<std::string_view, 6> levels{"trace", "debug", "info", "warning", "error", "off"};
constexpr std::array<std::string_view, 2> formats{"text", "json"};
constexpr std::array<std::string_view, 2> contents{erased_content_kept, erased_content_removed};
constexpr std::array<std::string_view, 2> off_on{net::proxy_protocol_off, net::proxy_protocol_on};

constexpr std::int64_t minute_ms = 60 * 1000;
constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * 60 * minute_ms;

// Kept in milliseconds, configured in units of so many.
template <auto Field, std::int64_t Unit, std::int64_t Min, std::int64_t Max>
constexpr Option time(std::string_view section, std::string_view name) {
    return {section, name,
            IntegerSpec{Min, Max, [](const Config& config) { return to_number(Field(config)) / Unit; },
                        [](Config& config, std::int64_t value) { from_number(Field(config), value * Unit); }}};
}

// NOLINTNEXTLINE(bugprone-macro-parentheses): a lambda
#define FIELD(path) [](auto& config) -> auto& { return config.path; }

constexpr std::array table{
    text<FIELD(net.address)>("server", "address"),
    number<FIELD(net.port), 0, 65535>("server", "port"),
    number<FIELD(workers), 0, 256>("server", "workers"),
    text<FIELD(data_directory)>("server", "data"),
    text<FIELD(language)>("server", "language", languages),

    number<FIELD(net.max_connections), 1, 1'000'000>("network", "connections"),
    number<FIELD(net.max_connections_per_address), 1, 1'000'000>("network", "connections_per_address"),
    number<FIELD(session.connections_per_member), 1, 1'000'000>("network", "connections_per_member"),
    number<FIELD(net.frame_bytes), 1024, 16 * mebibyte>("network", "frame_bytes"),
    number<FIELD(net.outbox_bytes), 64 * 1024, 256 * mebibyte>("network", "outbox_bytes"),
    number<FIELD(net.handshake_timeout_ms), 100, 10 * minute_ms>("network", "handshake_timeout_ms"),
    number<FIELD(net.handshakes_per_turn), 1, 10'000>("network", "handshakes_per_turn"),
    number<FIELD(net.ping_interval_ms), 100, 60 * minute_ms>("network", "ping_interval_ms"),
    number<FIELD(net.idle_timeout_ms), 200, 120 * minute_ms>("network", "idle_timeout_ms"),
    number<FIELD(net.close_timeout_ms), 100, 10 * minute_ms>("network", "close_timeout_ms"),
    text<FIELD(net.proxy_protocol)>("network", "proxy_protocol", off_on),

    number<FIELD(net.http.body_bytes), 256, mebibyte>("http", "body_bytes"),
    list<FIELD(net.http.origins)>("http", "origins", net::is_origin,
                                  "an origin as browsers write it, such as \"https://foorumi.fi\""),
    list<FIELD(net.http.trusted_proxies)>("http", "trusted_proxies", is_range,
                                          "an address, or a range such as \"10.0.0.0/8\""),

    text<FIELD(net.tls.certificate)>("tls", "certificate"),
    text<FIELD(net.tls.key)>("tls", "key"),

    number<FIELD(session.requests_per_frame), 1, 10'000>("session", "requests_per_frame"),
    number<FIELD(session.in_flight), 4, 100'000>("session", "in_flight"),
    number<FIELD(session.requests_per_second), 1, 1'000'000>("session", "requests_per_second"),
    number<FIELD(session.request_burst), 1, 1'000'000>("session", "request_burst"),
    number<FIELD(session.member_requests_per_second), 1, 1'000'000>("session", "member_requests_per_second"),
    number<FIELD(session.member_request_burst), 1, 1'000'000>("session", "member_request_burst"),
    number<FIELD(session.subscriptions), 1, 10'000>("session", "subscriptions"),
    number<FIELD(session.bad_requests), 1, 10'000>("session", "bad_requests"),
    number<FIELD(session.limited_requests), 1, 1'000'000>("session", "limited_requests"),
    number<FIELD(session.hello_timeout_ms), 100, 10 * minute_ms>("session", "hello_timeout_ms"),
    number<FIELD(session.typing_interval_ms), 100, minute_ms>("session", "typing_interval_ms"),

    number<FIELD(session.page), 1, 1'000>("reading", "page"),
    number<FIELD(session.page_default), 1, 1'000>("reading", "page_default"),
    number<FIELD(session.rooms), 1, 10'000>("reading", "rooms"),
    number<FIELD(session.snapshot_threads), 1, 1'000>("reading", "snapshot_threads"),
    number<FIELD(session.unread_cap), 1, 10'000>("reading", "unread_cap"),
    number<FIELD(session.sync_entities), 1, 100'000>("reading", "sync_entities"),
    number<FIELD(session.syncs_at_once), 1, 10'000>("reading", "syncs_at_once"),
    number<FIELD(session.syncs_waiting), 0, 1'000'000>("reading", "syncs_waiting"),
    number<FIELD(session.presence_list), 0, 10'000>("reading", "presence_list"),
    number<FIELD(session.inbox_entries), 1, 100'000>("reading", "inbox_entries"),

    number<FIELD(content.text_bytes), 1, mebibyte>("content", "text_bytes"),
    number<FIELD(content.title_bytes), 1, 4096>("content", "title_bytes"),
    number<FIELD(content.mentions), 0, 1'000>("content", "mentions"),
    number<FIELD(content.emoji_bytes), 1, 256>("content", "emoji_bytes"),
    number<FIELD(content.reactions), 1, 1'000>("content", "reactions"),
    number<FIELD(content.reaction_members), 1, 100'000>("content", "reaction_members"),
    number<FIELD(content.edits), 0, 10'000>("content", "edits"),
    time<FIELD(content.earlier_text_ms), day_ms, 1, 3650>("content", "earlier_text_days"),
    number<FIELD(content.reason_bytes), 1, 10'000>("content", "reason_bytes"),
    number<FIELD(content.pinned_threads), 0, 100>("content", "pinned_threads"),
    number<FIELD(content.slow_mode_s), 1, 604'800>("content", "slow_mode_s"),
    number<FIELD(content.tags), 0, 100>("content", "tags"),
    number<FIELD(content.tag_bytes), 1, 1'000>("content", "tag_bytes"),
    number<FIELD(content.moved_messages), 1, 5'000>("content", "moved_messages"),
    number<FIELD(content.move_batch), 1, 500>("content", "move_batch"),
    number<FIELD(content.expired_batch), 1, 500>("content", "expired_batch"),
    number<FIELD(content.expiry_interval_s), 1, 86'400>("content", "expiry_interval_s"),
    number<FIELD(content.redirects), 1, 1'000>("content", "redirects"),
    number<FIELD(content.report_bytes), 1, 10'000>("content", "report_bytes"),
    number<FIELD(content.reports_open), 1, 1'000>("content", "reports_open"),
    number<FIELD(content.reports_per_day), 1, 1'000>("content", "reports_per_day"),
    number<FIELD(content.reporters), 1, 100>("content", "reporters"),
    number<FIELD(content.report_notes), 1, 200>("content", "report_notes"),
    time<FIELD(content.appeal_ms), day_ms, 1, 3650>("content", "appeal_days"),
    time<FIELD(content.report_ms), day_ms, 1, 3650>("content", "report_days"),

    number<FIELD(membership.filters.per_place), 1, 2'000>("filters", "per_place"),
    number<FIELD(membership.filters.pattern_bytes), 1, 500>("filters", "pattern_bytes"),
    number<FIELD(content.held_per_member), 1, 100>("filters", "held_per_member"),
    number<FIELD(content.held_per_forum), 1, 5'000>("filters", "held_per_forum"),

    time<FIELD(content.newcomers.new_ms), day_ms, 0, 365>("new_members", "days"),
    number<FIELD(content.newcomers.posts), 0, 10'000>("new_members", "posts"),
    number<FIELD(content.newcomers.posts_per_day), 1, 1'000>("new_members", "posts_per_day"),
    number<FIELD(content.newcomers.links), 0, 100>("new_members", "links_per_message"),

    number<FIELD(membership.places.forums), 1, 1'000>("places", "forums"),
    number<FIELD(membership.places.rooms), 1, 1'900>("places", "rooms"),
    number<FIELD(membership.places.slug_bytes), 1, 200>("places", "slug_bytes"),
    number<FIELD(membership.places.title_bytes), 1, 4096>("places", "title_bytes"),
    number<FIELD(membership.places.description_bytes), 0, 10'000>("places", "description_bytes"),
    number<FIELD(membership.places.holds), 1, 500>("places", "holds"),
    number<FIELD(membership.places.retention_days), 1, 1'000'000>("places", "retention_days"),

    number<FIELD(passwords.cost.memory_kib), 19 * 1024, auth::most_memory_kib>("passwords", "memory_kib"),
    number<FIELD(passwords.cost.passes), 2, auth::most_passes>("passwords", "passes"),
    number<FIELD(passwords.least_characters), 15, 64>("passwords", "least_characters"),
    number<FIELD(passwords.most_characters), 64, 1'024>("passwords", "most_characters"),
    number<FIELD(passwords.threads), 1, 16>("passwords", "threads"),
    number<FIELD(passwords.queue), 1, 10'000>("passwords", "queue"),

    text<FIELD(second_factor.issuer)>("second_factor", "issuer"),
    number<FIELD(second_factor.window), 0, 2>("second_factor", "window"),
    number<FIELD(second_factor.recovery_codes), 1, 20>("second_factor", "recovery_codes"),
    text<FIELD(second_factor.key_file)>("second_factor", "key_file"),
    text<FIELD(second_factor.previous_key_file)>("second_factor", "previous_key_file"),

    number<FIELD(sign_in.account_tries), 1, 100>("sign_in", "account_tries"),
    number<FIELD(sign_in.address_tries), 1, 10'000>("sign_in", "address_tries"),
    number<FIELD(sign_in.delay_ms), 100, minute_ms>("sign_in", "delay_ms"),
    number<FIELD(sign_in.longest_delay_ms), 1'000, 60 * minute_ms>("sign_in", "longest_delay_ms"),
    number<FIELD(sign_in.forget_ms), 1'000, day_ms>("sign_in", "forget_ms"),
    number<FIELD(sign_in.accounts), 1, 10'000'000>("sign_in", "accounts"),
    number<FIELD(sign_in.addresses), 1, 10'000'000>("sign_in", "addresses"),
    number<FIELD(sign_in.known_addresses), 0, 100>("sign_in", "known_addresses"),
    number<FIELD(sign_in.known_days), 1, 3650>("sign_in", "known_days"),

    time<FIELD(membership.session_ms), day_ms, 1, 3650>("sessions", "absolute_days"),
    time<FIELD(membership.session_idle_ms), day_ms, 1, 3650>("sessions", "idle_days"),
    time<FIELD(membership.session_touch_ms), minute_ms, 1, 1'440>("sessions", "touch_minutes"),
    time<FIELD(membership.pending_ms), minute_ms, 1, 60>("sessions", "pending_minutes"),
    number<FIELD(membership.sessions), 1, 1'000>("sessions", "per_member"),
    number<FIELD(membership.device_bytes), 1, 1'024>("sessions", "device_bytes"),

    time<FIELD(membership.invitation_ms), day_ms, 1, 365>("invitations", "days"),
    time<FIELD(membership.reset_ms), hour_ms, 1, 168>("invitations", "reset_hours"),
    number<FIELD(membership.invitations), 1, 1'000'000>("invitations", "open"),
    number<FIELD(membership.contact_invitations), 1, 1'000'000>("invitations", "of_contact"),

    time<FIELD(membership.erasure_grace_ms), day_ms, 0, 3650>("erasure", "grace_days"),
    text<FIELD(erased_content)>("erasure", "content", contents),

    number<FIELD(membership.sanctions.active), 1, 1'000>("sanctions", "active"),
    number<FIELD(membership.sanctions.records), 1, 1'000>("sanctions", "records"),
    number<FIELD(membership.sanctions.reason_bytes), 1, 4'000>("sanctions", "reason_bytes"),
    number<FIELD(membership.sanctions.appeal_bytes), 1, 4'000>("sanctions", "appeal_bytes"),
    time<FIELD(membership.sanctions.longest_ms), day_ms, 1, 3650>("sanctions", "longest_days"),
    time<FIELD(membership.sanctions.keep_ms), day_ms, 0, 3650>("sanctions", "keep_days"),
    text<FIELD(membership.sanctions.appeal)>("sanctions", "appeal"),

    number<FIELD(membership.grants), 1, 100>("members", "grants"),
    number<FIELD(membership.moderated_forums), 1, 10'000>("members", "moderated_forums"),
    number<FIELD(membership.terms), 1, 10'000>("members", "terms"),
    number<FIELD(membership.term_name_bytes), 1, 1'024>("members", "term_name_bytes"),
    number<FIELD(membership.audience_entries), 1, 10'000>("members", "audience_entries"),
    number<FIELD(members.display_name_min), 1, 80>("members", "display_name_min"),
    number<FIELD(members.display_name_max), 1, 200>("members", "display_name_max"),
    number<FIELD(members.handle_min), 1, 40>("members", "handle_min"),
    number<FIELD(members.handle_max), 20, 64>("members", "handle_max"),
    number<FIELD(members.positions), 0, 100>("members", "positions"),
    number<FIELD(members.position_bytes), 1, 4096>("members", "position_bytes"),

    number<FIELD(imports.rows), 1, 100'000>("import", "rows"),
    number<FIELD(imports.bytes), 1024, 64 * mebibyte>("import", "bytes"),

    text<FIELD(store.url)>("redis", "url"),
    number<FIELD(store.partitions), 1, 1024>("redis", "partitions"),
    number<FIELD(store.connections), 1, 64>("redis", "connections"),
    number<FIELD(store.replicas), 0, 16>("redis", "replicas"),
    number<FIELD(store.replica_wait), 10, 60'000>("redis", "replica_wait_ms"),

    number<FIELD(store.change_deadline), 100, 10 * minute_ms>("store", "change_deadline_ms"),
    number<FIELD(store.read_deadline), 100, 10 * minute_ms>("store", "read_deadline_ms"),
    number<FIELD(store.max_pending), 1, 10'000'000>("store", "pending"),
    number<FIELD(store.max_tries), 1, 1'000>("store", "tries"),
    number<FIELD(store.feed_length), 16, 10'000'000>("store", "feed_length"),
    number<FIELD(store.feed_backlog), 16, 10'000'000>("store", "feed_backlog"),
    number<FIELD(store.purge_entries), 1, 100'000>("store", "purge_entries"),
    number<FIELD(store.rewrite_deadline), 1'000, 24 * 60 * minute_ms>("store", "rewrite_deadline_ms"),
    number<FIELD(store.cache_entities), 0, 100'000'000>("store", "cache_entities"),
    number<FIELD(store.cache_bytes), 0, 1'000'000'000'000>("store", "cache_bytes"),
    number<FIELD(store.recent_bytes), 0, 1'000'000'000'000>("store", "recent_bytes"),
    number<FIELD(store.tail_batch), 1, 10'000>("store", "tail_batch"),
    number<FIELD(store.gather_audience), 1, 1'000'000>("store", "gather_audience"),
    number<FIELD(store.gather_time), 0, 1'000>("store", "gather_ms"),

    text<FIELD(log.level)>("log", "level", levels),
    text<FIELD(log.format)>("log", "format", formats),
    text<FIELD(log.file)>("log", "file"),

    text<FIELD(metrics.listen)>("metrics", "listen", listen_address),
    number<FIELD(metrics.connections), 1, 1'000>("metrics", "connections"),
    number<FIELD(metrics.timeout_ms), 200, 10 * minute_ms>("metrics", "timeout_ms"),
    number<FIELD(metrics.workers_ms), 100, minute_ms>("metrics", "workers_ms"),

    number<FIELD(shutdown.drain_ms), 0, 60 * minute_ms>("shutdown", "drain_ms"),
    number<FIELD(shutdown.deadline_ms), 100, 60 * minute_ms>("shutdown", "deadline_ms"),
};

#undef FIELD

ConfigError error(ConfigErrc code, const Option& option, std::string_view where, std::string problem) {
    return {code, std::string(where), option.path(), std::move(problem)};
}

Result<void> assign_number(Config& config, const Option& option, const IntegerSpec& spec, const OptionValue& value,
                           std::string_view where) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return error(ConfigErrc::wrong_type, option, where, "must be a whole number");
    if (*number < spec.min || *number > spec.max) {
        return error(ConfigErrc::out_of_range, option, where,
                     "must be from " + std::to_string(spec.min) + " to " + std::to_string(spec.max) + ", is " +
                         std::to_string(*number));
    }
    spec.set(config, *number);
    return {};
}

Result<void> assign_text(Config& config, const Option& option, const TextSpec& spec, const OptionValue& value,
                         std::string_view where) {
    const auto* word = std::get_if<std::string>(&value);
    if (word == nullptr) return error(ConfigErrc::wrong_type, option, where, "must be a text in quotes");
    if (!spec.allowed.empty() && std::find(spec.allowed.begin(), spec.allowed.end(), *word) == spec.allowed.end()) {
        std::string problem = "must be one of";
        for (const auto allowed : spec.allowed) problem.append(" \"").append(allowed).append("\"");
        return error(ConfigErrc::not_allowed, option, where, std::move(problem));
    }
    if (word->size() > spec.max_bytes) {
        return error(ConfigErrc::out_of_range, option, where,
                     "must be of at most " + std::to_string(spec.max_bytes) + " bytes");
    }
    if (spec.form != nullptr && !word->empty() && !spec.form->has(*word)) {
        std::string problem = "\"" + *word + "\" is not ";
        return error(ConfigErrc::not_allowed, option, where, problem.append(spec.form->form));
    }
    spec.field(config) = *word;
    return {};
}

Result<void> assign_list(Config& config, const Option& option, const ListSpec& spec, const OptionValue& value,
                         std::string_view where) {
    const auto* entries = std::get_if<std::vector<std::string>>(&value);
    if (entries == nullptr) return error(ConfigErrc::wrong_type, option, where, "must be a list of texts");
    if (entries->size() > spec.max_entries) {
        return error(ConfigErrc::out_of_range, option, where,
                     "must have at most " + std::to_string(spec.max_entries) + " entries, has " +
                         std::to_string(entries->size()));
    }
    for (const auto& entry : *entries) {
        if (spec.is_entry(entry)) continue;
        std::string problem = "\"" + entry + "\" is not ";
        return error(ConfigErrc::not_allowed, option, where, problem.append(spec.entry));
    }
    spec.field(config) = *entries;
    return {};
}

}  // namespace

std::span<const Option> options() { return table; }

const Option* find_option(std::string_view section, std::string_view name) {
    const auto* found = std::find_if(table.begin(), table.end(), [&](const Option& option) {
        return option.section == section && option.name == name;
    });
    return found == table.end() ? nullptr : found;
}

OptionValue value_of(const Option& option, const Config& config) {
    if (const auto* spec = std::get_if<IntegerSpec>(&option.spec)) return spec->get(config);
    Config copy = config;
    if (const auto* spec = std::get_if<ListSpec>(&option.spec)) return spec->field(copy);
    return std::get<TextSpec>(option.spec).field(copy);
}

Result<void> assign(Config& config, const Option& option, const OptionValue& value, std::string_view where) {
    if (const auto* spec = std::get_if<IntegerSpec>(&option.spec)) {
        return assign_number(config, option, *spec, value, where);
    }
    if (const auto* spec = std::get_if<ListSpec>(&option.spec)) return assign_list(config, option, *spec, value, where);
    return assign_text(config, option, std::get<TextSpec>(option.spec), value, where);
}

}  // namespace foorumi::config
