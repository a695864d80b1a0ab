// The traffic of a connection that stands: commands out, replies in, and the deadline on them.
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "store/redis_link.hpp"

#include "base/crash_points.hpp"

namespace foorumi::store {

using boost::system::error_code;

bool RedisClient::Link::send(std::span<const std::string_view> arguments, Callback callback) {
    if (!ready() || outstanding_.size() >= options_.max_outstanding) return false;
    if (options_.locator->elsewhere(*endpoint_)) {
        reconnect();
        return false;
    }
    append(arguments);
    if (callback) {
        // Nothing was due before, so the wait starts now.
        if (outstanding_.empty()) last_reply_ = std::chrono::steady_clock::now();
        outstanding_.push_back(std::move(callback));
        watch_replies();
    }
    return true;
}

// The protocol's array of bulk strings: https://redis.io/docs/latest/develop/reference/protocol-spec/. hiredis would
// print each length with sprintf() and make a copy to be copied here.
void RedisClient::Link::append_length(char mark, std::size_t length) {
    std::array<char, 24> line;  // with the digits of any 64 bits
    line[0] = mark;
    auto* end = std::to_chars(line.data() + 1, line.data() + line.size() - 2, length).ptr;
    *end++ = '\r';
    *end++ = '\n';
    out_.append(line.data(), static_cast<std::size_t>(end - line.data()));
}

void RedisClient::Link::append(std::span<const std::string_view> arguments) {
    append_length('*', arguments.size());
    for (const auto argument : arguments) {
        append_length('$', argument.size());
        out_.append(argument).append("\r\n");
    }
    flush();
}

void RedisClient::Link::flush() {
    if (flush_posted_ || write_under_way_) return;
    flush_posted_ = true;
    boost::asio::post(context_, guarded([this] {
                          flush_posted_ = false;
                          write();
                      }));
}

void RedisClient::Link::write() {
    if (write_under_way_ || out_.empty()) return;
    write_under_way_ = true;
    writing_.clear();
    writing_.swap(out_);
    // The buffer belongs to the link, which the handler keeps; a new connection waits until the old one's write ended
    // because closing the socket ends it before any later handler of this thread runs.
    boost::asio::async_write(socket_, boost::asio::buffer(writing_), guarded([this](error_code error, std::size_t) {
                                 write_under_way_ = false;
                                 if (error) return lose(error.message());
                                 FOORUMI_CRASH_POINT(commands_written);
                                 write();
                             }));
}

void RedisClient::Link::read() {
    socket_.async_read_some(boost::asio::buffer(in_), guarded([this](error_code error, std::size_t length) {
                                if (error) return lose(error.message());
                                feed(length);
                            }));
}

void RedisClient::Link::feed(std::size_t length) {
    if (ready() && options_.locator->elsewhere(*endpoint_)) return lose("the place is another one by now");
    const auto turn = generation_;
    last_reply_ = std::chrono::steady_clock::now();
    reader_->feed(in_.data(), length);
    for (;;) {
        const auto step = reader_->next();
        if (step == ReplyReader::Step::malformed) return lose("malformed reply");
        if (step == ReplyReader::Step::nothing) break;
        deliver(reader_->reply());
        if (turn != generation_) return;  // closed by a callback; the reader may be another
    }
    read();
}

void RedisClient::Link::deliver(const Reply& reply) {
    if (reply.is_error()) options_.locator->refused(*endpoint_, reply.text());
    if (outstanding_.empty()) {
        if (events_.push) events_.push(reply);
        return;
    }
    const auto callback = std::move(outstanding_.front());
    outstanding_.pop_front();
    callback(&reply);
}

void RedisClient::Link::watch_replies() {
    if (reply_timer_armed_) return;
    reply_timer_armed_ = true;
    reply_timer_.expires_at(last_reply_ + options_.reply_deadline);
    reply_timer_.async_wait(guarded([this](error_code error) {
        reply_timer_armed_ = false;
        if (error || outstanding_.empty()) return;
        if (std::chrono::steady_clock::now() - last_reply_ >= options_.reply_deadline) return lose("reply deadline");
        watch_replies();
    }));
}

}  // namespace foorumi::store
