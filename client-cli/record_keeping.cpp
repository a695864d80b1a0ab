#include "record_keeping.hpp"

#include <algorithm>
#include <chrono>

#include "client/audience_words.hpp"
#include "client/display.hpp"
#include "client/json_lines.hpp"
#include "client/private_file.hpp"

namespace foorumi::client {
namespace {

constexpr int most_beginnings = 3;

std::string_view finding_key(Finding::Kind kind) {
    switch (kind) {
        case Finding::Kind::changed:
            return "records.changed";
        case Finding::Kind::missing:
            return "records.missing";
        case Finding::Kind::extra:
            return "records.extra";
        case Finding::Kind::unreadable:
            return "records.unreadable";
    }
    return "records.changed";
}

std::string_view finding_word(Finding::Kind kind) {
    return finding_key(kind).substr(std::string_view("records.").size());
}

}  // namespace

RecordKeeping::RecordKeeping(const Environment& environment)
    : AdminProgram(environment), records_(environment.arguments.thread, environment.arguments.moderation.public_copy) {}

void RecordKeeping::begin() {
    with_room([this] { arguments().verb == Verb::mod_export ? begin_export() : mark(); });
}

void RecordKeeping::with_room(std::function<void()> then) {
    Request request;
    request.mutable_list_rooms();
    ask_rooms(std::move(request), [this, then = std::move(then)](const foorumi::v1::Rooms& all) {
        const auto found = std::ranges::find(all.rooms(), room(), [](const auto& one) { return one.id(); });
        if (found == all.rooms().end()) return refuse(Unknown("room_not_found", "room").error());
        room_ = *found;
        with_registers(then);
    });
}

std::string RecordKeeping::readers() const { return readers_of(room_, registers(), texts()); }

void RecordKeeping::mark() {
    Request request;
    auto& mark = *request.mutable_mark_secrecy();
    mark.set_room(room());
    mark.set_message(arguments().message);
    mark.set_marked(arguments().verb == Verb::mod_mark);
    mark.set_ground(arguments().moderation.reason);
    change(std::move(request), [this](const Response& response) {
        const auto& committed = response.committed();
        print_outcome(arguments().json ? to_json(committed)
                                       : text("change.done", {{"version", std::to_string(committed.version())}}));
        if (arguments().verb == Verb::mod_mark) note(text("records.marked", {{"who", readers()}}));
        finish(Exit::done);
    });
}

// --- export

void RecordKeeping::begin_export() {
    const auto there = check_private_directory(arguments().account.out);
    if (there.has_value() || there.error().error != ENOENT) {
        note(there.has_value() ? text("records.there", {{"file", visible(arguments().account.out, Lines::one)}})
                               : words_of(there.error(), texts()));
        return finish(Exit::refused);
    }
    ++begun_;
    records_ = Records(arguments().thread, arguments().moderation.public_copy);
    last_.Clear();
    export_page();
}

void RecordKeeping::export_page() {
    Request request;
    auto& asked = *request.mutable_export_records();
    asked.set_room(room());
    asked.set_thread(arguments().thread);
    asked.set_public_copy(arguments().moderation.public_copy);
    asked.set_next_place(last_.next_place());
    asked.set_next_since(last_.next_since());
    asked.set_epoch(last_.epoch());
    ask(std::move(request), [this](const Response& response) { add_page(response.records_page()); });
}

void RecordKeeping::add_page(const foorumi::v1::RecordsPage& page) {
    records_.add(page);
    last_ = page;
    last_.clear_entities();
    if (page.more()) return export_page();
    records_.complete();
    with_names(records_.members(), [this] { write_export(); });
}

// Pages go on where they began: at another node, and behind its restart, they begin anew.
void RecordKeeping::on_refused(const Answer& answer) {
    if (answer.response.error().reason() == "export_not_begun" && begun_ < most_beginnings) return begin_export();
    AdminProgram::on_refused(answer);
}

ExportFacts RecordKeeping::facts() const {
    using namespace std::chrono;
    ExportFacts facts;
    facts.server = welcome().server();
    facts.address = arguments().server;
    facts.software = "foorumi 0.1.0";
    facts.language = texts().language();
    facts.exported_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    facts.exporter = welcome().self();
    facts.forum = room_.forum();
    facts.room = room_.id();
    facts.thread = arguments().thread;
    facts.public_copy = arguments().moderation.public_copy;
    return facts;
}

Heading RecordKeeping::heading() const {
    const auto one = [](std::string_view text) { return visible(text, Lines::one); };
    const auto about = facts();
    const auto counts = records_.counts();
    Heading lines;
    lines.push_back(text("records.title", {{"room", one(room_.title())},
                                           {"number", '#' + std::to_string(room_.id())},
                                           {"forum", one(registers().name_of_forum(room_.forum()))}}));
    if (about.thread != 0) lines.push_back(text("records.thread", {{"thread", '#' + std::to_string(about.thread)}}));
    lines.push_back(text("records.source", {{"server", one(about.server)},
                                            {"address", one(about.address)},
                                            {"time", time_text(about.exported_ms)},
                                            {"name", one(about.exporter.name())},
                                            {"version", std::to_string(records_.version())}}));
    lines.push_back(text("records.counts", {{"threads", std::to_string(counts.threads)},
                                            {"messages", std::to_string(counts.messages)},
                                            {"deleted", std::to_string(counts.deleted)},
                                            {"marked", std::to_string(counts.marked)}}));
    if (about.public_copy) lines.push_back(text("records.public", {{"blanked", std::to_string(counts.blanked)}}));
    lines.push_back(text("records.law", {{"who", readers()}}));
    return lines;
}

bool RecordKeeping::write(const std::vector<RecordsFile>& files) {
    const auto& out = arguments().account.out;
    auto done = make_private_directory(out);
    // The manifest comes last: a directory without one was not finished.
    for (const auto& file : files)
        if (done.has_value()) done = create_private(out + '/' + file.name, file.contents);
    if (done.has_error()) note(words_of(done.error(), texts()));
    return done.has_value();
}

void RecordKeeping::write_export() {
    const auto above = heading();
    std::vector<RecordsFile> files{{"records.jsonl", records_json(records_, members())},
                                   {"records.txt", records_text(records_, members(), texts(), above)},
                                   {"records.html", records_html(records_, members(), texts(), above)}};
    const auto manifest = manifest_json(facts(), records_, files);
    files.push_back({std::string(manifest_name), manifest + '\n'});
    if (!write(files)) return finish(Exit::refused);
    const auto digest = sha256_hex(files.back().contents);
    if (arguments().json) {
        print(R"({"manifestSha256":")" + digest + R"(","manifest":)" + manifest + '}');
        return finish(Exit::done);
    }
    const auto counts = records_.counts();
    print(text("records.written", {{"directory", visible(arguments().account.out, Lines::one)},
                                   {"threads", std::to_string(counts.threads)},
                                   {"messages", std::to_string(counts.messages)},
                                   {"blanked", std::to_string(counts.blanked)}}));
    print(text("records.digest", {{"digest", digest}}));
    finish(Exit::done);
}

Exit verify_export(const Arguments& arguments, const Catalogue& texts) {
    Output output;
    const auto& directory = arguments.account.out;
    const auto verified = verify_export(directory);
    if (!verified) {
        output.error(texts.text("records.no_manifest", {{"directory", visible(directory, Lines::one)}}));
        return Exit::refused;
    }
    const bool whole = verified->findings.empty();
    std::string found;
    for (const auto& finding : verified->findings) {
        const auto file = visible(finding.file, Lines::one);
        if (arguments.json)
            found += (found.empty() ? "" : ",") + std::string(R"({"kind":")") +
                     std::string(finding_word(finding.kind)) + R"(","file":)" + json_string(file) + '}';
        else
            output.error(texts.text(finding_key(finding.kind), {{"file", file}, {"why", finding.why}}));
    }
    if (arguments.json)
        output.line(R"({"whole":)" + std::string(whole ? "true" : "false") + R"(,"files":)" +
                    std::to_string(verified->files) + R"(,"manifestSha256":")" + verified->manifest_sha256 +
                    R"(","findings":[)" + found + "]}");
    else if (whole)
        output.line(texts.text("records.whole", {{"count", std::to_string(verified->files)}}));
    if (!arguments.json) output.line(texts.text("records.digest", {{"digest", verified->manifest_sha256}}));
    return whole ? Exit::done : Exit::refused;
}

}  // namespace foorumi::client
