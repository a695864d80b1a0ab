// What Redis alone does with the commit script, and messages put in bulk.
#include "commit_script.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>

#include "codec/entity_codec.hpp"
#include "forum/keys.hpp"
#include "measure.hpp"
#include "store/scripts.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t any_directory = 1ULL << 40U;  // newer than any fence
constexpr std::size_t in_flight = 512;

class Redis {
   public:
    explicit Redis(const fs::path& socket) : context_(::redisConnectUnix(socket.c_str()), ::redisFree) {
        if (!context_ || context_->err != 0) throw std::runtime_error("no connection to " + socket.string());
    }

    void send(const std::vector<std::string>& command) {
        std::vector<const char*> texts;
        std::vector<std::size_t> sizes;
        for (const std::string& word : command) {
            texts.push_back(word.data());
            sizes.push_back(word.size());
        }
        if (::redisAppendCommandArgv(context_.get(), static_cast<int>(texts.size()), texts.data(), sizes.data()) !=
            REDIS_OK) {
            throw std::runtime_error("redis: out of memory");
        }
    }

    std::string receive() {
        void* raw = nullptr;
        if (::redisGetReply(context_.get(), &raw) != REDIS_OK) throw std::runtime_error("redis: connection lost");
        const std::unique_ptr<redisReply, void (*)(void*)> reply(static_cast<redisReply*>(raw), ::freeReplyObject);
        if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(std::string("redis: ") + reply->str);
        const redisReply* first = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 ? reply->element[0] : &*reply;
        return first->str == nullptr ? std::string() : std::string(first->str, first->len);
    }

    std::string run(const std::vector<std::string>& command) {
        send(command);
        return receive();
    }

   private:
    std::unique_ptr<redisContext, void (*)(redisContext*)> context_;
};

std::vector<std::string> evalsha(const store::ScriptCall& call) {
    std::vector<std::string> command{"EVALSHA", call.script->sha, std::to_string(call.keys.size())};
    for (std::size_t i = 0; i < call.keys.size(); ++i) command.emplace_back(call.keys[i]);
    for (std::size_t i = 0; i < call.arguments.size(); ++i) command.emplace_back(call.arguments[i]);
    return command;
}

// What a post of ours commits.
store::Commit post_commit(const Room& room, std::size_t text_size) {
    forum::Message message;
    message.thread = room.thread;
    message.author = 1;
    message.badge.municipality = "837";
    message.text = std::string(text_size, 'x');
    message.created = 1'700'000'000'000;
    store::Commit commit;
    commit.puts.push_back({std::string(forum::new_message_key), codec::encode_value(message), {}});
    commit.indexes.push_back({forum::thread_index(room.thread), forum::new_thread_index_member(1), 0, false});
    commit.indexes.push_back({std::string(forum::threads_index), std::to_string(room.thread), 0, false});
    return commit;
}

std::vector<std::string> post_command(const Room& room, std::size_t text_size, const store::ChangeId& id,
                                      std::uint64_t author) {
    store::ChangeRequest request;
    request.channel = forum::room_channel(room.id);
    request.author = author;
    request.change_id = id;
    request.fingerprint.fill('f');
    store::Options options;
    options.feed_backlog = 1'000'000'000;
    const store::Commit commit = post_commit(room, text_size);
    const store::RedisKeys keys(store::partition_of(request.channel, options.partitions));
    static const std::vector<store::Expectation> nothing;
    return evalsha(store::commit_call(
        keys, options,
        {.request = request, .expectations = nothing, .commit = &commit, .directory_version = any_directory}));
}

std::string quoted(const std::string& word) {
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') out += "'\\'";
        out += c;
    }
    return out + '\'';
}

// The last "requests per second" that redis-benchmark has printed.
double rate_in(const std::string& output) {
    const std::string mark = "requests per second";
    const auto at = output.rfind(mark);
    if (at == std::string::npos) throw std::runtime_error("redis-benchmark: " + output);
    const auto begin = output.find_last_of(" \n:\r", at - 2);
    return std::stod(output.substr(begin + 1));
}

}  // namespace

fs::path redis_socket_in(const fs::path& work) { return work / "redis.sock"; }

Child start_redis(int core, const fs::path& work) {
    const fs::path socket = redis_socket_in(work);
    Child redis(core,
                std::vector<std::string>{"redis-server", "--port", "0", "--unixsocket", socket.string(), "--dir",
                                         work.string(), "--appendonly", "yes", "--appendfsync", "always", "--save", ""},
                work / "log");
    for (int i = 0; i < 1000 && !fs::exists(socket) && redis.running(); ++i) ::usleep(10'000);
    Redis(socket).run({"SCRIPT", "LOAD", std::string(store::commit_script().body)});
    return redis;
}

std::string commit_request(const Room& room, const store::ChangeId& id) {
    const std::vector<std::string> words = post_command(room, text_bytes, id, 1);
    std::string bytes = '*' + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words) bytes += '$' + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return bytes;
}

double commit_script_per_second(int redis_core, const fs::path& directory, std::size_t connections,
                                std::size_t executions) {
    const WorkDirectory work(directory);
    const fs::path socket = redis_socket_in(work.path());
    const Child redis = start_redis(redis_core, work.path());
    // redis-benchmark puts another number into each command in the place of __rand_int__; no byte may be 0.
    store::ChangeId id{};
    std::copy_n("__rand_int__1234", id.size(), id.begin());
    std::string command = "redis-benchmark -s " + quoted(socket.string()) + " -c " + std::to_string(connections) +
                          " -n " + std::to_string(executions) + " -r 2000000000 -q";
    for (const std::string& word : post_command({7, 3}, text_bytes, id, 0x6161616161616161ULL)) {
        command += ' ' + quoted(word);
    }
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), &::pclose);
    std::string output;
    std::array<char, 4096> some{};
    while (const std::size_t got = std::fread(some.data(), 1, some.size(), pipe.get())) output.append(some.data(), got);
    return rate_in(output);
}

double load_messages(const fs::path& socket, const Room& room, std::size_t messages) {
    Redis redis(socket);
    std::mt19937_64 random(messages);
    const auto start = std::chrono::steady_clock::now();
    std::size_t sent = 0, done = 0;
    while (done < messages) {
        for (; sent < messages && sent - done < in_flight; ++sent) {
            store::ChangeId id{};
            for (auto& byte : id) byte = static_cast<std::uint8_t>(random());
            redis.send(post_command(room, text_bytes, id, 1));
        }
        if (redis.receive() != "ok") throw std::runtime_error("a message could not be put");
        ++done;
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

PageTimes bare_pages(const fs::path& socket, const Room& room, std::size_t messages, std::size_t pages) {
    Redis redis(socket);
    std::mt19937_64 random(1);
    const std::string channel = forum::room_channel(room.id);
    const store::RedisKeys keys(store::partition_of(channel, store::Options{}.partitions));
    std::vector<double> times;
    for (std::size_t i = 0; i < pages; ++i) {
        const std::uint64_t first = room.thread + 1 + random() % (messages - page_of_messages);
        std::vector<std::string> command{"HMGET", keys.entities(channel)};
        for (std::uint64_t k = 0; k < page_of_messages; ++k) command.push_back(forum::message_key(first + k));
        const auto start = std::chrono::steady_clock::now();
        if (redis.run(command).empty()) throw std::runtime_error("no messages where they were put");
        times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    return {percentile(times, 0.5), percentile(times, 0.99)};
}

std::size_t redis_bytes(const fs::path& socket) {
    std::istringstream info(Redis(socket).run({"INFO", "memory"}));
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("used_memory:")) return std::stoul(line.substr(12));
    }
    throw std::runtime_error("redis does not tell its memory");
}

}  // namespace foorumi::bench
