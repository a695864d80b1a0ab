#include "client/client.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <random>
#include <unordered_map>

#include "client/resume.hpp"
#include "client/websocket.hpp"

namespace foorumi::client {
namespace {

using Clock = std::chrono::steady_clock;
using foorumi::v1::Item;

Millis now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

Random system_random() {
    const auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
    return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

Resume::Settings resume_settings(const Client::Settings& settings) {
    Resume::Settings out;
    out.window = settings.window;
    out.hello.set_client("foorumi-cli 0.1.0");
    out.hello.set_protocol_min(1);
    out.hello.set_protocol_max(1);
    out.hello.set_language(settings.language);
    out.hello.set_token(settings.token);
    return out;
}

}  // namespace

// Makes the actions of Resume happen. Held by the callbacks under way, so that it outlives none of them.
struct Client::Core : std::enable_shared_from_this<Core> {
    using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                                    boost::asio::io_context::executor_type>;

    Core(boost::asio::io_context& context, Settings with, Listener& to)
        : io(context),
          settings(std::move(with)),
          listener(&to),
          resume(resume_settings(settings), system_random()),
          connect_timer(context.get_executor()),
          wake_timer(context.get_executor()) {}

    // A listener may ask for more from within its call: that waits behind the actions already decided.
    void perform(Actions actions) {
        for (auto& action : actions) queue.push_back(std::move(action));
        if (performing) return;
        performing = true;
        while (!queue.empty() && !stopped) {
            const Action action = std::move(queue.front());
            queue.pop_front();
            std::visit([this](const auto& one) { act(one); }, action);
        }
        performing = false;
        if (!stopped) wake();
    }

    void act(const ConnectAfter& action) {
        connect_timer.expires_after(std::chrono::milliseconds(action.delay_ms));
        connect_timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped) self->connect();
        });
    }

    void act(const SendFrame& action) {
        if (socket) socket->send(action.frame.SerializeAsString());
    }

    void act(const Disconnect& /*action*/) {
        if (socket) socket->silence();
        socket.reset();
    }

    void act(const Welcomed& action) { listener->on_welcome(action.welcome, action.again); }
    void act(const Lost& action) { listener->on_lost(why, action.delay_ms); }
    void act(const Failed& action) { listener->on_failed(action.refusal, why); }

    void act(const Deliver& action) {
        switch (action.item.item_case()) {
            case Item::kChange:
                listener->on_change(action.item.change());
                break;
            case Item::kSynced:
                listener->on_synced(action.item.synced());
                break;
            case Item::kEphemeral:
                listener->on_ephemeral(action.item.ephemeral());
                break;
            case Item::kNotice:
                listener->on_notice(action.item.notice());
                break;
            default:
                break;
        }
    }

    void act(const Answered& action) {
        const auto found = answers.find(action.answer.request.id());
        if (found == answers.end()) return;
        const OnAnswer on_answer = std::move(found->second);
        answers.erase(found);
        on_answer(action.answer);
    }

    void connect() {
        why = {};
        const std::weak_ptr<Core> weak = weak_from_this();
        WebSocket::Events events;
        events.opened = [weak] {
            if (const auto self = weak.lock()) self->perform(self->resume.on_connected(now_ms()));
        };
        events.frame = [weak](std::string_view bytes) {
            if (const auto self = weak.lock()) self->on_frame(bytes);
        };
        events.closed = [weak](const ConnectionEnd& end) {
            if (const auto self = weak.lock()) self->on_closed(end);
        };
        socket = WebSocket::open(io, settings.url, settings.trust, std::move(events));
    }

    void on_frame(std::string_view bytes) {
        foorumi::v1::ServerFrame frame;
        if (frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            perform(resume.on_frame(frame, now_ms()));
            return;
        }
        socket->silence();
        on_closed({.fault = Fault::other, .detail = "malformed frame"});
    }

    void on_closed(const ConnectionEnd& end) {
        socket.reset();
        why = end;
        perform(is_final(end.fault) ? resume.on_distrusted() : resume.on_disconnected(now_ms()));
    }

    void wake() {
        const Millis now = now_ms();
        const auto at = resume.wake_at(now);
        if (!at) {
            wake_timer.cancel();
            return;
        }
        wake_timer.expires_after(std::chrono::milliseconds(std::max<Millis>(0, *at - now)));
        wake_timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped) self->perform(self->resume.on_time(now_ms()));
        });
    }

    void stop() {
        stopped = true;
        connect_timer.cancel();
        wake_timer.cancel();
        if (socket) socket->silence();
        socket.reset();
        queue.clear();
        answers.clear();
    }

    boost::asio::io_context& io;
    Settings settings;
    Listener* listener;
    Resume resume;
    Timer connect_timer;
    Timer wake_timer;
    std::shared_ptr<WebSocket> socket;
    ConnectionEnd why;
    std::deque<Action> queue;
    std::unordered_map<std::uint64_t, OnAnswer> answers;
    bool performing = false;
    bool stopped = false;
};

Client::Client(boost::asio::io_context& io, Settings settings, Listener& listener)
    : core_(std::make_shared<Core>(io, std::move(settings), listener)) {}

Client::~Client() { stop(); }

void Client::start() { core_->perform(core_->resume.start()); }

void Client::stop() { core_->stop(); }

std::uint64_t Client::request(foorumi::v1::Request request, OnAnswer on_answer) {
    std::uint64_t id = 0;
    auto actions = core_->resume.request(std::move(request), now_ms(), id);
    core_->answers.emplace(id, std::move(on_answer));
    core_->perform(std::move(actions));
    return id;
}

void Client::subscribe(const std::string& channel, std::uint64_t since, std::uint64_t epoch) {
    core_->perform(core_->resume.subscribe(channel, since, now_ms(), epoch));
}

const std::deque<RequestQueue::Pending>& Client::pending() const { return core_->resume.requests().pending(); }

}  // namespace foorumi::client
