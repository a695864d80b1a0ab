#include "client/connection_news.hpp"

#include <utility>

#include "client/display.hpp"

namespace foorumi::client {
namespace {

constexpr Millis second_ms = 1'000;

std::string seconds(Millis ms) { return std::to_string((ms + second_ms / 2) / second_ms); }

}  // namespace

void ConnectionNews::on_notice(const foorumi::v1::Notice& notice) {
    const auto& error = notice.closing().error();
    if (notice.has_draining() || error.reason() == "stopping") {
        announced_ = texts_.text("connection.stopping");
    } else if (notice.has_closing()) {
        announced_ = visible(error.text().empty() ? error.reason() : error.text(), Lines::one);
        if (announced_.ends_with('.')) announced_.pop_back();
    }
}

std::string ConnectionNews::reason(const std::string& why) {
    if (!announced_.empty()) return std::exchange(announced_, {});
    return why.empty() ? texts_.text("connection.silent") : visible(why, Lines::one);
}

std::optional<std::string> ConnectionNews::on_lost(const std::string& why, Millis retry_in_ms, Millis now) {
    const std::string because = reason(why);
    if (lost_at_) {
        if (now - told_at_ < again_ms) return std::nullopt;
        told_at_ = now;
        return texts_.text("connection.still_lost", {{"why", because}, {"seconds", seconds(now - *lost_at_)}});
    }
    lost_at_ = told_at_ = now;
    if (retry_in_ms < second_ms) return texts_.text("connection.lost_now", {{"why", because}});
    return texts_.text("connection.lost", {{"why", because}, {"seconds", seconds(retry_in_ms)}});
}

std::string ConnectionNews::on_back() {
    lost_at_.reset();
    announced_.clear();
    return texts_.text("connection.back");
}

}  // namespace foorumi::client
