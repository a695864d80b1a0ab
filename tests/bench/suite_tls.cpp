// Deliveries over TLS, beside a loop that does nothing but SSL_write().
#include <memory>
#include <utility>

#include "fanout_contest.hpp"
#include "raw_server.hpp"
#include "raw_tls_server.hpp"

namespace foorumi::bench {
namespace {

constexpr std::size_t tls_frame_bytes = 300;  // as in the plain fan-out
constexpr const char* loop_name = "OpenSSL loop";

FanOutLoad tls_loop_load(const RawTlsServer& server, std::size_t subscribers, std::string& cipher) {
    std::vector<Stream> streams;
    for (std::size_t i = 0; i <= subscribers; ++i) {
        streams.emplace_back(connect_to(server.port()));
        streams.back().start_tls();
    }
    cipher = streams.back().cipher();
    return {loop_name, raw_dialect(tls_frame_bytes), std::move(streams), 0, {server.pid()}};
}

}  // namespace

void fanout_over_tls(const Plan& plan, Report& report) {
    const WorkDirectory work(plan.directory);
    ServerOptions options = plan.server_options(1);
    options.tls = true;
    const ServerProcess server(options);
    const RawTlsServer loop(plan.server_core, make_certificate(work.path()));
    auto setup = open_sessions(server.address(), server.tokens(), 1);
    const std::vector<Room> rooms = prepare_rooms(setup.front(), 1);
    std::string loop_cipher;
    std::vector<FanOutLoad> loads;
    loads.push_back(foorumi_fanout(server, rooms.front(), plan.subscribers));
    loads.push_back(tls_loop_load(loop, plan.subscribers, loop_cipher));
    report.remarks.push_back("TLS: foorumid speaks " + setup.front().cipher() + ", the OpenSSL loop " + loop_cipher);
    for (const std::size_t in_flight : {1U, 16U}) {
        compete_at(
            plan, report, loads,
            {"TLS, " + std::to_string(plan.subscribers) + " sessions, " + std::to_string(in_flight) + " in flight",
             in_flight,
             loop_name,
             "",
             {"foorumid", loop_name}});
    }
}

}  // namespace foorumi::bench
