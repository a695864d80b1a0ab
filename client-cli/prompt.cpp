#include "prompt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace foorumi::client {
namespace {

constexpr std::size_t longest_typed = 4000;
constexpr std::array watched{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile std::sig_atomic_t caught = 0;

void note_signal(int number) { caught = number; }

// While it lives the signals that end or stop a program wait for the terminal's modes. They are blocked but in wait().
class SignalsHeld {
   public:
    SignalsHeld() {
        sigset_t held;
        sigemptyset(&held);
        struct sigaction noting{};
        noting.sa_handler = &note_signal;
        for (std::size_t n = 0; n < watched.size(); ++n) {
            sigaddset(&held, watched[n]);
            ::sigaction(watched[n], &noting, &before_[n]);
        }
        ::sigprocmask(SIG_BLOCK, &held, &mask_);
        caught = 0;
    }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;
    ~SignalsHeld() {
        for (std::size_t n = 0; n < watched.size(); ++n) ::sigaction(watched[n], &before_[n], nullptr);
        ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    }

    // False: a signal came first.
    [[nodiscard]] bool wait(int terminal) const {
        pollfd readable{.fd = terminal, .events = POLLIN, .revents = 0};
        return ::ppoll(&readable, 1, nullptr, &mask_) > 0;
    }

   private:
    std::array<struct sigaction, watched.size()> before_{};
    sigset_t mask_{};
};

class Unseen {
   public:
    Unseen(int terminal, bool secret) : terminal_(terminal), known_(secret && ::tcgetattr(terminal, &before_) == 0) {
        if (!known_) return;
        termios modes = before_;
        modes.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        ::tcsetattr(terminal_, TCSAFLUSH, &modes);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    ~Unseen() {
        if (known_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }

   private:
    int terminal_;
    termios before_{};
    bool known_;
};

enum class Typed { line, nothing, interrupted };

// The terminal itself takes the line together, so it comes whole.
Typed read_line(int terminal, const SignalsHeld& signals, std::string& line) {
    line.reserve(longest_typed + 1);
    while (true) {
        if (!signals.wait(terminal)) return Typed::interrupted;
        char c = 0;
        const auto got = ::read(terminal, &c, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return Typed::nothing;
        if (c == '\n') return line.size() > longest_typed ? Typed::nothing : Typed::line;
        if (line.size() <= longest_typed) line += c;
    }
}

}  // namespace

Prompt::Prompt() : terminal_(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {}

Prompt::~Prompt() {
    if (terminal_ >= 0) ::close(terminal_);
}

bool Prompt::write(const std::string& text) const {
    return ::write(terminal_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::optional<auth::Secret> Prompt::ask(const std::string& question, bool secret) {
    while (true) {
        std::string line;
        auto typed = Typed::nothing;
        int signal = 0;
        {
            const SignalsHeld signals;
            const Unseen unseen(terminal_, secret);
            if (!write(question + ' ')) return std::nullopt;
            typed = read_line(terminal_, signals, line);
            signal = caught;
        }
        // The line feed that was typed was not shown.
        if ((secret || typed != Typed::line) && !write("\n")) return std::nullopt;
        auth::Secret taken(std::move(line));
        if (typed == Typed::line) return taken;
        if (typed == Typed::nothing) return std::nullopt;
        std::raise(signal);
        // Stopped, and here again.
    }
}

}  // namespace foorumi::client
