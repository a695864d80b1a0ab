#include "app/process.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "app/seed.hpp"
#include "app/stalls.hpp"
#include "auth/key_file.hpp"
#include "store/installation.hpp"
#include "store/released_marks.hpp"

namespace foorumi::app {
namespace {

// For a Redis that is about to come, or to be whole.
constexpr std::chrono::seconds installation_deadline{60};

// Beside those of the connections: Redis, timers, files.
constexpr std::size_t own_descriptors = 1'024;

std::filesystem::path port_file(const config::Config& config) {
    return std::filesystem::path(config.data_directory) / "port";
}

void write_port(const config::Config& config, std::uint16_t port) {
    const auto path = port_file(config);
    const auto part = path.string() + ".part";
    std::ofstream(part) << port << '\n';
    std::filesystem::rename(part, path);
}

// tls null: plain.
std::string server_url(const config::Config& config, std::uint16_t port, const net::TlsContext* tls) {
    auto host = config.net.address;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    if (tls != nullptr) host = tls->host_for(host);
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return (tls == nullptr ? "ws://" : "wss://") + host + ":" + std::to_string(port);
}

// The terminal client beside this program, as one would type it here.
std::string client_command() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return "foorumi";
    const auto client = self.parent_path() / "foorumi";
    const auto relative = std::filesystem::proximate(client, error);
    if (error || relative.string().starts_with("../..")) return client.string();
    return relative.string();
}

// Says where it could not.
template <class Listen>
void listen_on(const std::string& where, Listen listen) {
    try {
        listen();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + where + ": " + error.code().message());
    }
}

std::string with(std::string text, const std::string& value) {
    if (const auto at = text.find("{}"); at != std::string::npos) text.replace(at, 2, value);
    return text;
}

}  // namespace

Process::Process(ProcessOptions options)
    : options_(std::move(options)), signals_(context_, SIGINT, SIGTERM), hangup_(context_, SIGHUP) {}

Process::~Process() = default;

int Process::run() {
    std::signal(SIGPIPE, SIG_IGN);
    grow_heap_by_much();
    const auto& config = options_.config;
    const auto wanted = config.net.max_connections + config.metrics.connections + own_descriptors;
    if (const auto room = make_room_for_descriptors(wanted); room < wanted && !options_.administrator)
        spdlog::warn(
            "room for {} descriptors, of {} that network.connections and metrics.connections may need: raise the limit "
            "(ulimit -n)",
            room, wanted);
    if (!load_tls() || !take_data_directory()) return 1;
    on_signal();
    on_hangup();
    starter_ = std::thread([this] { start(); });
    context_.run();
    if (starter_.joinable()) starter_.join();
    if (stopper_.joinable()) stopper_.join();
    return status_;
}

bool Process::load_tls() {
    if (options_.config.net.tls.empty()) return true;
    tls_ = std::make_shared<net::TlsContext>(options_.config.net.tls);
    const std::string problem = tls_->load();
    if (!problem.empty()) std::cerr << "foorumid: " << problem << '\n';
    return problem.empty();
}

bool Process::take_data_directory() {
    auto& config = options_.config;
    std::string error;
    if (config.store.url.empty() && config.store.replicas > 0) {
        error =
            "redis.replicas is set, but the Redis that foorumid starts by itself has none. Set redis.url, or "
            "redis.replicas = 0";
    } else if (config.store.url.empty()) {
        store::EmbeddedRedisOptions redis;
        redis.directory = config.data_directory;
        redis_ = std::make_unique<store::EmbeddedRedis>(context_, redis);
        error = redis_->start();
        if (error.empty()) config.store.url = redis_->url();
        // A server runs there: its Redis serves this process, too.
        const auto socket = redis.directory / "redis.sock";
        if (!error.empty() && options_.administrator && std::filesystem::exists(socket)) {
            config.store.url = "unix:" + socket.string();
            error.clear();
            redis_.reset();
        }
    } else if (options_.administrator) {
        // Any number of processes share an external one.
    } else {
        lock_ = store::OwnerLock::acquire(config.data_directory);
        error = lock_->error;
    }
    if (error.empty()) return true;
    std::cerr << "foorumid: " << error << '\n';
    redis_.reset();
    return false;
}

// On the starter's thread.
void Process::start() {
    try {
        auto& config = options_.config;
        const auto check = store::check_installation(config.store.url, config.store.partitions, installation_deadline,
                                                     config.store.replicas);
        if (!check.ok()) return fail(check.error);
        if (!check.warning.empty()) spdlog::warn("{}", check.warning);
        config.store.installation = check.id;
        config.store.restored = options_.restored;
        if (!options_.administrator)
            config.store.released = std::make_shared<store::ReleasedMarks>(
                (std::filesystem::path(config.data_directory) / "released").string(), check.id,
                config.store.partitions);
        auto server = std::make_unique<Server>(config, options_.version, tls_, load_sealer());
        {
            std::lock_guard lock(server_mutex_);
            if (stopping_) return;
            server_ = std::move(server);
        }
        if (!server_->start()) return;
        seed();
        if (options_.administrator) return invite_administrator();
        listen();
        write_port(config, server_->port());
        spdlog::info("listening on {} port {}, {} workers, installation {}", config.net.address, server_->port(),
                     server_->shared().settings.workers, check.id);
        tell();
    } catch (const std::exception& error) {
        if (!stopping_) fail(error.what());
    }
}

// Throws where a key's file is not as it must be.
auth::Sealer Process::load_sealer() const {
    const auto& config = options_.config;
    if (options_.administrator) return auth::Sealer(auth::random_key());  // which seals nothing
    const auto& wanted = config.second_factor;
    const auto own = std::filesystem::path(config.data_directory) / "second-factor.key";
    // One that was named must be there: a new one would open nothing that was sealed with it.
    auto key = wanted.key_file.empty() ? auth::load_or_create_key(own) : auth::load_key(wanted.key_file);
    if (key.has_error()) throw std::runtime_error(key.error().text);
    std::optional<auth::Secret> previous;
    if (!wanted.previous_key_file.empty()) {
        auto loaded = auth::load_key(wanted.previous_key_file);
        if (loaded.has_error()) throw std::runtime_error(loaded.error().text);
        previous = std::move(*loaded);
    }
    return auth::Sealer(std::move(*key), std::move(previous));
}

void Process::listen() {
    const auto& config = options_.config;
    listen_on(config.metrics.listen, [this] { server_->serve_metrics(); });
    listen_on(config.net.address + " port " + std::to_string(config.net.port), [this] { server_->listen(); });
}

void Process::seed() {
    Seed seed(server_->shared(), options_.config.data_directory);
    const bool has_demo = seed.first_start(options_.demo);
    if (options_.demo && has_demo) seed.demo();
    if (options_.demo && !has_demo)
        spdlog::warn("no demo content: it comes at the first start of a data directory only");
    if (options_.bench_rooms > 0) seed.bench_rooms(options_.bench_rooms);
}

void Process::invite_administrator() {
    const auto& shared = server_->shared();
    const auto token = invite(server_->shared(), *options_.administrator);
    const auto& language = shared.settings.language;
    std::cout << with(shared.catalogue.text(language, "admin.invited"), options_.administrator->name) << "\n\n  "
              << token << "\n\n"
              << with(shared.catalogue.text(language, "admin.accept"), client_command() + " accept") << std::endl;
    boost::asio::post(context_, [this] { begin_stop(); });
}

// What to do next, for the person who has just started the server.
void Process::tell() {
    const auto& shared = server_->shared();
    const auto& language = shared.settings.language;
    const auto url = server_url(options_.config, server_->port(), tls_.get());
    std::cout << '\n' << with(shared.catalogue.text(language, "start.listening"), url) << "\n\n";
    const auto logins = Seed(server_->shared(), options_.config.data_directory).logins();
    std::cout << shared.catalogue.text(language, logins.empty() ? "start.no_members" : "start.members") << "\n\n";
    auto client = client_command() + " --server " + url;
    if (tls_) client += " --ca-file " + options_.config.net.tls.certificate;
    for (const auto& login : logins) {
        std::cout << "  " << login.name << " (" << login.roles;
        if (!login.municipality.empty()) std::cout << ", " << login.municipality;
        std::cout << ")\n    " << client << " --token-file " << login.token_file.string() << " chat " << login.room
                  << '\n';
    }
    std::cout << std::endl;
}

void Process::fail(const std::string& problem) {
    spdlog::error("cannot start: {}", problem);
    std::cerr << "foorumid: " << problem << std::endl;
    status_ = 1;
    boost::asio::post(context_, [this] { begin_stop(); });
}

void Process::on_signal() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
        if (error) return;
        spdlog::info("signal {}: stopping", signal);
        begin_stop();
        // Who asks again does not want to wait. Redis ends with this process, and nothing acknowledged is lost.
        signals_.async_wait([](boost::system::error_code again, int) {
            if (!again) std::_Exit(130);
        });
    });
}

void Process::on_hangup() {
    hangup_.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        if (!tls_)
            spdlog::info("SIGHUP: there is no certificate to load anew");
        else if (const std::string problem = tls_->load(); problem.empty())
            spdlog::info("SIGHUP: new connections get the certificate {}", options_.config.net.tls.certificate);
        else
            spdlog::error("SIGHUP: the certificate stays as it was: {}", problem);
        on_hangup();
    });
}

// On the main thread.
void Process::begin_stop() {
    if (stopping_.exchange(true)) return;
    stopper_ = std::thread([this] { stop(); });
}

// On the stopper's thread.
void Process::stop() {
    {
        std::lock_guard lock(server_mutex_);
        if (server_) server_->shared().stopping = true;
    }
    starter_.join();
    if (server_) server_->stop();
    std::error_code ignored;
    if (!options_.administrator) std::filesystem::remove(port_file(options_.config), ignored);
    boost::asio::post(context_, [this] {
        signals_.cancel();
        hangup_.cancel();
        if (!redis_) return context_.stop();
        redis_->stop([this] { context_.stop(); });
    });
}

}  // namespace foorumi::app
