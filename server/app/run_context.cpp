#include "app/run_context.hpp"

#include <spdlog/spdlog.h>

#include <exception>

namespace foorumi::app {

void run_context(boost::asio::io_context& context, std::string_view thread) {
    try {
        context.run();
    } catch (const std::exception& error) {
        spdlog::critical("{} failed: {}", thread, error.what());
        spdlog::default_logger()->flush();
        std::terminate();
    }
}

}  // namespace foorumi::app
