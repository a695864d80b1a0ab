// What every command shares: connecting, finding the rooms it names, asking, names of members, the time limit, the end.
//
// Thread: everything happens inside run(), on the io_context's one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client/arguments.hpp"
#include "client/client.hpp"
#include "client/connection_news.hpp"
#include "client/member_cache.hpp"
#include "client/render.hpp"
#include "output.hpp"

namespace foorumi::client {

// Made by main; outlives the program.
struct Environment {
    const Arguments& arguments;
    const Catalogue& texts;
    Client::Settings client;
};

class Program : public Listener {
   public:
    explicit Program(const Environment& environment);

    // Connects, finds the rooms, runs the command.
    [[nodiscard]] Exit run();

    void on_welcome(const foorumi::v1::Welcome& welcome, bool again) override;
    void on_lost(const ConnectionEnd& why, std::int64_t retry_in_ms) override;
    void on_failed(const std::optional<foorumi::v1::Error>& refusal, const ConnectionEnd& why) override;
    void on_notice(const foorumi::v1::Notice& notice) override;

   protected:
    using Response = foorumi::v1::Response;
    using Request = foorumi::v1::Request;

    // The first welcome has come and the rooms are found.
    virtual void begin() = 0;
    // The command's time is over. By default: told by what is under way.
    virtual void on_time_limit();
    // Standard output takes nothing more. By default: what is under way is told, and the command ends.
    virtual void on_output_end();
    // The connection is lost, still lost, or back.
    virtual void on_news(const std::string& /*news*/) {}
    // The command ends now: nothing is asked or shown after this.
    virtual void on_finish() {}
    // A request that nobody handled the refusal of.
    virtual void on_refused(const Answer& answer);
    // How long the whole command may take without --timeout; nothing: as long as it likes.
    [[nodiscard]] virtual std::optional<double> default_time_limit() const { return 30.0; }

    // The time limit counts from now.
    void restart_time_limit();
    void finish(Exit status);
    [[nodiscard]] bool finished() const { return finished_; }

    // `then` gets answers that are no errors; errors go to on_refused().
    void ask(Request request, std::function<void(const Response&)> then);
    // `then` gets the rooms of all pages of a list_rooms request.
    void ask_rooms(Request request, std::function<void(const foorumi::v1::Rooms&)> then,
                   foorumi::v1::Rooms so_far = {});
    // As ask(), with a change id: the one given on the command line, or a new one.
    void change(Request request, std::function<void(const Response&)> then);
    // Calls `then` when the names of these members are known as far as they can be. Calls come in the order of asking.
    void with_names(std::vector<std::uint64_t> members, std::function<void()> then);

    // Asks on the terminal. False: the answer is no, or there is no terminal; then this is the end.
    [[nodiscard]] bool is_sure(const std::string& question);

    // The end: the refusal is told, and what became of changes under way.
    void refuse(const foorumi::v1::Error& error);
    // A refusal of our own, before anything was sent.
    void refuse_invalid(const std::string& reason, const std::string& field);
    void print(const std::string& line);
    // As print(), for what became of a change: where standard output takes nothing more, standard error gets it.
    void print_outcome(const std::string& line);
    // Tells on standard error of every change that has no answer. True: the outcome of one is unknown.
    bool tell_changes_under_way();
    // Where standard output cannot be written: tells it. The status to end with.
    Exit tell_output_end();
    void note(const std::string& line) { output_.error(line); }

    [[nodiscard]] const Arguments& arguments() const { return environment_.arguments; }
    [[nodiscard]] std::string text(std::string_view key, Catalogue::Values values = {}) const {
        return environment_.texts.text(key, values);
    }
    [[nodiscard]] const Catalogue& texts() const { return environment_.texts; }
    [[nodiscard]] const std::vector<std::uint64_t>& rooms() const { return rooms_; }
    [[nodiscard]] std::uint64_t room() const { return rooms_.front(); }
    [[nodiscard]] const foorumi::v1::Welcome& welcome() const { return welcome_; }
    [[nodiscard]] boost::asio::io_context& io() { return io_; }
    [[nodiscard]] Client& client() { return client_; }
    [[nodiscard]] Renderer& renderer() { return renderer_; }
    [[nodiscard]] MemberCache& members() { return members_; }
    [[nodiscard]] Output& output() { return output_; }
    [[nodiscard]] bool connected() const { return connected_; }

   private:
    struct Naming {
        std::vector<std::uint64_t> members;
        std::function<void()> then;
    };
    [[nodiscard]] bool is_followed_queue(const std::string& room) const;
    void find_rooms();
    void use_rooms(const std::map<std::string, foorumi::v1::Rooms>& found);
    void next_naming();

    const Environment& environment_;
    boost::asio::io_context io_;
    boost::asio::steady_timer limit_;
    Client client_;
    MemberCache members_;
    Renderer renderer_;
    Output output_;
    ConnectionNews news_;
    foorumi::v1::Welcome welcome_;
    std::vector<std::uint64_t> rooms_;
    std::map<std::string, foorumi::v1::Rooms> found_;
    std::deque<Naming> naming_;
    bool naming_under_way_ = false;
    bool connected_ = false;
    bool finished_ = false;
    Exit status_ = Exit::done;
};

}  // namespace foorumi::client
