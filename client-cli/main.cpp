// foorumi: the terminal client.
#include <google/protobuf/stubs/logging.h>
#include <langinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>

#include "account.hpp"
#include "admin.hpp"
#include "audit.hpp"
#include "chat.hpp"
#include "client/arguments.hpp"
#include "client/display.hpp"
#include "client/kept_sign_ins.hpp"
#include "client/trust.hpp"
#include "client/utf8.hpp"
#include "export.hpp"
#include "filters.hpp"
#include "follower.hpp"
#include "hold_keeping.hpp"
#include "importer.hpp"
#include "inbox.hpp"
#include "line_poster.hpp"
#include "moderation.hpp"
#include "moving.hpp"
#include "one_shot.hpp"
#include "places.hpp"
#include "record_keeping.hpp"
#include "reports.hpp"
#include "sanctions.hpp"
#include "sessions.hpp"

namespace foorumi::client {
namespace {

constexpr std::size_t longest_token_file = 4096;
constexpr std::size_t longest_text = 1024 * 1024;

std::string environment_value(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string choose_language(const std::vector<std::string>& args) {
    return language_option(args).value_or(
        language_of(environment_value("LC_ALL"), environment_value("LC_MESSAGES"), environment_value("LANG")));
}

int fail_usage(const Catalogue& texts, std::string_view key, Catalogue::Values values = {}) {
    Output().error(texts.text(key, values));
    return static_cast<int>(Exit::usage);
}

// The file's first line without the white space around it; nothing if it cannot be read.
std::optional<std::string> read_token(const std::string& path) {
    std::ifstream file(path);
    std::string token;
    if (!file || !std::getline(file, token) || token.size() > longest_token_file) return std::nullopt;
    const auto begin = token.find_first_not_of(" \t\r");
    if (begin == std::string::npos) return std::nullopt;
    return token.substr(begin, token.find_last_not_of(" \t\r") - begin + 1);
}

// From the command line, a file that is named, or the sign-in that is kept for this server. Else the status to end
// with.
std::optional<int> find_token(Arguments& arguments, const Catalogue& texts, const Url& url, const KeptSignIns* kept) {
    if (!arguments.token.empty()) return std::nullopt;
    if (arguments.token_file.empty()) arguments.token_file = environment_value("FOORUMI_TOKEN_FILE");
    if (!arguments.token_file.empty()) {
        const auto token = read_token(arguments.token_file);
        if (!token) return fail_usage(texts, "usage.token_file", {{"file", visible(arguments.token_file, Lines::one)}});
        arguments.token = *token;
        return std::nullopt;
    }
    const auto found = kept != nullptr ? kept->find(url) : PrivateFileResult<std::optional<std::string>>(std::nullopt);
    if (found.has_error()) {
        Output().error(words_of(found.error(), texts));
        return static_cast<int>(Exit::usage);
    }
    if (!*found) return fail_usage(texts, "usage.no_token", {{"server", visible(arguments.server, Lines::one)}});
    arguments.token = **found;
    return std::nullopt;
}

AuthServer entrance_of(const Arguments& arguments, const Url& url, const Trust& trust, const Catalogue& texts) {
    AuthServer server{.url = url, .trust = trust, .language = texts.language()};
    if (arguments.timeout_s)
        server.limit = std::chrono::milliseconds(static_cast<std::int64_t>(*arguments.timeout_s * 1000));
    return server;
}

// All of standard input as one text, without its last line feed; nothing if it is too long.
std::optional<std::string> read_text() {
    std::string text;
    std::array<char, 64 * 1024> block{};
    while (true) {
        const auto got = ::read(STDIN_FILENO, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        text.append(block.data(), static_cast<std::size_t>(got));
        if (text.size() > longest_text) return std::nullopt;
    }
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

// Texts that come from standard input as a whole: no TEXT with start and post, "-" with edit and draft.
bool wants_whole_input(const Arguments& arguments) {
    const bool opening = arguments.verb == Verb::post || arguments.verb == Verb::start;
    const bool replacing = arguments.verb == Verb::edit || arguments.verb == Verb::draft;
    return (opening && !arguments.text) || (replacing && arguments.text == "-");
}

bool all_utf8(const Arguments& arguments) {
    const auto& admin = arguments.admin;
    const auto& standing = admin.standing;
    const auto& audience = admin.audience;
    const auto& moderation = arguments.moderation;
    const auto& place = arguments.place;
    const auto& reports = arguments.reports;
    const auto one = [](const std::string& text) { return is_utf8(text); };
    const auto all = [](const std::vector<std::string>& texts) { return std::ranges::all_of(texts, is_utf8); };
    return one(arguments.title) && one(arguments.emoji) && one(arguments.forum) && one(arguments.text.value_or("")) &&
           one(arguments.token) && all(arguments.handles) && all(arguments.rooms) && all(arguments.account.sessions) &&
           one(admin.member) && one(admin.name) && one(admin.handle) && one(admin.email) && one(admin.invitation) &&
           one(place.forum) && all(place.forums) && one(place.slug.value_or("")) && one(place.title.value_or("")) &&
           one(place.description.value_or("")) && one(reports.forum) && one(reports.words) && one(reports.member) &&
           one(reports.to_author) && one(arguments.filters.forum) && one(arguments.filters.pattern) &&
           one(moderation.reason) && one(moderation.member) && one(moderation.forum) && one(moderation.appeal) &&
           all(moderation.tags) && one(admin.first_day) && one(admin.last_day) && all(standing.roles) &&
           all(standing.positions) && all(standing.moderates) && one(standing.municipality) &&
           one(standing.contact_for) && one(audience.forum) && all(audience.municipalities) && all(audience.terms);
}

// Text is UTF-8 whatever the environment says: its characters and their widths are those of a locale in UTF-8.
void use_utf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

int print_help(const Parsed& parsed, const Catalogue& texts) {
    Output output;
    if (output.line(parsed.out) || output.state() == Output::State::reader_gone) return static_cast<int>(parsed.status);
    output.error("UNAVAILABLE output_failed: " + texts.text("refusal.output_failed", {{"why", output.why()}}));
    return static_cast<int>(Exit::refused);
}

std::unique_ptr<Program> make_program(const Environment& environment) {
    const Arguments& arguments = environment.arguments;
    switch (arguments.verb) {
        case Verb::follow:
            return std::make_unique<Follower>(environment);
        case Verb::inbox:
            return std::make_unique<Inbox>(environment);
        case Verb::chat:
            return std::make_unique<Chat>(environment);
        case Verb::sessions:
        case Verb::sessions_revoke:
            return std::make_unique<Sessions>(environment);
        case Verb::me_export:
            return std::make_unique<Export>(environment);
        case Verb::audit_list:
        case Verb::audit_verify:
        case Verb::audit_heads:
            return std::make_unique<Audit>(environment);
        case Verb::mod_remove:
        case Verb::mod_restore:
        case Verb::mod_purge:
        case Verb::mod_earlier:
            return std::make_unique<Moderation>(environment);
        case Verb::mod_warn:
        case Verb::mod_mute:
        case Verb::mod_suspend:
        case Verb::mod_ban:
        case Verb::mod_lift:
        case Verb::mod_sanctions:
        case Verb::me_sanctions:
            return std::make_unique<Sanctions>(environment);
        case Verb::mod_move:
        case Verb::mod_split:
        case Verb::mod_merge:
        case Verb::locate:
            return std::make_unique<Moving>(environment);
        case Verb::admin_import:
            return std::make_unique<Importer>(environment);
        default:
            break;
    }
    if (is_filter_verb(arguments.verb) || is_held_verb(arguments.verb)) return std::make_unique<Filters>(environment);
    if (is_place_verb(arguments.verb)) return std::make_unique<Places>(environment);
    if (is_hold_verb(arguments.verb)) return std::make_unique<HoldKeeping>(environment);
    if (is_record_verb(arguments.verb)) return std::make_unique<RecordKeeping>(environment);
    if (is_report_verb(arguments.verb)) return std::make_unique<Reports>(environment);
    if (is_admin_verb(arguments.verb)) return std::make_unique<Admin>(environment);
    if (arguments.line_by_line()) return std::make_unique<LinePoster>(environment);
    return std::make_unique<OneShot>(environment);
}

int run(const std::vector<std::string>& args) {
    use_utf8();
    const Catalogue texts(choose_language(args));
    Parsed parsed = parse_arguments(args, texts);
    if (!parsed.arguments) {
        if (!parsed.out.empty()) return print_help(parsed, texts);
        if (!parsed.err.empty()) Output().error(visible(parsed.err, Lines::many));
        return static_cast<int>(parsed.status);
    }
    Arguments& arguments = *parsed.arguments;
    if (arguments.verb == Verb::mod_verify_export) return static_cast<int>(verify_export(arguments, texts));
    const auto url = parse_url(arguments.server);
    if (url.has_error())
        return fail_usage(texts, key_of(url.error()), {{"server", visible(arguments.server, Lines::one)}});
    if (!url->tls && !is_loopback(*url))
        Output().error(texts.text("connection.insecure", {{"server", visible(arguments.server, Lines::one)}}));
    Trust trust;
    if (url->tls) {
        if (arguments.ca_file.empty()) arguments.ca_file = environment_value("FOORUMI_CA_FILE");
        trust = make_trust(arguments.ca_file);
        if (!trust) return fail_usage(texts, "usage.ca_file", {{"file", visible(arguments.ca_file, Lines::one)}});
    }
    const std::string directory = sign_in_directory(environment_value("XDG_STATE_HOME"), environment_value("HOME"));
    const KeptSignIns kept(directory);
    const auto* place = directory.empty() ? nullptr : &kept;
    if (needs_token(arguments.verb)) {
        if (const auto status = find_token(arguments, texts, *url, place)) return *status;
    }
    const Client::Settings client{.url = *url,
                                  .token = arguments.token,
                                  .language = texts.language(),
                                  .window = arguments.window,
                                  .trust = trust};
    if (is_account_verb(arguments.verb)) {
        const AccountEnvironment environment{.arguments = arguments,
                                             .texts = texts,
                                             .server = entrance_of(arguments, *url, trust, texts),
                                             .kept = place,
                                             .client = client};
        return static_cast<int>(Account(environment).run());
    }
    if (wants_whole_input(arguments)) {
        if (::isatty(STDIN_FILENO) == 1) Output().error(texts.text("post.type_text"));
        arguments.text = read_text();
        if (!arguments.text) return fail_usage(texts, "usage.text_too_long");
    }
    if (!all_utf8(arguments)) {
        Output().error("INVALID text_not_utf8 text: " + texts.text("refusal.text_not_utf8"));
        return static_cast<int>(Exit::refused);
    }
    const Environment environment{.arguments = arguments, .texts = texts, .client = client};
    return static_cast<int>(make_program(environment)->run());
}

}  // namespace
}  // namespace foorumi::client

int main(int argc, char** argv) {
    // A reader that goes away shows as an error of the write.
    std::signal(SIGPIPE, SIG_IGN);
    std::setlocale(LC_TIME, "");
    // What is wrong with a frame is told by us.
    google::protobuf::SetLogHandler(nullptr);
    try {
        return foorumi::client::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        foorumi::client::Output().error(std::string("foorumi: ") + error.what());
        return static_cast<int>(foorumi::client::Exit::no_connection);
    }
}
