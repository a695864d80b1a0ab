// How commands and their options are made for CLI11, with texts of the catalogue.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/arguments.hpp"
#include "client/usage.hpp"

namespace foorumi::client {

template <class Number>
[[nodiscard]] std::optional<Number> read_number(const std::string& text, Number least) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least) return std::nullopt;
    return value;
}

// What it makes refers to the arguments, which are filled in by parsing, and to the texts.
class OptionMaker {
   public:
    OptionMaker(const Catalogue& texts, Arguments& arguments) : texts_(texts), arguments_(arguments) {}

    // `verb` counts unless a command below this one is given. `key`: of its help, under "help.command."
    CLI::App* command(CLI::App& parent, const std::string& name, const std::string& key, Verb verb) const;

    template <class Target, class Number = std::uint64_t>
    CLI::Option* add_number(CLI::App* sub, const std::string& name, Target& target, std::string_view key,
                            Number least = 1) const {
        const std::function<void(const std::string&)> store = [this, name, &target, least](const std::string& text) {
            const auto value = read_number<Number>(text, least);
            if (!value) {
                throw UsageError(texts_.text("usage.number", {{"name", name}, {"value", text}}));
            }
            const Number good = *value;
            target = good;
        };
        return sub->add_option_function<std::string>(name, store, help(key))->type_name(name[0] == '-' ? "N" : "");
    }

    CLI::Option* add_choice(CLI::App* sub, const std::string& name, std::string& target, std::string_view key,
                            const std::vector<std::string>& choices) const;

    CLI::Option* add_text(CLI::App* sub, const std::string& name, std::string& target, std::string_view key,
                          const std::string& type = {}) const;

    // May be given several times, each with one value. `good`: which values fit.
    CLI::Option* add_texts(CLI::App* sub, const std::string& name, std::vector<std::string>& target,
                           std::string_view key, const std::string& type,
                           bool (*good)(std::string_view) = nullptr) const;

    void add_room(CLI::App* sub) const;
    void add_thread(CLI::App* sub, std::uint64_t least = 1) const;
    void add_change_id(CLI::App* sub) const;

    [[nodiscard]] std::string help(std::string_view key) const { return texts_.text("help." + std::string(key)); }
    [[nodiscard]] const Catalogue& texts() const { return texts_; }
    [[nodiscard]] Arguments& arguments() const { return arguments_; }

   private:
    const Catalogue& texts_;
    Arguments& arguments_;
};

// Signing in, and what belongs to one's own account.
void add_account_commands(CLI::App& app, const OptionMaker& make);
void add_audit_commands(CLI::App& app, const OptionMaker& make);
// What every member reports and appeals.
void add_report_commands(CLI::App& app, const OptionMaker& make);
// Under `mod`, of which the first makes the others.
void add_moderation_commands(CLI::App& app, const OptionMaker& make);
void add_thread_commands(CLI::App& mod, const OptionMaker& make);
void add_sanction_commands(CLI::App& mod, const OptionMaker& make);
void add_filter_commands(CLI::App& mod, const OptionMaker& make);
void add_room_commands(CLI::App& mod, const OptionMaker& make);
// Under `me`.
void add_own_held_command(CLI::App& me, const OptionMaker& make);
// Under `admin`.
void add_forum_commands(CLI::App& admin, const OptionMaker& make);
// Who reads and writes: what `admin audience` takes, too.
void add_audience_options(CLI::App* sub, const OptionMaker& make);
// The rooms of the command line that are to be ordered, told apart by their forum.
void name_rooms_of_forum(Arguments& arguments);
void add_record_commands(CLI::App& mod, const OptionMaker& make);
void add_queue_commands(CLI::App& mod, const OptionMaker& make);
// Under `mod`, and one beside it.
void add_moving_commands(CLI::App& app, CLI::App& mod, const OptionMaker& make);
void add_admin_commands(CLI::App& app, const OptionMaker& make);

}  // namespace foorumi::client
