#include "app/figures.hpp"

namespace foorumi::app {

Figures& Figures::operator+=(const Figures& other) {
    net += other.net;
    connections += other.connections;
    sessions += other.sessions;
    handshakes_waiting += other.handshakes_waiting;
    dispatch += other.dispatch;
    openings.under_way += other.openings.under_way;
    openings.waiting += other.openings.waiting;
    store += other.store;
    if (other.entrance) entrance = other.entrance;
    return *this;
}

Figures figures_of(dispatch::Worker& worker, const net::WorkerNet& net) {
    return {net.statistics(),
            net.connections(),
            worker.dispatcher().sessions(),
            net.handshakes_waiting(),
            worker.dispatcher().counts(),
            worker.home().openings(),
            worker.store().figures(),
            std::nullopt};
}

}  // namespace foorumi::app
