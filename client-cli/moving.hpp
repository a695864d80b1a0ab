// `mod move`, `split` and `merge`: shows what is moved, asks, and waits until it is where it is to be. `locate`: where
// something is now.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <string>

#include "program.hpp"

namespace foorumi::client {

class Moving final : public Program {
   public:
    explicit Moving(const Environment& environment) : Program(environment), pause_(io()) {}

   private:
    void begin() override;
    void on_time_limit() override;
    void on_refused(const Answer& answer) override;

    // Shows the first message of what is moved, and asks; then moves.
    void when_sure();
    void move();
    [[nodiscard]] Request moved(bool exposes_history) const;
    void wait_until_there();
    void locate();
    void show_place(const foorumi::v1::Place& place);
    // Not where it was when it was begun.
    [[nodiscard]] bool is_there(const foorumi::v1::Place& place) const;

    boost::asio::steady_timer pause_;
    bool exposes_ = false;
    bool begun_ = false;
    foorumi::v1::Committed committed_;
};

}  // namespace foorumi::client
