// What is logged while it lives.
#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

namespace foorumi::test {

class CapturedLog {
   public:
    CapturedLog() : before_(spdlog::default_logger()) {
        const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_);
        const auto logger = std::make_shared<spdlog::logger>("captured", sink);
        logger->set_level(spdlog::level::trace);
        spdlog::set_default_logger(logger);
    }
    ~CapturedLog() { spdlog::set_default_logger(before_); }
    [[nodiscard]] std::string text() const { return out_.str(); }

   private:
    std::ostringstream out_;
    std::shared_ptr<spdlog::logger> before_;
};

}  // namespace foorumi::test
