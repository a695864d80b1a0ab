#include "peers.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "naive_beast.hpp"
#include "wire.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;

// --- MQTT 3.1.1, as little of it as needed

constexpr char mqtt_connack = 0x20;
constexpr char mqtt_publish = 0x30;
constexpr char mqtt_suback = static_cast<char>(0x90);

std::string mqtt_text(std::string_view text) {
    std::string out;
    out += static_cast<char>(text.size() >> 8);
    out += static_cast<char>(text.size());
    return out.append(text);
}

std::string mqtt_packet(char type, std::string_view body) {
    std::string out(1, type);
    std::size_t size = body.size();
    do {
        const auto more = size > 127 ? 0x80 : 0;
        out += static_cast<char>((size & 127) | static_cast<std::size_t>(more));
        size >>= 7;
    } while (size > 0);
    return out.append(body);
}

// Calls back with type and body of each packet in the payload.
template <class OnPacket>
void each_mqtt_packet(std::string_view payload, OnPacket on_packet) {
    while (!payload.empty()) {
        std::size_t at = 1, size = 0;
        for (int shift = 0;; shift += 7, ++at) {
            if (at >= payload.size()) throw std::runtime_error("a cut MQTT packet");
            size |= static_cast<std::size_t>(payload[at] & 127) << shift;
            if ((payload[at] & 128) == 0) break;
        }
        ++at;
        if (payload.size() - at < size) throw std::runtime_error("a cut MQTT packet");
        on_packet(payload[0], payload.substr(at, size));
        payload.remove_prefix(at + size);
    }
}

void expect_packet(PlainClient& client, char type) {
    const std::string answer = client.receive();
    if (answer.empty() || answer[0] != type) throw std::runtime_error("mosquitto has refused a client");
}

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream out(path);
    out << text;
    if (!out.flush()) throw std::runtime_error(path.string() + " cannot be written");
}

constexpr const char* nchan_module = "/usr/lib/nginx/modules/ngx_nchan_module.so";

std::string nginx_config(const fs::path& directory, std::uint16_t port, std::uint16_t redis_port) {
    const std::string dir = directory.string();
    std::string temporary;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
        temporary += std::string(kind) + "_temp_path " + dir + "/" + kind + ";\n";
    }
    std::string redis, pass;
    if (redis_port != 0) {
        redis = "upstream redis { nchan_redis_server redis://127.0.0.1:" + std::to_string(redis_port) + "; }\n";
        pass = "nchan_redis_pass redis;\n";
    }
    return "load_module " + std::string(nchan_module) + ";\ndaemon off; master_process off; worker_processes 1;\npid " +
           dir + "/nginx.pid; error_log " + dir + "/nginx.log error;\nevents { worker_connections 19000; }\nhttp {\n" +
           "access_log off;\n" + temporary + redis + "server { listen 127.0.0.1:" + std::to_string(port) + ";\n" +
           "location ~ ^/pub/(\\w+)$ { nchan_publisher websocket; nchan_channel_id $1; nchan_message_buffer_length "
           "64;\n" +
           pass +
           "}\nlocation ~ ^/sub/(\\w+)$ { nchan_subscriber websocket; nchan_channel_id $1; "
           "nchan_subscriber_first_message newest;\n" +
           pass + "}\n}\n}\n";
}

}  // namespace

Mosquitto::Mosquitto(int core, const fs::path& directory) : port_(free_port()) {
    const fs::path config = directory / "mosquitto.conf";
    write_file(config, "listener " + std::to_string(port_) +
                           " 127.0.0.1\nprotocol websockets\nallow_anonymous true\npersistence false\nlog_type error\n"
                           "set_tcp_nodelay true\nmax_queued_messages 100000\n");
    child_.emplace(core, std::vector<std::string>{"mosquitto", "-c", config.string()}, directory / "mosquitto.log");
    await_port(port_, *child_, "mosquitto");
}

PlainClient Mosquitto::client(const std::string& name, const std::string& topic) const {
    PlainClient client(port_, "/mqtt", "mqtt");
    const std::string head("\0\4MQTT\4\2\0\0", 10);  // version 3.1.1, clean session, no keep-alive
    client.send(mqtt_packet(0x10, head + mqtt_text(name)));
    expect_packet(client, mqtt_connack);
    if (topic.empty()) return client;
    client.send(mqtt_packet(static_cast<char>(0x82), std::string("\0\1", 2) + mqtt_text(topic) + '\0'));
    expect_packet(client, mqtt_suback);
    return client;
}

Dialect Mosquitto::dialect(const std::string& topic, std::size_t payload_bytes) {
    Dialect dialect;
    dialect.post = OpaquePost(payload_bytes, [&](const std::string& payload) {
        return client_frame(mqtt_packet(mqtt_publish, mqtt_text(topic) + payload));
    });
    dialect.read = [head = 2 + topic.size()](std::string_view payload, const OnVersion& delivered) {
        each_mqtt_packet(payload, [&](char type, std::string_view body) {
            if (type == mqtt_publish) delivered(read_version(body.substr(head)));
        });
    };
    dialect.answer = [](std::string_view) {};
    return dialect;
}

bool Nchan::installed() { return is_installed("nginx") && fs::exists(nchan_module); }

Nchan::Nchan(int core, const fs::path& directory, bool redis) : port_(free_port()) {
    std::uint16_t redis_port = 0;
    if (redis) {
        redis_port = free_port();
        redis_.emplace(
            core,
            std::vector<std::string>{"redis-server", "--port", std::to_string(redis_port), "--bind", "127.0.0.1",
                                     "--save", "", "--appendonly", "no", "--dir", directory.string()},
            directory / "redis.log");
        await_port(redis_port, *redis_, "redis-server");
    }
    const fs::path config = directory / "nginx.conf";
    write_file(config, nginx_config(directory, port_, redis_port));
    child_.emplace(core, std::vector<std::string>{"nginx", "-p", directory.string(), "-c", config.string()},
                   directory / "nginx.out");
    await_port(port_, *child_, "nginx with nchan");
    await_channel();
}

// It answers before it has its Redis.
void Nchan::await_channel() const {
    constexpr int tries = 500;
    for (int i = 1;; ++i) {
        try {
            static_cast<void>(subscriber("ready"));
            return;
        } catch (const std::runtime_error&) {
            if (i == tries) throw;
            ::usleep(10'000);
        }
    }
}

PlainClient Nchan::subscriber(const std::string& channel) const { return {port_, "/sub/" + channel, ""}; }

PlainClient Nchan::publisher(const std::string& channel) const { return {port_, "/pub/" + channel, ""}; }

Dialect Nchan::dialect(std::size_t payload_bytes) { return broadcast_dialect(payload_bytes); }

}  // namespace foorumi::bench
