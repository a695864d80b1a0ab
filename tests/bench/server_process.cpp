#include "server_process.hpp"

#include <sched.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "certificate.hpp"

namespace foorumi::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// The demo content and the rooms are made meanwhile.
constexpr std::chrono::seconds start_deadline{120};
constexpr std::chrono::milliseconds start_deadline_of_room{5};
constexpr std::chrono::milliseconds look_interval{20};
// Fifteen times as often as Prometheus does by default.
constexpr std::chrono::seconds scrape_interval{1};

// Limits that would measure the limits. A run is not disturbed by pings, which the load does not answer.
constexpr const char* config_text = R"([network]
connections_per_address = 18000
connections_per_member = 18000
ping_interval_ms = 3600000
idle_timeout_ms = 7200000
[session]
requests_per_second = 1000000
request_burst = 1000000
member_requests_per_second = 1000000
member_request_burst = 1000000
)";

std::string read_file(const fs::path& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

void pin_to_core(int core) {
    if (core < 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) {
        throw std::system_error(errno, std::system_category(), "sched_setaffinity");
    }
}

std::vector<int> available_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> cores;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
    }
    return cores;
}

std::string server_version(const fs::path& program) {
    std::string command = program.string();
    command.insert(0, 1, '\'').append("' --version");
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
    std::array<char, 256> line{};
    if (!pipe || std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) == nullptr) {
        throw std::runtime_error(program.string() + " cannot be run");
    }
    std::string version(line.data());
    while (!version.empty() && version.back() == '\n') version.pop_back();
    return version;
}

ServerProcess::ServerProcess(ServerOptions options) : options_(std::move(options)), directory_(options_.directory) {
    std::ofstream config(directory_.path() / "bench.toml");
    config << config_text;
    if (options_.tls) {
        const Certificate made = make_certificate(directory_.path());
        config << "[tls]\ncertificate = " << made.certificate << "\nkey = " << made.key << '\n';
    }
    const Address metrics{free_port(), false};
    config << "[metrics]\nlisten = \"127.0.0.1:" << metrics.port << "\"\n";
    config.close();
    start();
    read_tokens();
    if (!answers(metrics, "/metrics")) throw std::runtime_error("foorumid does not tell its metrics:\n" + log_end());
    scrapes_.emplace(-1, [metrics] {
        while (true) {
            static_cast<void>(answers(metrics, "/metrics"));  // refused while it starts again
            std::this_thread::sleep_for(scrape_interval);
        }
    });
}

void ServerProcess::start() {
    const fs::path& directory = directory_.path();
    const std::vector<std::string> command = {options_.program.string(),
                                              "--config",
                                              (directory / "bench.toml").string(),
                                              "--data",
                                              (directory / "var").string(),
                                              "--port",
                                              std::to_string(port_),
                                              "--workers",
                                              std::to_string(options_.workers),
                                              "--demo",
                                              "--bench-rooms",
                                              std::to_string(options_.rooms)};
    fs::remove(directory / "var" / "port");
    child_.emplace(options_.core, command, directory / "log");  // its Redis inherits the core
    wait_until_ready();
}

void ServerProcess::restart() {
    child_->kill();
    start();
}

void ServerProcess::wait_until_ready() {
    const auto end = steady_clock::now() + start_deadline + options_.rooms * start_deadline_of_room;
    while (steady_clock::now() < end) {
        if (!child_->running()) throw std::runtime_error("foorumid has ended at its start:\n" + log_end());
        std::ifstream port_file(directory_.path() / "var" / "port");
        if (port_file >> port_ && answers(address(), "/healthz")) return;
        std::this_thread::sleep_for(look_interval);
    }
    throw std::runtime_error("foorumid does not get ready:\n" + log_end());
}

void ServerProcess::read_tokens() {
    for (const auto& entry : fs::directory_iterator(directory_.path() / "var" / "demo")) {
        if (entry.path().extension() != ".token") continue;
        std::string token = read_file(entry.path());
        while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
        tokens_.push_back(token);
    }
    if (tokens_.empty()) throw std::runtime_error("the server has no demo members");
}

std::string ServerProcess::log_end() const {
    const std::string text = read_file(directory_.path() / "log");
    return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

}  // namespace foorumi::bench
