#include "observability/logging.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "observability/line_formatter.hpp"

namespace foorumi::observability {
namespace {

// Fields of the line that this thread is logging. Sinks format within the call, on the same thread.
thread_local std::span<const Field> current_fields;

spdlog::level::level_enum spdlog_level(Level level) {
    constexpr std::array levels{spdlog::level::trace, spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                spdlog::level::err};
    return levels.at(static_cast<std::size_t>(level));
}

class LineFormatter final : public spdlog::formatter {
   public:
    explicit LineFormatter(bool json) : json_(json) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto level = spdlog::level::to_string_view(message.level);
        const Line line{message.time,
                        {level.data(), level.size()},
                        {message.payload.data(), message.payload.size()},
                        current_fields};
        const auto text = json_ ? json_line(line) : text_line(line);
        out.append(text.data(), text.data() + text.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineFormatter>(json_);
    }

   private:
    bool json_;
};

boost::system::result<spdlog::sink_ptr> make_sink(const std::string& file) {
    if (file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    errno = 0;
    if (!std::ofstream(file, std::ios::app)) {
        return boost::system::error_code(errno != 0 ? errno : EIO, boost::system::generic_category());
    }
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}

}  // namespace

void log(Level level, std::string_view what, std::initializer_list<Field> fields) {
    auto* logger = spdlog::default_logger_raw();
    if (!logger->should_log(spdlog_level(level))) return;
    current_fields = {fields.begin(), fields.size()};
    logger->log(spdlog_level(level), spdlog::string_view_t(what.data(), what.size()));
    current_fields = {};
}

std::string request_name(std::uint64_t session, std::uint64_t request) {
    return 's' + std::to_string(session) + ".r" + std::to_string(request);
}

boost::system::result<void> start_logging(const LogOptions& options) {
    auto sink = make_sink(options.file);
    if (!sink) return sink.error();
    auto logger = std::make_shared<spdlog::logger>("foorumi", std::move(*sink));
    logger->set_formatter(make_formatter(options.format));
    logger->set_level(spdlog::level::from_str(options.level));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    return {};
}

std::unique_ptr<spdlog::formatter> make_formatter(std::string_view format) {
    return std::make_unique<LineFormatter>(format == "json");
}

}  // namespace foorumi::observability
