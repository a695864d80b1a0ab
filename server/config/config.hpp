// The whole configuration of a server, read once at the start. The parts get their own option structs and never this
// one.
//
// Precedence: defaults, then the file, then the command line. config/foorumi.toml explains every option; the table in
// options.hpp is the list of them.
//
// Thread: free functions without state. Errors are values; nothing here throws.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/options.hpp"
#include "config/metrics_options.hpp"
#include "config/session_limits.hpp"
#include "forum/rules.hpp"
#include "membership/rules.hpp"
#include "names/limits.hpp"
#include "net/connection.hpp"
#include "observability/log_options.hpp"
#include "store/channel_store.hpp"

namespace foorumi::config {

inline constexpr std::string_view erased_content_kept = "keep";
inline constexpr std::string_view erased_content_removed = "remove";

struct ShutdownOptions {
    std::uint32_t drain_ms = 2'000;      // clients are told to reconnect at a random moment within this
    std::uint32_t deadline_ms = 15'000;  // everything is ended after this, answered or not
};

struct Config {
    std::uint16_t workers = 0;  // 0: one per core
    std::string data_directory = "./var";
    std::string language = "fi";  // of sessions that name none
    net::Options net;
    SessionLimits session;
    auth::PasswordOptions passwords;
    auth::SecondFactorOptions second_factor;
    auth::SignInOptions sign_in;
    forum::ContentLimits content;
    names::NameLimits members;
    names::ImportLimits imports;
    membership::Limits membership;                    // its names are `members`
    std::string erased_content{erased_content_kept};  // where nobody says otherwise
    store::Options store;                             // url empty: a Redis of our own in the data directory
    observability::LogOptions log;
    MetricsOptions metrics;
    ShutdownOptions shutdown;
};

enum class ConfigErrc : std::uint8_t {
    unreadable,      // the file cannot be read
    syntax,          // not TOML
    unknown_option,  // no such section, or no such option in it
    wrong_type,
    out_of_range,
    not_allowed,   // a word that is not among the allowed ones
    inconsistent,  // two options contradict each other
};

struct ConfigError {
    ConfigErrc code = ConfigErrc::syntax;
    std::string where;    // "foorumi.toml:12", or the command line's option
    std::string option;   // "network.frame_bytes", empty where it is about no option
    std::string problem;  // a sentence for people

    // "foorumi.toml:12: network.frame_bytes: must be from 1024 to 16777216, is 5"
    [[nodiscard]] std::string text() const;
};

[[noreturn]] void throw_exception_from_error(const ConfigError& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, ConfigError>;

// A value from the command line: "server.port", "8081", "--port".
struct Override {
    std::string_view option;
    std::string value;
    std::string_view where;
};

// Puts what the file's text says over `base`. `source` names the text in errors.
[[nodiscard]] Result<Config> parse(std::string_view toml, std::string_view source, Config base = {});

// Reads the file, if there is one, and the command line over it, and checks that the options agree with each other.
[[nodiscard]] Result<Config> load(const std::optional<std::filesystem::path>& file,
                                  std::span<const Override> overrides);

// What no single option's range can say, such as a text limit that does not fit into a frame.
[[nodiscard]] Result<void> check_consistency(const Config& config);

}  // namespace foorumi::config
