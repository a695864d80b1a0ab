// foorumi: the terminal client.
#include <google/protobuf/stubs/logging.h>
#include <langinfo.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>

#include "chat.hpp"
#include "client/arguments.hpp"
#include "client/display.hpp"
#include "client/trust.hpp"
#include "client/utf8.hpp"
#include "follower.hpp"
#include "inbox.hpp"
#include "line_poster.hpp"
#include "one_shot.hpp"

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
    bool good = is_utf8(arguments.title) && is_utf8(arguments.emoji) && is_utf8(arguments.forum);
    good = good && is_utf8(arguments.text.value_or("")) && is_utf8(arguments.token);
    for (const auto& handle : arguments.handles) good = good && is_utf8(handle);
    for (const auto& room : arguments.rooms) good = good && is_utf8(room);
    return good;
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

int run_command(const Environment& environment) {
    std::unique_ptr<Program> program;
    switch (environment.arguments.verb) {
        case Verb::follow:
            program = std::make_unique<Follower>(environment);
            break;
        case Verb::inbox:
            program = std::make_unique<Inbox>(environment);
            break;
        case Verb::chat:
            program = std::make_unique<Chat>(environment);
            break;
        default:
            if (environment.arguments.line_by_line()) {
                program = std::make_unique<LinePoster>(environment);
            } else {
                program = std::make_unique<OneShot>(environment);
            }
    }
    return static_cast<int>(program->run());
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
    if (arguments.token.empty()) {
        if (arguments.token_file.empty()) arguments.token_file = environment_value("FOORUMI_TOKEN_FILE");
        if (arguments.token_file.empty()) return fail_usage(texts, "usage.no_token");
        const auto token = read_token(arguments.token_file);
        if (!token) return fail_usage(texts, "usage.token_file", {{"file", visible(arguments.token_file, Lines::one)}});
        arguments.token = *token;
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
    const Environment environment{.arguments = arguments,
                                  .texts = texts,
                                  .client = {.url = *url,
                                             .token = arguments.token,
                                             .language = texts.language(),
                                             .window = arguments.window,
                                             .trust = trust}};
    return run_command(environment);
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
