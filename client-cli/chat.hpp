// `chat ROOM`: the room live, and a line to type into. On a terminal the line steps aside for what arrives; pipes work,
// too.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <map>
#include <memory>

#include "client/chat_command.hpp"
#include "client/chat_room.hpp"
#include "client/input_lines.hpp"
#include "program.hpp"
#include "terminal_line.hpp"

namespace foorumi::client {

class Chat final : public Program {
   public:
    explicit Chat(const Environment& environment);

    void on_change(const foorumi::v1::Change& change) override;
    void on_synced(const foorumi::v1::Synced& synced) override;
    void on_ephemeral(const foorumi::v1::Ephemeral& ephemeral) override;
    void on_notice(const foorumi::v1::Notice& notice) override;

   private:
    using Entities = google::protobuf::RepeatedPtrField<foorumi::v1::Entity>;

    void begin() override;
    void on_refused(const Answer& answer) override;
    void on_time_limit() override;
    void on_output_end() override;
    void on_finish() override;
    void on_news(const std::string& news) override { print(renderer().dim(news)); }
    [[nodiscard]] std::optional<double> default_time_limit() const override { return std::nullopt; }

    // The room and its news (chat_view.cpp).
    void show_snapshot(const foorumi::v1::Synced& synced);
    void show_threads();
    void open(std::uint64_t thread);
    void show_room(const Entities& entities);
    void show_entities(const Entities& entities);
    void show_entity(const foorumi::v1::Entity& entity);
    void show_started(const foorumi::v1::Entity& thread, const foorumi::v1::Entity& message);
    void show_message(const foorumi::v1::Entity& entity);
    void show_own_channel(const Entities& entities, bool first);
    void show_typing(const foorumi::v1::IsTyping& typing);
    void show_presence(const foorumi::v1::Presence& presence);
    void show_reads_only(const foorumi::v1::ReadsOnly& notice);
    void show_who();
    // Fit for the terminal; empty where it is not known.
    void show_lock(const ChatRoom::Thread& thread);
    [[nodiscard]] std::string title_of(const ChatRoom::Thread& thread);

    // What is typed (chat.cpp).
    void read_input();
    void on_block(InputLines::Block block);
    void obey(const ChatCommand& command);
    void obey_reading(const ChatCommand& command);
    void say(std::string text, std::uint64_t reply_to);
    void start_thread(std::string title, std::string words);
    // The line behind a /start without a text. False: it is no such line.
    bool take_first_message(const ChatCommand& command);
    void tell_typing();
    void watch_terminal();
    void mark_read();
    void send_change(Request request, std::function<void(const foorumi::v1::Committed&)> then);
    // A line that was typed is not done.
    void refuse_line(const std::string& why);
    void leave();
    void leave_when_done();

    boost::asio::signal_set signals_;
    boost::asio::steady_timer leaving_;
    // One of the two: a terminal to type on, or lines of anything else.
    std::unique_ptr<TerminalLine> terminal_;
    std::unique_ptr<InputLines> input_;
    boost::asio::signal_set terminal_signals_;
    std::chrono::steady_clock::time_point typing_told_;
    std::string new_title_;  // of a thread whose first message is to be typed
    ChatRoom room_;
    std::string room_channel_;
    std::string own_channel_;
    std::map<std::uint64_t, std::chrono::steady_clock::time_point> typing_shown_;
    bool reading_ = false;
    bool typed_here_ = false;  // standard input is a terminal: what is typed stands there already, and no script waits
    bool input_ended_ = false;
    bool any_refused_ = false;
    bool output_ended_ = false;
    std::size_t unanswered_ = 0;  // changes whose answer has not been dealt with
};

}  // namespace foorumi::client
