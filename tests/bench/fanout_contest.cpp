#include "fanout_contest.hpp"

#include <map>
#include <utility>

namespace foorumi::bench {
namespace {

void add_costs(Report& report, const std::string& what, const std::string& name, const std::vector<Rate>& rates) {
    std::vector<double> cost, server_busy, load_busy;
    for (const Rate& rate : rates) {
        cost.push_back(rate.server_us);
        server_busy.push_back(rate.server_busy * 100);
        load_busy.push_back(rate.load_busy * 100);
    }
    report.add({"fanout CPU", what + ": " + name, "us/delivery", spread_of(cost), 2, "", {}, ""});
    report.add({"fanout CPU", what + ": " + name + ", busy", "% of a core", spread_of(server_busy), 0, "", {}, ""});
    report.add(
        {"fanout CPU", what + ": the load on " + name + ", busy", "% of a core", spread_of(load_busy), 0, "", {}, ""});
}

}  // namespace

void compete_at(const Plan& plan, Report& report, std::vector<FanOutLoad>& loads, const Contest& contest) {
    std::map<std::string, std::vector<Rate>> rates;
    std::vector<Contender> contenders;
    for (FanOutLoad& load : loads) {
        static_cast<void>(load.run(contest.in_flight, std::chrono::milliseconds(300)));  // warm
        contenders.push_back({load.name(),
                              [&] {
                                  rates[load.name()].push_back(load.run(contest.in_flight, plan.round_time));
                                  return rates[load.name()].back().per_second;
                              },
                              load.name() == contest.beside ? "" : contest.beside,
                              load.name().starts_with("foorumid") ? contest.goal : ""});
    }
    compete(report, "fanout", contest.what, "deliveries/s", plan.rounds, std::move(contenders));
    for (const std::string& name : contest.cost_of) add_costs(report, contest.what, name, rates[name]);
}

}  // namespace foorumi::bench
