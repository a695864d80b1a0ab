// What a chat knows of its room: threads, which one is open, who is there, what of the own is on its way. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "foorumi/v1/protocol.pb.h"

namespace foorumi::client {

class ChatRoom {
   public:
    struct Thread {
        std::string title;   // may be empty: removed with its author
        bool known = false;  // the title is
        std::uint64_t last_message = 0;
        bool muted = false;
        bool locked = false;
        std::string lock_reason;
    };

    void on_snapshot(const foorumi::v1::Synced& synced);
    // A thread or message entity: what it says about threads.
    void on_entity(const foorumi::v1::Entity& entity);
    // A watch entity of the member's channel: "watch:<room>:<thread>".
    void on_watch(std::uint64_t thread, foorumi::v1::Watch::Level level);
    // Who has come and who has gone by it; nobody where it is the full list.
    struct Movement {
        std::vector<std::uint64_t> joined;
        std::vector<std::uint64_t> left;
    };
    Movement on_presence(const foorumi::v1::Presence& presence);

    void open(std::uint64_t thread) { open_ = thread; }
    [[nodiscard]] std::uint64_t opened() const { return open_; }  // 0: none
    // The thread with the latest activity; 0: the room has none.
    [[nodiscard]] std::uint64_t latest_thread() const;
    // Nothing is known of it: no title, and not muted.
    [[nodiscard]] Thread thread(std::uint64_t id) const;
    [[nodiscard]] const std::set<std::uint64_t>& present() const { return present_; }
    [[nodiscard]] std::uint32_t present_count() const { return present_count_; }
    [[nodiscard]] const std::string& title() const { return title_; }

    // A text that was typed here, so that it need not be printed in full when it comes back.
    void said(std::uint64_t thread, std::string text);
    // True once for each such text.
    [[nodiscard]] bool take_said(std::uint64_t thread, const std::string& text);

   private:
    void learn(std::uint64_t id, const foorumi::v1::Thread& told);

    struct Said {
        std::uint64_t thread = 0;
        std::string text;
    };
    static constexpr std::size_t most_said = 256;

    std::string title_;
    std::map<std::uint64_t, Thread> threads_;
    std::uint64_t open_ = 0;
    std::set<std::uint64_t> present_;
    std::uint32_t present_count_ = 0;
    std::deque<Said> said_;
};

}  // namespace foorumi::client
