// A scripted Redis in front of a real one: a test decides about each command; what it leaves alone goes to the real
// server, and its answer comes back byte for byte. One thread for each connection.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"

namespace foorumi::test {

class FakeRedis {
   public:
    using Command = std::vector<std::string>;
    // Nothing: forwarded. Otherwise what the server answers, in the protocol's form ("-LOADING ...\r\n"); empty: it
    // closes the connection without an answer. Called from the threads of the connections, one at a time.
    using Script = std::function<std::optional<std::string>(const Command&)>;

    FakeRedis(std::string real_socket, Script script);
    ~FakeRedis();
    FakeRedis(const FakeRedis&) = delete;
    FakeRedis& operator=(const FakeRedis&) = delete;

    // From now on the replies to these commands are kept back, and all behind them on their connections, until
    // let_go(). Called from the threads of the connections, one at a time.
    void hold_replies(std::function<bool(const Command&)> which);
    void let_go();

    // Ends all connections, as a failing network does; new ones are served.
    void cut_connections();

    [[nodiscard]] std::string url() const { return "unix:" + socket_; }

   private:
    void accept();
    void serve(int client);
    void wait_while_held(const Command& command);
    bool answer(int client, int real, const Command& command, const std::string& bytes);

    TemporaryDirectory directory_;
    std::string socket_;
    std::string real_socket_;
    std::mutex mutex_;
    Script script_;
    std::function<bool(const Command&)> holds_;
    std::condition_variable let_go_;
    int listener_ = -1;
    std::mutex connections_mutex_;
    std::vector<int> connections_;  // shut down at the end, closed by their threads
    std::list<std::thread> threads_;
    std::atomic<bool> stopping_ = false;
    std::thread acceptor_;
};

// Whether it is a call of one of our scripts for this operation, which is their first argument.
[[nodiscard]] bool calls(const FakeRedis::Command& command, std::string_view operation);

}  // namespace foorumi::test
