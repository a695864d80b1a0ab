#include "terminal_line.hpp"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <system_error>

#include "client/columns.hpp"
#include "client/display.hpp"
#include "client/utf8.hpp"

namespace foorumi::client {
namespace {

constexpr int most_history = 200;
// The keys of one escape sequence come together; a bare Escape is followed by nothing for this long.
constexpr int sequence_within_ms = 50;
constexpr wchar_t end_of_input = 0x04;
constexpr char32_t joiner = 0x200d;

wchar_t* prompt(EditLine* /*editor*/) {
    static std::array<wchar_t, 3> text{L'>', L' ', L'\0'};
    return text.data();
}

// What a terminal may be sent of what was typed or pasted. Control characters up to 0x1f are keys.
bool may_be_typed(char32_t value) { return value < 0x20 || value == 0x7f || value == joiner || !is_unsafe(value); }

// The begin of a character whose other bytes are still to come.
bool is_cut(std::string_view bytes) {
    const auto lead = static_cast<unsigned char>(bytes.front());
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
    return lead >= 0xc2 && lead <= 0xf4 && bytes.size() < size && std::ranges::all_of(bytes.substr(1), continues);
}

std::string to_utf8(std::wstring_view text) {
    std::string out;
    for (const wchar_t c : text) {
        const auto value = static_cast<char32_t>(c);
        if (value == '\t' || (value >= 0x20 && may_be_typed(value) && value != 0x7f)) append_utf8(out, value);
    }
    return out;
}

}  // namespace

struct TerminalLine::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& context, Events handlers)
        : io(context), events(std::move(handlers)), input(context, ::dup(STDIN_FILENO)) {
        editor = ::el_init("foorumi", stdin, stdout, stderr);
        history = ::history_winit();
        if (editor == nullptr || history == nullptr)
            throw std::system_error(ENOMEM, std::generic_category(), "libedit");
        HistEventW event{};
        ::history_w(history, &event, H_SETSIZE, most_history);
        ::el_wset(editor, EL_CLIENTDATA, this);
        ::el_wset(editor, EL_EDITOR, L"emacs");
        ::el_wset(editor, EL_PROMPT, &prompt);
        ::el_wset(editor, EL_GETCFN, &State::next_key);
        ::el_wset(editor, EL_HIST, &::history_w, history);
        // A raw control character is nothing to be typed.
        ::el_wset(editor, EL_BIND, L"^V", L"ed-unassigned", nullptr);
    }
    ~State() {
        leave();
        if (editor != nullptr) ::el_end(editor);
        if (history != nullptr) ::history_wend(history);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void begin() {
        ::el_wset(editor, EL_UNBUFFERED, 1);
        open = shown = true;
        wait();
    }

    void leave() {
        if (!open) return;
        clear();
        open = false;
        events = {};
        input.close();
        ::el_wset(editor, EL_UNBUFFERED, 0);
    }

    void wait() {
        input.async_wait(Descriptor::wait_read, [weak = weak_from_this()](boost::system::error_code error) {
            const auto self = weak.lock();
            if (!self || !self->open || error) return;
            if (!self->read()) return self->end();
            self->feed();
            if (self->open) self->wait();
        });
    }

    // False: the terminal has gone.
    bool read() {
        std::array<char, 4096> block{};
        const auto got = ::read(STDIN_FILENO, block.data(), block.size());
        if (got < 0) return errno == EINTR || errno == EAGAIN;
        bytes.append(block.data(), static_cast<std::size_t>(got));
        while (!bytes.empty()) {
            const CodePoint point = first_code_point(bytes);
            if (!point.valid && is_cut(bytes)) break;
            keys.push_back(point.valid && may_be_typed(point.value) ? point.value : U'\ufffd');
            bytes.erase(0, point.size);
        }
        return got > 0;
    }

    static int next_key(EditLine* editor, wchar_t* key) {
        void* self = nullptr;
        ::el_wget(editor, EL_CLIENTDATA, &self);
        return static_cast<State*>(self)->take_key(key);
    }

    // In the middle of a sequence the next key may still be on its way.
    int take_key(wchar_t* key) {
        if (keys.empty()) {
            pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
            if (::poll(&waiting, 1, sequence_within_ms) == 1) read();
        }
        if (keys.empty()) {
            errno = EAGAIN;
            return -1;
        }
        *key = static_cast<wchar_t>(keys.front());
        keys.pop_front();
        return 1;
    }

    void feed() {
        show();
        while (open && !keys.empty()) {
            int size = 0;
            const wchar_t* text = ::el_wgets(editor, &size);
            if (text == nullptr || size <= 0) continue;
            const std::wstring_view line(text, static_cast<std::size_t>(size));
            if (line == std::wstring_view(&end_of_input, 1)) return end();
            if (line.ends_with(L'\n')) {
                take_line(std::wstring(line.substr(0, line.size() - 1)));
            } else if (line.front() != L'/') {
                events.typed();
            }
        }
    }

    void take_line(const std::wstring& line) {
        HistEventW event{};
        if (!line.empty()) ::history_w(history, &event, H_ENTER, line.c_str());
        shown = false;
        const auto handler = events.line;
        handler(to_utf8(line));
        if (open) begin_line();
    }

    // The editor begins a new line, and shows the prompt for it, when it is asked for anew. Without its edit mode it
    // leaves the terminal's modes alone meanwhile: the kernel would echo what is pasted, as it is.
    void begin_line() {
        ::el_wset(editor, EL_EDITMODE, 0);
        ::el_wset(editor, EL_UNBUFFERED, 0);
        ::el_wset(editor, EL_UNBUFFERED, 1);
        ::el_wset(editor, EL_EDITMODE, 1);
        shown = true;
    }

    void end() {
        clear();
        if (const auto handler = events.end) handler();
    }

    // Rows between the prompt and the cursor.
    [[nodiscard]] std::size_t cursor_row() const {
        const LineInfoW* line = ::el_wline(editor);
        const std::wstring_view before(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
        return row_of(U"> " + std::u32string(before.begin(), before.end()), terminal_columns());
    }

    void clear() {
        if (!open || !shown) return;
        shown = false;
        std::string bytes_out = "\r";
        if (const auto row = cursor_row(); row > 0) bytes_out += "\x1b[" + std::to_string(row) + 'A';
        bytes_out += "\x1b[J";
        std::fwrite(bytes_out.data(), 1, bytes_out.size(), stdout);
        std::fflush(stdout);
    }

    void show() {
        if (!open || shown) return;
        shown = true;
        ::el_wset(editor, EL_REFRESH);
    }

    void step_aside() {
        if (!shown) return;
        clear();
        boost::asio::post(io, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->show();
        });
    }

    void stop_and_go_on() {
        clear();
        if (open) ::el_wset(editor, EL_PREP_TERM, 0);
        std::raise(SIGSTOP);
        if (open) ::el_wset(editor, EL_PREP_TERM, 1);
        show();
    }

    using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

    boost::asio::io_context& io;
    Events events;
    Descriptor input;
    EditLine* editor = nullptr;
    HistoryW* history = nullptr;
    std::string bytes;  // of a character that has not come whole
    std::deque<char32_t> keys;
    bool open = false;
    bool shown = false;
};

TerminalLine::TerminalLine(boost::asio::io_context& io, Events events)
    : state_(std::make_shared<State>(io, std::move(events))) {}

TerminalLine::~TerminalLine() { state_->leave(); }

bool TerminalLine::possible() {
    const char* term = std::getenv("TERM");
    const bool moves = term != nullptr && *term != 0 && std::string_view(term) != "dumb";
    return moves && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

void TerminalLine::start() { state_->begin(); }
void TerminalLine::make_room() { state_->step_aside(); }
void TerminalLine::close() { state_->leave(); }
void TerminalLine::suspend() { state_->stop_and_go_on(); }

void TerminalLine::resize() {
    state_->clear();
    ::el_resize(state_->editor);
    state_->show();
}

}  // namespace foorumi::client
