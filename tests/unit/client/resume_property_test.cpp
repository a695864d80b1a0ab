// Random connections, crashes, repetitions and losses against a model of the server: whatever happens, every change is
// applied once and in order, and what the client saw of the channel is the channel.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <map>
#include <set>

#include "client/resume.hpp"

namespace foorumi::client {
namespace {

using foorumi::v1::ClientFrame;
using foorumi::v1::Error;
using foorumi::v1::Item;
using foorumi::v1::Request;
using foorumi::v1::ServerFrame;

constexpr const char* channel = "room:1";
using State = std::map<std::string, std::uint64_t>;  // key -> version of its last change

// A server with one channel. What it has committed outlives every connection.
class Model {
   public:
    void commit(const std::string& key) {
        state[key] = ++version;
        if (!live) return;
        Item item;
        auto& change = *item.mutable_change();
        change.set_channel(channel);
        change.set_previous_version(version - 1);
        change.set_version(version);
        fill(*change.add_entities(), key);
        to_client.push_back(item);
    }

    void on_frame(const ClientFrame& frame) {
        for (const auto& request : frame.requests()) on_request(request);
    }

    void on_request(const Request& request) {
        if (request.has_hello()) {
            Item item;
            item.mutable_response()->set_id(request.id());
            item.mutable_response()->mutable_welcome()->set_now_ms(1'000'000);
            item.mutable_response()->mutable_welcome()->mutable_limits()->set_requests_per_second(1'000'000);
            item.mutable_response()->mutable_welcome()->mutable_limits()->set_requests_per_frame(3);
            to_client.push_back(item);
        } else if (request.has_subscribe()) {
            subscribe(request);
        } else {
            change(request);
        }
    }

    void subscribe(const Request& request) {
        const auto& cursor = request.subscribe().cursors(0);
        Item item;
        auto& synced = *item.mutable_synced();
        synced.set_channel(channel);
        synced.set_generation(cursor.generation());
        synced.set_since(cursor.since());
        live = false;
        if (busy > 0) {
            --busy;
            synced.mutable_error()->set_code(Error::CODE_UNAVAILABLE);
        } else {
            fill_synced(synced, cursor.since());
            live = !synced.more();
        }
        to_client.push_back(item);
    }

    void fill_synced(foorumi::v1::Synced& synced, std::uint64_t since) {
        constexpr int page = 3;
        std::map<std::uint64_t, std::string> later;
        for (const auto& [key, at] : state) {
            if (at > since) later[at] = key;
        }
        synced.set_version(version);
        for (const auto& [at, key] : later) {
            if (synced.entities_size() == page) {
                synced.set_more(true);
                synced.set_version(synced.entities(page - 1).version());
                break;
            }
            fill(*synced.add_entities(), key);
        }
    }

    void change(const Request& request) {
        const auto [known, first_made] = made_at.try_emplace(request.change_id(), request.made_at_ms());
        RC_ASSERT(known->second == request.made_at_ms());
        Item item;
        auto& response = *item.mutable_response();
        response.set_id(request.id());
        const auto applied = results.find(request.change_id());
        if (applied == results.end() && busy > 0) {
            --busy;
            response.mutable_error()->set_code(busy % 2 == 0 ? Error::CODE_UNAVAILABLE : Error::CODE_LIMITED);
            response.mutable_error()->set_retry_after_ms(5);
            to_client.push_back(item);
            return;
        }
        if (applied == results.end()) {
            commit("message:" + request.change_id());
            results[request.change_id()] = version;
            order.push_back(request.change_id());
        }
        response.mutable_committed()->set_version(results[request.change_id()]);
        to_client.push_back(item);
    }

    void fill(foorumi::v1::Entity& entity, const std::string& key) {
        entity.set_key(key);
        entity.set_version(state[key]);
    }

    void cut() {
        to_client.clear();
        live = false;
    }

    State state;
    std::uint64_t version = 0;
    bool live = false;
    int busy = 0;
    std::deque<Item> to_client;
    std::map<std::string, std::uint64_t> results;
    std::map<std::string, std::int64_t> made_at;
    std::vector<std::string> order;  // of the client's changes
};

class Harness {
   public:
    explicit Harness(std::size_t window) : resume(settings(window), [this] { return random(); }) {
        model.commit("room");
        perform(resume.start());
        connected();
        perform(resume.subscribe(channel, 1, now));
        seen["room"] = reached = 1;
    }

    static Resume::Settings settings(std::size_t window) {
        Resume::Settings out;
        out.window = window;
        return out;
    }

    double random() {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<double>(seed >> 40U) / static_cast<double>(1U << 24U);
    }

    void perform(const Actions& actions) {
        for (const auto& action : actions) {
            if (const auto* send = std::get_if<SendFrame>(&action)) {
                RC_ASSERT(open);
                RC_ASSERT(send->frame.requests_size() <= 3);
                to_server.push_back(send->frame);
            } else if (const auto* later = std::get_if<ConnectAfter>(&action)) {
                RC_ASSERT(!open);
                RC_ASSERT(later->delay_ms >= 0);
                connect_at = now + later->delay_ms;
            } else if (std::get_if<Disconnect>(&action) != nullptr) {
                close();
            } else if (const auto* deliver = std::get_if<Deliver>(&action)) {
                delivered(deliver->item);
            } else if (const auto* answered = std::get_if<Answered>(&action)) {
                RC_ASSERT(!answered->answer.response.has_error());
                RC_ASSERT(answers.insert(answered->answer.request.change_id()).second);
            }
            RC_ASSERT(std::get_if<Failed>(&action) == nullptr);
        }
    }

    // The chain: each range begins where the last one ended.
    void delivered(const Item& item) {
        const bool change = item.has_change();
        const auto from = change ? item.change().previous_version() : item.synced().since();
        const auto to = change ? item.change().version() : item.synced().version();
        RC_ASSERT(from == reached);
        RC_ASSERT(to >= from);
        for (const auto& entity : change ? item.change().entities() : item.synced().entities()) {
            RC_ASSERT(entity.version() > from && entity.version() <= to);
            seen[entity.key()] = entity.version();
        }
        reached = to;
    }

    void close() {
        open = false;
        to_server.clear();
        model.cut();
    }

    void connected() {
        now = std::max(now, connect_at);
        open = true;
        perform(resume.on_connected(now));
    }

    void to_client() {
        if (model.to_client.empty()) return;
        ServerFrame frame;
        *frame.add_items() = model.to_client.front();
        model.to_client.pop_front();
        perform(resume.on_frame(frame, now));
    }

    void step(int event) {
        if (event < 20) {
            model.commit("other:" + std::to_string(event % 5));
        } else if (event < 35) {
            Request request;
            request.set_change_id("c" + std::to_string(++submitted));
            request.mutable_post_message();
            std::uint64_t id = 0;
            perform(resume.request(request, now, id));
        } else if (event < 55) {
            if (!to_server.empty()) {
                const ClientFrame frame = to_server.front();
                to_server.pop_front();
                model.on_frame(frame);
            }
        } else if (event < 75) {
            to_client();
        } else if (event < 80) {
            // A change that never arrives: the client has to notice.
            if (!model.to_client.empty() && model.to_client.front().has_change()) model.to_client.pop_front();
        } else if (event < 85) {
            if (open) {
                close();
                perform(resume.on_disconnected(now));
            }
        } else if (event < 92) {
            if (!open) connected();
        } else if (event < 94) {
            if (!open) perform(resume.on_disconnected(now));  // could not be reached
        } else if (event < 96) {
            if (faults) ++model.busy;
        } else {
            now += event;
            perform(resume.on_time(now));
        }
    }

    void settle() {
        model.busy = 0;
        if (!open) connected();
        model.commit("last");  // so that a lost change shows
        for (int i = 0; i < 20'000 && !quiet(); ++i) {
            while (!to_server.empty()) {
                const ClientFrame frame = to_server.front();
                to_server.pop_front();
                model.on_frame(frame);
            }
            while (!model.to_client.empty()) to_client();
            if (const auto at = resume.wake_at(now)) now = std::max(now, *at);
            perform(resume.on_time(now));
            if (!open) connected();
        }
    }

    [[nodiscard]] bool quiet() const {
        return to_server.empty() && model.to_client.empty() && resume.requests().size() == 0 && model.live &&
               reached == model.version;
    }

    Model model;
    std::uint64_t seed = 42;
    Resume resume;
    Millis now = 1'000;
    Millis connect_at = 0;
    bool open = false;
    bool faults = true;
    std::deque<ClientFrame> to_server;
    std::set<std::string> answers;
    State seen;
    std::uint64_t reached = 0;
    int submitted = 0;
};

void run(Harness& harness, const std::vector<int>& events) {
    // The first welcome has come: before it, a connection that fails would be final.
    harness.step(50);
    harness.step(60);
    for (const int event : events) harness.step(event);
    harness.settle();
    RC_ASSERT(harness.quiet());
    RC_ASSERT(harness.seen == harness.model.state);
    RC_ASSERT(harness.answers.size() == static_cast<std::size_t>(harness.submitted));
    RC_ASSERT(harness.model.order.size() == static_cast<std::size_t>(harness.submitted));
}

std::vector<std::string> in_order(int count) {
    std::vector<std::string> out;
    for (int i = 1; i <= count; ++i) out.push_back("c" + std::to_string(i));
    return out;
}

const auto events = rc::gen::scale(4.0, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100)));

TEST(ResumeProperty, EveryChangeIsAppliedOnceAndTheChannelIsSeenWhole) {
    EXPECT_TRUE(rc::check("with temporary refusals", [] {
        Harness harness(8);
        run(harness, *events);
    }));
}

TEST(ResumeProperty, WithoutRefusalsTheOrderIsKeptOverLostConnections) {
    EXPECT_TRUE(rc::check("order", [] {
        Harness harness(8);
        harness.faults = false;
        run(harness, *events);
        RC_ASSERT(harness.model.order == in_order(harness.submitted));
    }));
}

TEST(ResumeProperty, WithAWindowOfOneTheOrderIsKeptWhateverIsRefused) {
    EXPECT_TRUE(rc::check("strict order", [] {
        Harness harness(1);
        run(harness, *events);
        RC_ASSERT(harness.model.order == in_order(harness.submitted));
    }));
}

}  // namespace
}  // namespace foorumi::client
