// The command line: what was asked for. Pure; reads no files and no environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/catalogue.hpp"

namespace foorumi::client {

enum class Verb {
    whoami,
    forums,
    rooms,
    threads,
    history,
    start,
    post,
    edit,
    remove,
    react,
    unreact,
    read,
    inbox,
    follow,
    chat,
    draft,
    watch,
    seen,
    members,
    typing,
    login,
    logout,
    accept,
    sessions,
    sessions_revoke,
    password,
    totp,
    totp_remove,
    me_export,
    me_erase,
    me_keep,
    me_sanctions,
    me_held,
    audit_list,
    audit_verify,
    audit_heads,
    mod_lock,
    mod_unlock,
    mod_pin,
    mod_unpin,
    mod_state,
    mod_restrict,
    mod_tag,
    mod_rename,
    mod_remove,
    mod_restore,
    mod_purge,
    mod_earlier,
    mod_warn,
    mod_mute,
    mod_suspend,
    mod_ban,
    mod_lift,
    mod_sanctions,
    mod_filter_set,
    mod_filter_lift,
    mod_filter_list,
    mod_held_list,
    mod_held_approve,
    mod_held_reject,
    mod_room_create,
    mod_room_describe,
    mod_room_order,
    mod_room_archive,
    mod_room_restore,
    report,
    report_member,
    appeal,
    mod_queue,
    mod_show,
    mod_assign,
    mod_note,
    mod_resolve,
    mod_reject,
    mod_move,
    mod_split,
    mod_merge,
    locate,
    mod_mark,
    mod_unmark,
    mod_export,
    mod_hold,
    mod_release,
    mod_holds,
    mod_retention,
    mod_verify_export,
    // Those of `admin` come last.
    admin_members,
    admin_roles,
    admin_end_sessions,
    admin_reset,
    admin_erase,
    admin_keep,
    admin_invite,
    admin_import,
    admin_invitations,
    admin_withdraw,
    admin_terms,
    admin_terms_add,
    admin_terms_set,
    admin_municipalities,
    admin_audience,
    admin_forum_create,
    admin_forum_describe,
    admin_forum_order,
    admin_forum_archive,
    admin_forum_restore,
};

[[nodiscard]] constexpr bool is_moderation_verb(Verb verb) {
    return verb >= Verb::mod_lock && verb <= Verb::mod_rename;
}
[[nodiscard]] constexpr bool is_report_verb(Verb verb) { return verb >= Verb::report && verb <= Verb::mod_reject; }
[[nodiscard]] constexpr bool is_filter_verb(Verb verb) {
    return verb >= Verb::mod_filter_set && verb <= Verb::mod_filter_list;
}
[[nodiscard]] constexpr bool is_held_verb(Verb verb) {
    return verb == Verb::me_held || (verb >= Verb::mod_held_list && verb <= Verb::mod_held_reject);
}
[[nodiscard]] constexpr bool is_sanction_verb(Verb verb) { return verb >= Verb::mod_warn && verb <= Verb::mod_ban; }

// For the records.
[[nodiscard]] constexpr bool is_record_verb(Verb verb) { return verb >= Verb::mod_mark && verb <= Verb::mod_export; }

[[nodiscard]] constexpr bool is_hold_verb(Verb verb) { return verb >= Verb::mod_hold && verb <= Verb::mod_retention; }

// Of forums and rooms.
[[nodiscard]] constexpr bool is_place_verb(Verb verb) {
    return (verb >= Verb::mod_room_create && verb <= Verb::mod_room_restore) ||
           (verb >= Verb::admin_forum_create && verb <= Verb::admin_forum_restore);
}
[[nodiscard]] constexpr bool is_admin_verb(Verb verb) { return verb >= Verb::admin_members; }

// What the whole program answers to its caller.
enum class Exit : int {
    done = 0,
    refused = 1,
    usage = 2,
    no_connection = 3,
    outcome_unknown = 4,
};

// Of the commands about one's own account. Files: "-" is standard input, a line for each.
struct AccountArguments {
    std::string name;
    std::string password_file;
    std::string new_password_file;
    std::string invitation_file;
    std::vector<std::string> sessions;
    bool others = false;
    std::string out;   // of an export
    bool yes = false;  // nothing is asked to be sure
};

// What somebody is, in the words of standing_words.hpp; forums, municipalities and terms by number, code or name.
struct StandingArguments {
    std::vector<std::string> roles;      // ROLE[@TERM]
    std::vector<std::string> positions;  // KIND[:BODY][@TERM]
    std::vector<std::string> moderates;
    std::string municipality;
    std::string contact_for;
    bool none = false;

    [[nodiscard]] bool given() const {
        return !roles.empty() || !positions.empty() || !moderates.empty() || !municipality.empty() ||
               !contact_for.empty();
    }
};

struct AudienceArguments {
    std::string forum;
    std::vector<std::string> read;
    std::vector<std::string> write;
    std::vector<std::string> municipalities;
    std::vector<std::string> sizes;
    std::vector<std::string> terms;
    bool none = false;
    bool exposes_history = false;

    [[nodiscard]] bool given() const {
        return !read.empty() || !write.empty() || !municipalities.empty() || !sizes.empty() || !terms.empty();
    }
};

struct AdminArguments {
    std::string member;  // number or handle
    StandingArguments standing;
    AudienceArguments audience;
    std::string name;
    std::string handle;
    std::string email;
    std::uint32_t valid_hours = 0;
    std::string invitation;
    std::string file;
    std::string out;
    bool dry_run = false;
    bool skip_bad = false;
    bool clears_second_factor = false;
    std::string content;  // "keep", "remove", or empty: as the server is configured
    std::uint64_t term = 0;
    std::string first_day;
    std::string last_day;
};

// Of the commands on threads and messages; their room, thread and message stand with the others' below, and so does a
// title.
struct ModerationArguments {
    std::string reason;
    std::int64_t until_ms = 0;  // 0: there is no end
    bool announcement = false;
    std::string state;
    std::uint32_t slow_s = 0;
    std::vector<std::string> write;  // roles
    std::vector<std::string> tags;
    std::string member;  // whose messages; empty: one message
    std::optional<std::int64_t> from_ms;
    std::optional<std::int64_t> to_ms;    // before this
    bool yes = false;                     // nothing is asked to be sure
    bool exposes_history = false;         // by a move
    std::vector<std::uint64_t> messages;  // that are split off
    std::uint64_t into = 0;               // thread
    bool public_copy = false;             // of an export: what is marked as secret is left out
    // Of sanctions, beside member, reason, until_ms and yes.
    std::string forum;
    bool everywhere = false;
    std::string appeal;
    std::uint64_t sanction = 0;  // its number
};

// Of the commands on forums and rooms. A room stands with the others' below; audiences are those of `admin`, reasons
// and
// --yes those of moderation.
struct PlaceArguments {
    std::string forum;                // number or slug: the forum itself, or that of the rooms
    std::vector<std::string> forums;  // as they are to be ordered
    std::optional<std::string> slug;
    std::optional<std::string> title;
    std::optional<std::string> description;

    [[nodiscard]] bool given() const { return slug || title || description; }
};

// Of reports, appeals and the moderators' queue.
struct ReportArguments {
    std::string forum;         // number or slug
    std::uint64_t report = 0;  // its number
    std::string category;
    std::string words;
    std::string member;  // number or handle
    bool nobody = false;
    bool closed = false;
    std::string to_author;
};

// Of filters, and of what they hold; a reason and --yes are those of moderation.
struct FilterArguments {
    std::string forum;  // number or slug
    bool everywhere = false;
    std::string kind;
    std::string pattern;
    std::string action;
    std::uint64_t number = 0;  // of a filter, or of a held message
};

// Fields that a command does not have keep their defaults; 0 stands for "not given" in numbers.
struct Arguments {
    std::string server = "ws://127.0.0.1:8080";
    std::string token;
    std::string token_file;
    std::string ca_file;  // empty: the system's store
    bool json = false;
    std::optional<double> timeout_s;

    Verb verb = Verb::whoami;
    std::string forum;               // number or slug; empty: every forum
    std::vector<std::string> rooms;  // numbers or slugs, one except with follow
    std::uint64_t thread = 0;
    std::uint64_t message = 0;
    std::uint64_t act = 0;            // of an inbox entry
    std::optional<std::string> text;  // nothing: not given
    std::string title;
    std::string emoji;
    std::string level;  // "follow", "mute" or "normal"
    std::vector<std::string> handles;
    std::uint64_t reply_to = 0;
    std::string change_id;  // 16 bytes, or empty
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::optional<std::uint64_t> to;  // 0: nothing is read
    std::uint64_t since = 0;
    std::uint64_t epoch = 0;  // that since is of
    std::uint64_t count = 0;
    std::uint32_t limit = 0;
    std::uint32_t retention_days = 0;  // 0: for ever
    std::uint32_t window = 64;         // lines under way with "-"
    AccountArguments account;
    AdminArguments admin;
    ModerationArguments moderation;
    PlaceArguments place;
    ReportArguments reports;
    FilterArguments filters;

    // "-": every line of standard input by itself.
    [[nodiscard]] bool line_by_line() const { return text == "-" && (verb == Verb::post || verb == Verb::start); }
};

struct Parsed {
    std::optional<Arguments> arguments;  // nothing: print and end with `status`
    Exit status = Exit::done;
    std::string out;  // help and version, for standard output
    std::string err;  // a usage error, for standard error
};

// `args` without the program's name.
[[nodiscard]] Parsed parse_arguments(const std::vector<std::string>& args, const Catalogue& texts);

// The language named by --lang, needed before the rest can be explained; nothing if there is none or an unknown one.
[[nodiscard]] std::optional<std::string> language_option(const std::vector<std::string>& args);

}  // namespace foorumi::client
