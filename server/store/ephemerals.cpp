#include "store/ephemerals.hpp"

#include <array>

namespace foorumi::store {
namespace {

constexpr std::size_t most_under_way = 1'024;
constexpr std::chrono::milliseconds ping_interval{5'000};

}  // namespace

std::string encode_ephemeral(std::string_view channel, std::string_view bytes) {
    std::string message;
    message.reserve(2 + channel.size() + bytes.size());
    message.push_back(static_cast<char>((channel.size() >> 8) & 0xff));
    message.push_back(static_cast<char>(channel.size() & 0xff));
    return message.append(channel).append(bytes);
}

std::optional<EphemeralView> decode_ephemeral(std::string_view message) {
    if (message.size() < 2) return std::nullopt;
    const auto high = static_cast<unsigned char>(message[0]);
    const auto low = static_cast<unsigned char>(message[1]);
    const std::size_t length = static_cast<std::size_t>(high) * 256 + low;
    if (message.size() < 2 + length) return std::nullopt;
    return EphemeralView{message.substr(2, length), message.substr(2 + length)};
}

Ephemerals::Ephemerals(StoreCore& core, RedisClientOptions options)
    : core_(core),
      subscriber_(
          core.context, std::move(options),
          {.ready = [this] { subscribe(); }, .lost = nullptr, .push = [this](const Reply& reply) { pushed(reply); }}) {}

void Ephemerals::stop() {
    stopped_ = true;
    subscriber_.stop();
}

void Ephemerals::publish(std::string_view channel, std::string_view bytes) {
    const auto* const partition = core_.home(channel);
    if (partition == nullptr || stopped_ || channel.size() > 0xffff || under_way_ >= most_under_way) return;
    const auto topic = partition->keys.ephemerals();
    const auto message = encode_ephemeral(channel, bytes);
    const std::array<std::string_view, 3> command{"PUBLISH", topic, message};
    if (partition->pipeline->client().send(command, [this](const Reply*) { --under_way_; })) ++under_way_;
}

void Ephemerals::subscribe() {
    if (core_.partitions.empty()) return;
    std::vector<std::string> topics{"SUBSCRIBE"};
    for (const auto& [number, partition] : core_.partitions) topics.push_back(partition.keys.ephemerals());
    const std::vector<std::string_view> command(topics.begin(), topics.end());
    static_cast<void>(subscriber_.send_for_push(command));
    heard_ = true;
    if (!std::exchange(pinging_, true)) ping();
}

void Ephemerals::pushed(const Reply& reply) {
    heard_ = true;
    if (reply.is_error()) return subscriber_.reconnect();
    if (reply[0].text() != "message") return;
    const auto message = decode_ephemeral(reply[2].text());
    if (message) core_.sinks.ephemeral(std::string(message->channel), std::string(message->bytes));
}

// A subscription is silent by nature; only a ping tells a silent connection from a dead one.
void Ephemerals::ping() {
    core_.deadlines.after(ping_interval, [this] {
        if (stopped_) return;
        if (subscriber_.ready() && !std::exchange(heard_, false)) {
            heard_ = true;
            subscriber_.reconnect();
        } else if (subscriber_.ready()) {
            const std::array<std::string_view, 1> command{"PING"};
            static_cast<void>(subscriber_.send_for_push(command));
        }
        ping();
    });
}

}  // namespace foorumi::store
