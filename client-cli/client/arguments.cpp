#include "client/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <sstream>

#include "client/options.hpp"
#include "client/usage.hpp"

namespace foorumi::client {
namespace {

constexpr const char* version_text = "foorumi 0.1.0 (foorumi.v1)";

std::optional<double> seconds(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc{} && end == text.data() + text.size() && value >= 0.001 && value <= 1e9;
    return good ? std::optional(value) : std::nullopt;
}

class Parser {
   public:
    explicit Parser(const Catalogue& texts) : texts_(texts), app_(texts.text("help.about"), "foorumi") {
        set_labels();
        add_globals();
        add_reading();
        add_writing();
        add_personal();
        add_live();
        add_account_commands(app_, make_);
        add_audit_commands(app_, make_);
        add_report_commands(app_, make_);
        add_moderation_commands(app_, make_);
        add_admin_commands(app_, make_);
    }

    Parsed run(std::vector<std::string> args) {
        std::ranges::reverse(args);  // as CLI11 wants them
        try {
            app_.parse(std::move(args));
            if (!arguments_.token.empty() && !arguments_.token_file.empty())
                return usage(texts_.text("usage.two_tokens"));
            if (arguments_.line_by_line() && !arguments_.change_id.empty())
                return usage(texts_.text("usage.change_id_lines"));
            if (const auto wrong = check_membership(); !wrong.empty()) return usage(texts_.text(wrong));
            if (const auto wrong = check_moderation(); !wrong.empty()) return usage(texts_.text(wrong));
            if (const auto wrong = check_places(); !wrong.empty()) return usage(texts_.text(wrong));
            if (arguments_.verb == Verb::mod_room_order) name_rooms_of_forum(arguments_);
            if (arguments_.reports.nobody && !arguments_.reports.member.empty())
                return usage(texts_.text("usage.nobody_alone"));
            return {.arguments = std::move(arguments_), .status = Exit::done, .out = {}, .err = {}};
        } catch (const CLI::Success& success) {
            std::ostringstream out;
            std::ostringstream err;
            app_.exit(success, out, err);
            std::string told = out.str();
            while (told.ends_with('\n')) told.pop_back();
            return {.arguments = {}, .status = Exit::done, .out = std::move(told), .err = {}};
        } catch (const CLI::ParseError& error) {
            return usage(explain(app_, error, texts_));
        } catch (const UsageError& error) {
            return usage(error.what());
        }
    }

   private:
    void set_labels() {
        for (const auto& [label, key] : {std::pair{"Usage", "usage"},
                                         {"OPTIONS", "options"},
                                         {"SUBCOMMAND", "command"},
                                         {"Positionals", "arguments"},
                                         {"REQUIRED", "required"},
                                         {"Excludes", "excludes"}}) {
            formatter_->label(label, help("label." + std::string(key)));
        }
        app_.formatter(formatter_);
        app_.option_defaults()->group(help("label.option_group"));
    }

    // What goes together is more than one option can tell.
    [[nodiscard]] std::string check_membership() const {
        const auto& admin = arguments_.admin;
        if (arguments_.verb == Verb::sessions_revoke && arguments_.account.sessions.empty() &&
            !arguments_.account.others)
            return "usage.which_sessions";
        if (arguments_.verb == Verb::admin_roles && admin.standing.none && admin.standing.given())
            return "usage.none_alone";
        if (arguments_.verb != Verb::admin_audience) return "";
        if (admin.audience.forum.empty() && arguments_.rooms.empty()) return "usage.forum_or_room";
        if (admin.audience.none == admin.audience.given()) return "usage.audience";
        return "";
    }

    // One message, or those of a member in a range of time.
    [[nodiscard]] std::string check_moderation() const {
        if (arguments_.verb == Verb::locate && arguments_.thread == 0 && arguments_.message == 0)
            return "usage.thread_or_message";
        const auto& asked = arguments_.moderation;
        if (is_sanction_verb(arguments_.verb))
            return asked.forum.empty() == asked.everywhere ? "" : "usage.forum_or_everywhere";
        if (is_filter_verb(arguments_.verb))
            return arguments_.filters.forum.empty() == arguments_.filters.everywhere ? "" : "usage.forum_or_everywhere";
        if (arguments_.verb != Verb::mod_remove) return "";
        const bool ranges = asked.from_ms && asked.to_ms;
        const bool bulk = !asked.member.empty() && ranges && arguments_.message == 0;
        const bool one = arguments_.message != 0 && asked.member.empty() && !asked.from_ms && !asked.to_ms;
        return bulk || one ? "" : "usage.message_or_member";
    }

    [[nodiscard]] std::string check_places() const {
        const auto& audience = arguments_.admin.audience;
        switch (arguments_.verb) {
            case Verb::mod_room_describe:
            case Verb::admin_forum_describe:
                return arguments_.place.given() ? "" : "usage.nothing_to_describe";
            case Verb::admin_forum_create:
                return audience.none == audience.given() ? "usage.audience" : "";
            case Verb::mod_room_create:
                return audience.none && audience.given() ? "usage.audience" : "";
            default:
                return "";
        }
    }

    Parsed usage(const std::string& what) {
        return {.arguments = {}, .status = Exit::usage, .out = {}, .err = usage_text(app_, *formatter_, what, texts_)};
    }

    [[nodiscard]] std::string help(std::string_view key) const { return texts_.text("help." + std::string(key)); }

    CLI::App* command(const std::string& name, Verb verb) { return make_.command(app_, name, name, verb); }

    template <class Target, class Number = std::uint64_t>
    CLI::Option* add_number(CLI::App* sub, const std::string& name, Target& target, std::string_view key,
                            Number least = 1) {
        return make_.add_number(sub, name, target, key, least);
    }

    void room(CLI::App* sub) { make_.add_room(sub); }
    void thread(CLI::App* sub, std::uint64_t least = 1) { make_.add_thread(sub, least); }
    void message(CLI::App* sub) { add_number(sub, "M", arguments_.message, "message")->required(); }
    void change_id(CLI::App* sub) { make_.add_change_id(sub); }

    void add_globals() {
        app_.require_subcommand(1);
        app_.set_help_flag("-h,--help", help("help"));
        app_.set_version_flag("--version", version_text, help("version"));
        app_.footer(help("footer"));
        const std::string server = texts_.text("help.server", {{"server", arguments_.server}});
        app_.add_option("--server", arguments_.server, server)->type_name("URL");
        app_.add_option("--token", arguments_.token, help("token"))->type_name("T");
        app_.add_option("--token-file", arguments_.token_file, help("token_file"))->type_name("F");
        app_.add_option("--ca-file", arguments_.ca_file, help("ca_file"))->type_name("F");
        app_.add_flag("--json", arguments_.json, help("json"));
        const std::function<void(const std::string&)> timeout = [this](const std::string& text) {
            arguments_.timeout_s = seconds(text);
            if (!arguments_.timeout_s)
                throw UsageError(texts_.text("usage.seconds", {{"name", "--timeout"}, {"value", text}}));
        };
        app_.add_option_function<std::string>("--timeout", timeout, help("timeout"))->type_name("S");
        make_.add_choice(&app_, "--lang", language_, "lang", {"fi", "sv", "en"})->type_name("fi|sv|en");
    }

    void add_reading() {
        command("whoami", Verb::whoami);
        command("forums", Verb::forums);
        command("rooms", Verb::rooms)->add_option("FORUM", arguments_.forum, help("forum"))->type_name("");
        auto* threads = command("threads", Verb::threads);
        room(threads);
        add_number(threads, "--before", arguments_.before, "before_activity")->type_name("V");
        add_number(threads, "--limit", arguments_.limit, "limit", std::uint32_t{1});
        auto* history = command("history", Verb::history);
        room(history);
        thread(history);
        auto* before = add_number(history, "--before", arguments_.before, "before")->type_name("M");
        add_number(history, "--after", arguments_.after, "after")->type_name("M")->excludes(before);
        add_number(history, "--limit", arguments_.limit, "limit", std::uint32_t{1});
        auto* members = command("members", Verb::members);
        members->add_option("HANDLE", arguments_.handles, help("handle"))->type_name("")->required();
    }

    void add_writing() {
        auto* start = command("start", Verb::start);
        room(start);
        start->add_option("TITLE", arguments_.title, help("title"))->type_name("")->required();
        start->add_option("TEXT", arguments_.text, help("text"))->type_name("");
        add_number(start, "--window", arguments_.window, "window", std::uint32_t{1});
        change_id(start);
        auto* post = command("post", Verb::post);
        room(post);
        thread(post);
        post->add_option("TEXT", arguments_.text, help("text"))->type_name("");
        add_number(post, "--reply-to", arguments_.reply_to, "reply_to")->type_name("M");
        add_number(post, "--window", arguments_.window, "window", std::uint32_t{1});
        change_id(post);
        for (const auto& [name, verb] : {std::pair{"edit", Verb::edit}, {"delete", Verb::remove}}) {
            auto* sub = command(name, verb);
            room(sub);
            message(sub);
            if (verb == Verb::edit)
                sub->add_option("TEXT", arguments_.text, help("text_whole"))->type_name("")->required();
            change_id(sub);
        }
        for (const auto& [name, verb] : {std::pair{"react", Verb::react}, {"unreact", Verb::unreact}}) {
            auto* sub = command(name, verb);
            room(sub);
            message(sub);
            sub->add_option("EMOJI", arguments_.emoji, help("emoji"))->type_name("")->required();
            change_id(sub);
        }
    }

    void add_personal() {
        auto* read = command("read", Verb::read);
        room(read);
        thread(read);
        add_number(read, "--to", arguments_.to, "to", std::uint64_t{0})->type_name("M");
        change_id(read);
        auto* inbox = command("inbox", Verb::inbox);
        add_number(inbox, "--before", arguments_.before, "before_inbox")->type_name("V");
        add_number(inbox, "--limit", arguments_.limit, "limit", std::uint32_t{1});
        auto* seen = command("seen", Verb::seen);
        room(seen);
        add_number(seen, "M", arguments_.message, "message", std::uint64_t{0})->required();
        add_number(seen, "--act", arguments_.act, "act")->type_name("N");
        change_id(seen);
        auto* draft = command("draft", Verb::draft);
        room(draft);
        thread(draft, 0);
        draft->add_option("TEXT", arguments_.text, help("draft_text"))->type_name("");
        draft->add_option("--title", arguments_.title, help("draft_title"))->type_name("TITLE");
        change_id(draft);
        auto* watch = command("watch", Verb::watch);
        room(watch);
        thread(watch);
        make_.add_choice(watch, "LEVEL", arguments_.level, "level", {"follow", "mute", "normal"})->required();
        change_id(watch);
    }

    void add_live() {
        auto* follow = command("follow", Verb::follow);
        follow->add_option("ROOM", arguments_.rooms, help("room"))->type_name("")->required();
        add_number(follow, "--since", arguments_.since, "since", std::uint64_t{0})->type_name("V");
        add_number(follow, "--epoch", arguments_.epoch, "epoch", std::uint64_t{0})->type_name("E");
        add_number(follow, "--count", arguments_.count, "count")->type_name("N");
        room(command("chat", Verb::chat));
        auto* typing = command("typing", Verb::typing);
        room(typing);
        thread(typing);
    }

    const Catalogue& texts_;
    Arguments arguments_;
    OptionMaker make_{texts_, arguments_};
    CLI::App app_;
    std::shared_ptr<CLI::Formatter> formatter_ = std::make_shared<CLI::Formatter>();
    std::string language_;
};

}  // namespace

Parsed parse_arguments(const std::vector<std::string>& args, const Catalogue& texts) { return Parser(texts).run(args); }

std::optional<std::string> language_option(const std::vector<std::string>& args) {
    const auto known = [](std::string_view language) {
        return language == "fi" || language == "sv" || language == "en";
    };
    for (std::size_t i = 0; i < args.size(); ++i) {
        constexpr std::string_view joined = "--lang=";
        if (args[i] == "--") break;
        if (args[i] == "--lang" && i + 1 < args.size() && known(args[i + 1])) return args[i + 1];
        if (args[i].starts_with(joined) && known(args[i].substr(joined.size()))) return args[i].substr(joined.size());
    }
    return std::nullopt;
}

}  // namespace foorumi::client
