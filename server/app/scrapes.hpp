// Those who wait for a page of metrics. However many they are, the workers are asked once at a time: one that stands
// still does not find more to do when it goes on.
//
// Thread: that of the io_context, which outlives this.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foorumi::app {

class Scrapes {
   public:
    // Nothing: the workers have not told their counts in time.
    using Done = std::function<void(std::optional<std::string> page)>;
    // Makes a page and calls back with it, once, on this thread; at once or later, or never.
    using Gather = std::function<void(std::function<void(std::string)>)>;

    Scrapes(boost::asio::io_context& context, std::chrono::milliseconds limit, Gather gather)
        : context_(context), patience_(limit), gather_(std::move(gather)) {}

    // Answered once, within the patience.
    void add(Done done);

   private:
    struct Waiting {
        Done done;
        boost::asio::steady_timer timer;
    };

    void begin();
    void gathered(const std::string& page);

    boost::asio::io_context& context_;
    const std::chrono::milliseconds patience_;
    const Gather gather_;
    std::vector<std::shared_ptr<Waiting>> waiting_;
    bool gathering_ = false;
    bool late_ = false;  // somebody had no patience with the present one: some of its counts are old
};

}  // namespace foorumi::app
