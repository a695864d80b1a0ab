// What a thread of the server's own does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string_view>

namespace foorumi::app {

// Runs it until it is stopped. What escapes a handler is a bug, and what the thread holds may be half changed: that is
// logged, and the process ends. Nothing that was acknowledged depends on it.
void run_context(boost::asio::io_context& context, std::string_view thread);

}  // namespace foorumi::app
