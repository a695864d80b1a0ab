#include "answers.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "client/display.hpp"

namespace foorumi::client {
namespace {

constexpr std::size_t longest_line = 4000;
constexpr int most_mismatches = 3;

// Byte by byte: what is behind the line is for the next one. Nothing: there is none, or it is too long.
std::optional<auth::Secret> read_secret_line(int fd) {
    std::string line;
    line.reserve(longest_line + 1);
    bool any = false;
    while (true) {
        char c = 0;
        const auto got = ::read(fd, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        any = true;
        if (c == '\n') break;
        line += c;
        if (line.size() > longest_line) {
            auth::wipe(line);
            return std::nullopt;
        }
    }
    if (line.ends_with('\r')) line.pop_back();
    auth::Secret secret(std::move(line));
    return any ? std::optional(std::move(secret)) : std::nullopt;
}

}  // namespace

std::optional<auth::Secret> Answers::line_of(const std::string& file) {
    std::optional<auth::Secret> line;
    if (file == "-") {
        piped_ = true;
        line = read_secret_line(STDIN_FILENO);
    } else {
        const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            line = read_secret_line(fd);
            ::close(fd);
        }
    }
    if (!line) output_.error(texts_.text("usage.secret_file", {{"file", visible(file, Lines::one)}}));
    return line;
}

std::optional<auth::Secret> Answers::typed(const std::string& question, bool secret) {
    if (!prompt_.possible()) {
        output_.error(texts_.text("usage.no_terminal", {{"question", question}}));
        return std::nullopt;
    }
    return prompt_.ask(question, secret);
}

std::optional<auth::Secret> Answers::secret(const std::string& file, const std::string& question) {
    return file.empty() ? typed(question, true) : line_of(file);
}

std::optional<auth::Secret> Answers::new_secret(const std::string& file, const std::string& question,
                                                const std::string& again) {
    if (!file.empty()) return line_of(file);
    for (int tries = 0; tries < most_mismatches; ++tries) {
        auto first = typed(question, true);
        if (!first) return std::nullopt;
        const auto second = typed(again, true);
        if (!second) return std::nullopt;
        if (first->view() == second->view()) return first;
        output_.error(texts_.text("account.passwords_differ"));
    }
    return std::nullopt;
}

std::optional<std::string> Answers::word(const std::string& question) {
    auto answer = piped_ ? read_secret_line(STDIN_FILENO) : typed(question, false);
    if (piped_ && !answer) answer = typed(question, false);
    return answer ? std::optional(std::string(answer->view())) : std::nullopt;
}

}  // namespace foorumi::client
