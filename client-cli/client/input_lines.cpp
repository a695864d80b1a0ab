#include "client/input_lines.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace foorumi::client {

struct InputLines::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& context, int from, OnBlock handler)
        : io(context), fd(from), on_block(std::move(handler)), stop_event(::eventfd(0, EFD_CLOEXEC)) {
        if (stop_event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~State() { ::close(stop_event); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // The reading thread.
    void run() {
        while (wait_for_wish()) {
            Block block = next_block();
            if (stopped_reading) return;
            const bool end = block.end;
            boost::asio::post(io, [self = shared_from_this(), block = std::move(block)]() mutable {
                if (self->on_block) self->on_block(std::move(block));
            });
            if (end) return;
        }
    }

    bool wait_for_wish() {
        std::unique_lock lock(mutex);
        wish.wait(lock, [this] { return wanted || stopping; });
        wanted = false;
        return !stopping;
    }

    Block next_block() {
        Block block;
        while (block.lines.empty() && !block.end) {
            std::array<char, block_bytes> bytes{};
            const auto size = read_some(bytes.data(), bytes.size());
            if (size <= 0) {
                if (!rest.empty()) block.lines.push_back(std::move(rest));
                block.end = true;
            } else {
                split({bytes.data(), static_cast<std::size_t>(size)}, block);
            }
        }
        return block;
    }

    // 0 at the end, and when it is to stop; an error counts as the end.
    ssize_t read_some(char* bytes, std::size_t size) {
        while (true) {
            std::array<pollfd, 2> waiting{pollfd{fd, POLLIN, 0}, pollfd{stop_event, POLLIN, 0}};
            if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return 0;
            if (waiting[1].revents != 0) {
                stopped_reading = true;
                return 0;
            }
            if (waiting[0].revents == 0) continue;
            const auto got = ::read(fd, bytes, size);
            if (got >= 0 || (errno != EINTR && errno != EAGAIN)) return got;
        }
    }

    void split(std::string_view bytes, Block& block) {
        while (!bytes.empty()) {
            const auto end = bytes.find('\n');
            rest += bytes.substr(0, end);
            if (rest.size() > longest_line) {
                block.end = block.too_long = true;
                return;
            }
            if (end == std::string_view::npos) return;
            block.lines.push_back(std::exchange(rest, {}));
            bytes.remove_prefix(end + 1);
        }
    }

    boost::asio::io_context& io;
    int fd;
    OnBlock on_block;  // touched on the io_context's thread only
    int stop_event;
    std::string rest;  // this and stopped_reading: the reading thread's own
    bool stopped_reading = false;
    std::mutex mutex;
    std::condition_variable wish;
    bool wanted = false;
    bool stopping = false;
    std::thread thread;
};

InputLines::InputLines(boost::asio::io_context& io, int fd, OnBlock on_block)
    : state_(std::make_shared<State>(io, fd, std::move(on_block))) {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

InputLines::~InputLines() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wish.notify_one();
    const std::uint64_t one = 1;
    // The counter has room: nobody else adds to it.
    if (::write(state_->stop_event, &one, sizeof one) == sizeof one)
        state_->thread.join();
    else
        state_->thread.detach();
    state_->on_block = nullptr;
}

void InputLines::more() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->wanted = true;
    }
    state_->wish.notify_one();
}

}  // namespace foorumi::client
